"""--from-jsonl: what one command found becomes the images of the next."""

import json
import os
import shutil

import cv2
import numpy as np
import pytest

from dlcli.batch.sources.records import sources_of_records
from dlcli.errors import UsageError
from dlcli.imaging.reader import read_image
from dlcli.records import Source
from tests.program import CAT, ROOT, SAMPLES, dlcli, unscored

REGION = {"label": "x", "class_id": 1, "share": 0.5}


def detection(box, label="cat", score=0.9):
    return {"label": label, "class_id": 7, "score": score, "box": box}


def write(path, *records):
    path.write_text("\n".join(json.dumps(whole(record)) for record in records))
    return str(path)


def whole(record):
    """With what every record has."""
    head = {"schema": "dlcli.detect/1", "source": "a.jpg", "ok": True}
    size = {"width": 451, "height": 300, "exif_orientation": 1, "model": "m"} if record.get("ok", True) else {}
    return head | size | ({"truncated": False} if "detections" in record else {}) | record


def test_every_box_is_a_source_with_a_place_of_its_own(tmp_path):
    boxes = [detection([1, 2, 3, 4]), detection([5, 6, 7, 8], "dog", 0.5)]
    file = write(tmp_path / "r", {"source": "in/a.jpg", "detections": boxes}, {"source": "in/b.png", "detections": []})
    first, second = sources_of_records(file)
    assert (first.name, str(first.place), first.shown) == ("in/a.jpg", "a-000.jpg", "in/a.jpg#0")
    assert str(second.place) == "a-001.jpg"
    assert second.crop.fields() == {"index": 1, "label": "dog", "score": 0.5, "box": [5, 6, 7, 8]}


def test_a_failure_stays_one(tmp_path):
    error = {"kind": "empty", "message": "a.jpg: the file is empty"}
    (source,) = sources_of_records(write(tmp_path / "r", {"ok": False, "error": error}))
    assert (source.failure.kind, source.failure.message) == ("empty", "a.jpg: the file is empty")


def test_names_that_are_no_utf_8_come_back(tmp_path):
    record = {"source": "a\ufffd.jpg", "source_bytes": "Yf8uanBn", "detections": [detection([0, 0, 9, 9])]}
    (source,) = sources_of_records(write(tmp_path / "r", record))
    assert os.fsencode(source.path) == b"a\xff.jpg"


@pytest.mark.parametrize(
    "record",
    [
        {"detections": [{"label": "x", "score": 1, "box": [1, 2]}]},
        {"detections": 5},
        {"detections": [{"label": "x", "box": [1, 2, 3, 4]}]},
        {"schema": "dlcli.segment/1", "classes": [REGION | {"rle": {"size": [3, 3], "counts": "zz~~"}}]},
        {"schema": "dlcli.segment/1", "classes": [REGION | {"rle": {"size": [3], "counts": "0"}}]},
        {"detections": [], "width": None},
    ],
)
def test_damaged_records_are_refused(tmp_path, record):
    with pytest.raises(UsageError, match=r"the record of a\.jpg is damaged|line 1: (detections|classes|width)"):
        sources_of_records(write(tmp_path / "r", record))


def test_what_holds_no_records(tmp_path):
    (tmp_path / "r").write_text("a cat\n")
    with pytest.raises(
        UsageError, match=r"--from-jsonl .*r: line 1: not valid JSON.*give what dlcli detect --json wrote"
    ):
        sources_of_records(str(tmp_path / "r"))


def test_detect_into_classify_sees_the_pixels_of_the_box(tmp_path):
    found = dlcli("detect", CAT, SAMPLES / "astronaut.jpg", "--json")
    piped = dlcli("classify", "--from-jsonl", "-", "--json", stdin=found.out.encode())
    assert piped.code == 0
    boxes = [(json.loads(line)["source"], item) for line in found.lines for item in json.loads(line)["detections"]]
    for line, (name, item) in zip(piped.lines, boxes, strict=True):
        got = json.loads(line)
        assert (got["source"], got["crop"]["box"], got["crop"]["label"]) == (name, item["box"], item["label"])
        pixels = read_image(Source.of_file(ROOT / name)).pixels
        x1, y1, x2, y2 = item["box"]
        part = pixels[int(y1) : int(np.ceil(y2)), int(x1) : int(np.ceil(x2))]
        assert (got["width"], got["height"]) == part.shape[1::-1]
        cv2.imwrite(str(tmp_path / "part.png"), part[..., ::-1])
        alone = json.loads(dlcli("classify", tmp_path / "part.png", "--json").out)
        assert got["classes"] == alone["classes"]


def test_segment_gives_the_box_around_each_mask():
    masks = dlcli("segment", CAT, "--json")
    ran = dlcli("detect", "--from-jsonl", "-", "--json", stdin=masks.out.encode())
    from pycocotools import mask as coco

    for line, item in zip(ran.lines, json.loads(masks.out)["classes"], strict=True):
        x, y, width, height = coco.toBbox(item["rle"])
        assert json.loads(line)["crop"]["box"] == [x, y, x + width, y + height]


def test_files_that_were_written_are_taken_from_their_folder(tmp_path):
    dlcli("preprocess", CAT, "--gamma", "0.8", "--preview", "--out", tmp_path / "bright")
    ran = dlcli("detect", "--from-jsonl", tmp_path / "bright" / "results.jsonl")
    assert ran.code == 0
    assert unscored(ran.out) == f"{tmp_path}/bright/cat.jpg: 1 cat (S)\n"
    piped = (tmp_path / "bright" / "results.jsonl").read_bytes()
    assert "give OUT/results.jsonl instead of -" in dlcli("detect", "--from-jsonl", "-", stdin=piped).err


def test_written_files_whose_names_are_no_utf_8(tmp_path):
    shutil.copy(CAT, os.fsencode(tmp_path) + b"/c\xff.jpg")
    dlcli("preprocess", ".", "--gamma", "0.8", "--out", "out", cwd=tmp_path)
    ran = dlcli("detect", "--from-jsonl", "out/results.jsonl", "--json", cwd=tmp_path)
    assert (ran.code, json.loads(ran.out)["detections"][0]["label"]) == (0, "cat")


def test_a_box_outside_its_image_is_a_failure(tmp_path):
    boxes = [detection([500, 0, 600, 50]), detection([10, 10, 10, 10]), detection([0, 0, 20.5, 20.5])]
    file = write(tmp_path / "r", {"source": str(CAT), "detections": boxes})
    ran = dlcli("classify", "--from-jsonl", file, "--json")
    records = [json.loads(line) for line in ran.lines]
    assert [record.get("error", {}).get("kind") for record in records] == ["empty-crop", "empty-crop", None]
    assert (records[2]["width"], records[2]["height"]) == (21, 21)


def test_other_inputs_do_not_go_with_it(tmp_path):
    file = write(tmp_path / "r", {"detections": []})
    assert dlcli("classify", CAT, "--from-jsonl", file).code == 2
    ran = dlcli("classify", "--from-jsonl", file, "--sort-into", tmp_path / "s")
    assert ran.code == 0  # nothing was found: nothing to sort
    write(tmp_path / "r", {"source": str(CAT), "detections": [detection([0, 0, 9, 9])]})
    assert "--sort-into takes whole files" in dlcli("classify", "--from-jsonl", file, "--sort-into", tmp_path / "s").err
