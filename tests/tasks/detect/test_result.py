"""The files of --save: each kind read back by its own reader, and all of them where output_names says."""

import json
from pathlib import Path, PurePosixPath

import numpy as np
import pytest

from dlcli.batch.files.outputs import refuse_collisions
from dlcli.data.coco.boxes import read_coco
from dlcli.data.coco.categories import COCO_IDS
from dlcli.data.labelme.boxes import read_labelme
from dlcli.data.voc.boxes import read_voc
from dlcli.data.yolo.boxes import read_yolo
from dlcli.data.yolo.writer import yolo_classes
from dlcli.errors import UsageError
from dlcli.records import Boxes, DecodedImage, Source
from dlcli.tasks.detect.result import Detections
from dlcli.tasks.detect.task import TASK
from dlcli.tasks.outputs import CLASSES, COCO
from tests.data.sets import write_image
from tests.program import CAT, SAMPLES, dlcli

LABELS = ("cat", "a <dog> & co")
XYXY = np.array([[3.7, 0, 20.25, 18.5], [1, 2, 9, 8]], np.float32)
BOXES = Boxes(XYXY, np.array([0.90261, 0.5], np.float32), np.array([1, 0]))
KINDS = ("yolo", "voc", "labelme")


def save(folder, place="tree/a.b.png", boxes=BOXES, kinds=KINDS):
    files = Detections(boxes, False, LABELS).outputs(
        DecodedImage(np.zeros((30, 40, 3), np.uint8)), PurePosixPath(place), kinds
    )
    for name, data in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize("place", ["tree/a.b.png", "plain", "x.tar.gif", "deep/er/é ü.JPG"])
def test_files_lie_where_output_names_says(tmp_path, place):
    save(tmp_path, place)
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {str(name) for name in TASK.output_names(PurePosixPath(place), KINDS)}


def test_yolo(tmp_path):
    save(tmp_path)
    write_image(tmp_path / "images/tree/a.b.png", 40, 30)
    (tmp_path / CLASSES).write_text(yolo_classes(LABELS))
    (image,) = read_yolo(tmp_path, "tree").items
    np.testing.assert_allclose(image.target.xyxy, XYXY, atol=1e-4)
    np.testing.assert_allclose(image.target.scores, [0.9026, 0.5])
    assert image.target.class_ids.tolist() == [1, 0]


def test_voc_on_whole_pixels(tmp_path):
    save(tmp_path, "a.png")
    (image,) = read_voc(tmp_path, labels=LABELS).items
    assert image.target.xyxy.tolist() == [[4, 0, 20, 19], [1, 2, 9, 8]]
    np.testing.assert_allclose(image.target.scores, [0.9026, 0.5])


def test_labelme_belongs_beside_its_image(tmp_path):
    save(tmp_path)
    (image,) = read_labelme(tmp_path / "labelme", labels=LABELS).items
    np.testing.assert_allclose(image.target.xyxy, XYXY, atol=1e-4)
    assert (image.path, image.name) == (tmp_path / "labelme/tree/a.b.png", "tree/a.b.png")


def test_an_image_without_boxes_has_its_files(tmp_path):
    save(tmp_path, "a.png", BOXES[:0])
    assert (tmp_path / "labels/a.txt").read_bytes() == b""
    assert len(read_voc(tmp_path).items[0].target.xyxy) == 0
    assert json.loads((tmp_path / "labelme/a.json").read_text())["shapes"] == []


def test_two_images_of_one_stem_are_refused(tmp_path):
    sources = [Source(name, Path(name), PurePosixPath(name)) for name in ("a.jpg", "a.png")]
    for kind in KINDS:
        with pytest.raises(UsageError, match=r"a\.jpg and a\.png would both be written to"):
            refuse_collisions(sources, lambda place, kind=kind: TASK.output_names(place, (kind,)), tmp_path)
    refuse_collisions(sources, lambda place: TASK.output_names(place, ("coco",)), tmp_path, TASK.run_names(("coco",)))


def test_a_run_writes_coco_and_class_names(tmp_path):
    bad = SAMPLES / "broken" / "empty.jpg"
    ran = dlcli("detect", bad, CAT, "--out", tmp_path / "o", "--save", "coco,yolo", "--skip-bad")
    assert ran.code == 0
    assert (tmp_path / "o" / CLASSES).read_text().splitlines()[15] == "cat"
    dataset = read_coco(tmp_path / "o" / COCO)
    (image,) = dataset.items
    assert (image.image_id, image.name) == (2, "cat.jpg")  # the empty file is the run's first
    assert tuple(dataset.category_ids.values()) == tuple(COCO_IDS.values())
    (record,) = [json.loads(line) for line in (tmp_path / "o/results.jsonl").read_text().splitlines()[1:]]
    np.testing.assert_allclose(image.target.xyxy, [thing["box"] for thing in record["detections"]], atol=1e-3)
    assert image.target.class_ids.tolist() == [thing["class_id"] for thing in record["detections"]]


def test_help_says_what_the_files_are():
    for word in TASK.saves[2:]:
        assert f"{word} writes" in TASK.help
