"""What of a file was not read stands in its record and at the end of the run; --range reads what has no range."""

import json

import numpy as np
import pytest

from tests.imaging.formats.tiff.files import by_hand
from tests.imaging.images import gradient
from tests.program import dlcli

TAGS = {256: 40, 257: 24, 258: 16, 259: 1, 262: 2}
NOTE = "of its 4 bands only the first three (red, green, blue) were read"


@pytest.fixture
def folder(tmp_path):
    """Two images with near infrared, one without, one of floating point numbers."""
    bands = np.dstack([gradient(dtype=np.uint16), gradient(dtype=np.uint16)[..., 0]])
    for name in ("a.tif", "b.tif"):
        (tmp_path / name).write_bytes(by_hand(bands.tobytes(), TAGS | {277: 4, 338: 0}))
    (tmp_path / "c.tif").write_bytes(by_hand(gradient(dtype=np.uint16).tobytes(), TAGS | {277: 3}))
    numbers = gradient()[..., 0].astype("<f4") / 255
    (tmp_path / "d.tif").write_bytes(by_hand(numbers.tobytes(), TAGS | {258: 32, 262: 1, 277: 1, 339: 3}))
    return tmp_path


@pytest.mark.parametrize("threads", [1, 3])
def test_notes_are_in_records_and_counted(folder, threads):
    ran = dlcli("classify", folder, "--json", "--threads", threads)
    records = [json.loads(line) for line in ran.lines]
    assert [record.get("notes") for record in records] == [[NOTE], [NOTE], None, None]
    assert list(records[0])[5:8] == ["exif_orientation", "notes", "model"]
    assert f"{NOTE} (2 images)" in ran.reported
    assert records[3]["error"]["kind"] == "unsupported"
    assert ran.code == 3


def test_a_range_reads_the_rest(folder):
    ran = dlcli("preprocess", folder, "--range", "0,1", "--gamma", 1, "--format", "png", "--out", folder / "out")
    assert ran.code == 0
    assert (folder / "out" / "d.png").exists()


def test_a_range_that_is_none():
    ran = dlcli("detect", "sample_data/cat.jpg", "--range", "9,1")
    assert ran.code == 2
    assert "--range 9,1: expected two numbers" in ran.err


def test_crops_have_the_notes_of_their_image(folder):
    found = folder / "found.jsonl"
    record = {"schema": "dlcli.detect/1", "source": str(folder / "a.tif"), "ok": True, "width": 40, "height": 24}
    box = {"label": "cat", "class_id": 7, "score": 0.5, "box": [1.0, 1.0, 20.0, 20.0]}
    record |= {"exif_orientation": 1, "model": "x", "detections": [box], "truncated": False}
    found.write_text(json.dumps(record) + "\n")
    ran = dlcli("classify", "--from-jsonl", found, "--json")
    assert json.loads(ran.out)["notes"] == [NOTE]
