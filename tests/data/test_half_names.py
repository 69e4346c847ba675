"""Names and labels with half of a surrogate pair, which JSON and YAML can write and UTF-8 cannot hold."""

import json
import os
import shutil

import pytest

from dlcli.data.formats import read_dataset
from dlcli.data.kinds import BOXES
from dlcli.errors import DataError
from tests.data.conversion.sets import simple, write
from tests.data.sets import write_text
from tests.hostile.inside import outcome

HALF = "\ud800"


def refused(place, to, *told):
    ran = outcome(["convert", str(place), str(place.parent / "out"), "--to", to])
    assert ran.code == 5, ran
    assert all(part in ran.err for part in told), ran.err
    assert sorted(path.name for path in place.parent.iterdir()) == [place.name]


@pytest.mark.parametrize("to", ["yolo", "jsonl", "labelme"])
@pytest.mark.parametrize(
    ("list_", "key", "told"),
    [
        ("categories", "name", r"categories[1]: name: expected text that UTF-8 can hold, got 'x\ud800'"),
        ("images", "file_name", r"images[1]: expected a 'file_name' below the folder, got 'x\ud800'"),
        ("images", "id", "images[1]: expected a new integer 'id'"),
    ],
)
def test_coco(tmp_path, list_, key, told, to):
    content = simple()
    content[list_][1][key] = "x" + HALF
    write(tmp_path / "a", simple())
    (tmp_path / "a" / "instances.json").write_text(json.dumps(content))
    refused(tmp_path / "a", to, "instances.json: ", told)


@pytest.mark.parametrize(
    ("key", "told"),
    [("label", "shape 1: label: expected text that UTF-8 can hold"), ("imagePath", "expected the image's imagePath")],
)
def test_labelme(tmp_path, key, told):
    write(tmp_path / "in" / "a", simple())
    assert outcome(["convert", str(tmp_path / "in" / "a"), str(tmp_path / "b"), "--to", "labelme"]).code == 0
    shutil.rmtree(tmp_path / "in")
    (tmp_path / "b" / "labels.txt").unlink()
    (tmp_path / "b" / "ids.json").unlink()
    file = next(file for file in sorted((tmp_path / "b").rglob("*.json")) if json.loads(file.read_text())["shapes"])
    content = json.loads(file.read_text())
    (content["shapes"][0] if key == "label" else content)[key] = HALF + ".png"
    file.write_text(json.dumps(content))
    refused(tmp_path / "b", "jsonl", f"{file}: {told}", r", got '\ud800.png'")


def test_yolo(tmp_path):
    write_text(tmp_path / "a" / "data.yaml", 'train: images\nnames: [ok, "\\ud800"]\n')
    refused(tmp_path / "a", "coco", r"data.yaml: line 2: names: expected text that UTF-8 can hold, got '\ud800'")
    with pytest.raises(DataError, match="UTF-8"):
        read_dataset(BOXES, tmp_path / "a", "train")


@pytest.mark.parametrize("key", ["labels", "category_ids", "name", "id"])
def test_ids_beside_a_set(tmp_path, key):
    write(tmp_path / "in" / "a", simple())
    assert outcome(["convert", str(tmp_path / "in" / "a"), str(tmp_path / "b"), "--to", "yolo"]).code == 0
    shutil.rmtree(tmp_path / "in")
    content = json.loads((tmp_path / "b" / "ids.json").read_text())
    if key == "labels":
        content["labels"].append(HALF)
    elif key == "category_ids":
        content["category_ids"][HALF] = 77
    else:
        next(iter(next(iter(content["images"].values())).values()))[key] = HALF
    (tmp_path / "b" / "ids.json").write_text(json.dumps(content))
    refused(tmp_path / "b", "labelme", "expected text that UTF-8 can hold")


def test_a_files_name_that_is_no_utf_8_is_converted(tmp_path):
    """It comes out with U+FFFD."""
    write(tmp_path / "in" / "a", simple())
    assert outcome(["convert", str(tmp_path / "in" / "a"), str(tmp_path / "b"), "--to", "yolo"]).code == 0
    shutil.rmtree(tmp_path / "in")
    image, label = (next((tmp_path / "b").rglob(name)) for name in ("c.png", "c.txt"))
    try:
        image.rename(image.with_name(os.fsdecode(b"\xff.png")))
        label.rename(label.with_name(os.fsdecode(b"\xff.txt")))
    except OSError:
        pytest.skip("this file system has no such names")
    assert outcome(["convert", str(tmp_path / "b"), str(tmp_path / "c"), "--to", "coco"]).code == 0
    names = [
        entry["file_name"] for entry in json.loads(next((tmp_path / "c").rglob("inst*.json")).read_text())["images"]
    ]
    assert "\ufffd.png" in names
