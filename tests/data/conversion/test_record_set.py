"""Records of every kind that the image commands write, as the source of a conversion."""

import base64
import json
import os
import shutil

import pytest

from dlcli.data.conversion.run import Conversion, convert
from dlcli.errors import DataError
from dlcli.models.checksums import file_digest
from dlcli.models.store import list_models, weights_file
from tests.program import CAT


def record(source=str(CAT), class_id=7, label="cat", **more):
    thing = {"label": label, "class_id": class_id, "score": 0.5, "box": [1, 2, 30, 40]}
    head = {"schema": "dlcli.detect/1", "source": source, "ok": True, "width": 451, "height": 300}
    return head | {"exif_orientation": 1, "model": "coco@sha256:0", "detections": [thing], "truncated": False} | more


def write(path, *records):
    path.write_text("".join(json.dumps(entry) + "\n" for entry in records))
    return path


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ({"crop": {"index": 0, "label": "cat", "box": [0, 0, 9, 9]}}, "part of an image"),
        ({"frame": 3, "time_s": 0.1}, "frame of a video"),
    ],
)
@pytest.mark.parametrize("say", [None, print])
def test_parts_and_frames_are_refused_whatever_the_format(tmp_path, field, message, say):
    path = write(tmp_path / "r.jsonl", record(), record(**field))
    with pytest.raises(DataError, match=message) as error:
        convert(Conversion(path, tmp_path / "c", "coco"), say)
    assert "no format holds" in str(error.value)
    assert "of whole images" in str(error.value)
    assert "--skip-bad" not in str(error.value)
    assert [found.name for found in tmp_path.iterdir()] == ["r.jsonl"]


@pytest.mark.parametrize("runtime", ["onnx", "torch"])
def test_the_classes_are_those_of_the_bundled_model_in_either_runtime(tmp_path, runtime):
    (model,) = [found for found in list_models() if found.name == "coco"]
    file = model.path if runtime == "onnx" else weights_file("coco")
    path = write(tmp_path / "r.jsonl", record(class_id=15, model=f"coco@sha256:{file_digest(file)[:12]}"))
    convert(Conversion(path, tmp_path / "c.json", "coco"))
    categories = json.loads((tmp_path / "c.json").read_text())["categories"]
    assert [category["name"] for category in categories] == list(model.card.labels)


def test_names_that_are_no_utf8_are_found_by_their_bytes(tmp_path):
    raw = os.fsencode(tmp_path) + b"/caf\xe9.jpg"
    shutil.copy(CAT, raw)
    shutil.copy(CAT, tmp_path / "good.jpg")
    shown = raw.decode("utf-8", "replace")
    named = {"source_bytes": base64.b64encode(raw).decode()}
    path = write(tmp_path / "r.jsonl", record(shown, 0, **named), record(str(tmp_path / "good.jpg"), 0))
    for to in ("yolo", "coco", "voc", "labelme"):
        done = convert(Conversion(path, tmp_path / to, to))
        assert done.comparisons[0].written.objects == 2
        placed = [found for found in (tmp_path / to).rglob("caf*.jpg") if found.name == "caf\ufffd.jpg"]
        assert [found.read_bytes() for found in placed] == [CAT.read_bytes()]
    convert(Conversion(path, tmp_path / "again.jsonl", "jsonl"))
    again = [json.loads(line) for line in (tmp_path / "again.jsonl").read_text().splitlines()]
    assert [(entry["source"], entry.get("source_bytes")) for entry in again] == [
        (shown, named["source_bytes"]),
        (str(tmp_path / "good.jpg"), None),
    ]


def test_two_names_that_look_alike_are_refused(tmp_path):
    raws = [os.fsencode(tmp_path) + name for name in (b"/caf\xe9.jpg", b"/caf\xe8.jpg")]
    for raw in raws:
        shutil.copy(CAT, raw)
    records = [record(raw.decode("utf-8", "replace"), source_bytes=base64.b64encode(raw).decode()) for raw in raws]
    path = write(tmp_path / "r.jsonl", *records)
    with pytest.raises(DataError, match="2 images would be called caf\ufffd"):
        convert(Conversion(path, tmp_path / "c", "coco"))
