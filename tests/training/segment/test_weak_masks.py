"""Masks that stand in for true ones: which images get one, and what GrabCut makes of boxes."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from dlcli.data.formats import read_dataset
from dlcli.data.kinds import MASKS
from dlcli.data.mask_file import read_mask
from dlcli.errors import DataError, UsageError
from dlcli.ops.masks import dice
from dlcli.training.segment.weak_masks import all_boxes, guess_masks, weak_set
from tests.training.mask_sets import square_mask, write_mask_squares
from tests.training.sets import SIDE, square_image

NAMES = ["003", "004"]  # images that have no mask of their own


@pytest.fixture
def place(tmp_path):
    return write_mask_squares(tmp_path / "set", train=5, val=2, masked=3)


def learn(place):
    return read_dataset(MASKS, place, "train")


def weak_folder(place, numbers):
    folder = place.parent / "weak"
    folder.mkdir()
    for number in numbers:
        Image.fromarray(square_mask(number)).save(folder / f"{number:03}.png")
    return folder


def test_only_images_without_a_mask_of_their_own_are_added(place):
    """Not those of val either, although a weak mask for them lies there."""
    folder = weak_folder(place, [0, 3, 4, 100, 555])
    found = weak_set(folder, place, learn(place))
    assert [image.path.stem for image in found.items] == NAMES
    assert [image.path.parent.name for image in found.items] == ["images", "images"]
    assert all(np.array_equal(read_mask(p), square_mask(int(p.path.stem))) for p in found.items)


def test_a_folder_that_fits_nothing_is_refused(place, tmp_path):
    with pytest.raises(UsageError, match=r"--weak-masks .*nowhere: expected a folder of masks, found none there"):
        weak_set(tmp_path / "nowhere", place, learn(place))
    with pytest.raises(UsageError, match=r"none of its 2 masks has the name of an image beside .* that has no mask"):
        weak_set(weak_folder(place, [0, 100]), place, learn(place))


def with_boxes(place, label="square"):
    """VOC's annotations for every image, in a copy of the set laid out as VOC."""
    voc = place.parent / "voc"
    shutil.copytree(place / "images", voc / "JPEGImages")
    shutil.copytree(place / "masks", voc / "SegmentationClass")
    shutil.copy(place / "classes.txt", voc)
    (voc / "Annotations").mkdir()
    for folder, split in (("Segmentation", "train"), ("Main", "train")):
        (voc / "ImageSets" / folder).mkdir(parents=True)
        shutil.copy(place / "train.txt", voc / "ImageSets" / folder / f"{split}.txt")
    for path in (voc / "JPEGImages").iterdir():
        x1, y1, x2, y2 = square_image(int(path.stem))[1]
        box = f"<xmin>{x1 + 1}</xmin><ymin>{y1 + 1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax>"
        (voc / "Annotations" / f"{path.stem}.xml").write_text(
            f"<annotation><filename>{path.name}</filename><size><width>{SIDE}</width><height>{SIDE}</height></size>"
            f"<object><name>{label}</name><difficult>0</difficult><bndbox>{box}</bndbox></object></annotation>"
        )
    return voc


def test_grabcut_guesses_masks_from_boxes(place, tmp_path):
    """Also of images that no list of masks names, and not of those that have a mask."""
    voc = with_boxes(place)
    data = read_dataset(MASKS, voc, "train")
    told = []
    guess_masks(voc, data, tmp_path / "guessed", lambda *n: told.append(n))
    assert sorted(path.stem for path in (tmp_path / "guessed").iterdir()) == NAMES
    assert told == [(1, 2), (2, 2)]
    found = weak_set(tmp_path / "guessed", voc, data)
    for image in found.items:
        guess, truth = read_mask(image), square_mask(int(image.path.stem))
        assert set(np.unique(guess)) <= {0, 1, 255}
        assert dice(guess == 1, truth == 1) > 0.5  # a square fills its box, which GrabCut does not expect
    (tmp_path / "guessed" / "003.png").write_bytes(b"mine")
    guess_masks(voc, data, tmp_path / "guessed")
    assert (tmp_path / "guessed" / "003.png").read_bytes() == b"mine"  # what is there stays


def test_boxes_of_other_classes_are_refused(place, tmp_path):
    voc = with_boxes(place, "ship")
    with pytest.raises(DataError, match="its boxes are of ship, none of them a class of its masks"):
        guess_masks(voc, read_dataset(MASKS, voc, "train"), tmp_path / "guessed")


def test_a_set_without_boxes_is_refused(place, tmp_path):
    with pytest.raises(DataError, match="found no boxes in a known format"):
        guess_masks(place, learn(place), tmp_path / "guessed")


def test_boxes_are_taken_from_every_split(place, tmp_path):
    """YOLO's, here: 003 and 004 are in no list of masks; one of them is in YOLO's train, one in its val."""
    (place / "labels").mkdir()
    for number in (3, 4):
        x1, y1, x2, y2 = (v / SIDE for v in square_image(number)[1])
        row = f"1 {(x1 + x2) / 2} {(y1 + y2) / 2} {x2 - x1} {y2 - y1}\n"
        (place / "labels" / f"{number:03}.txt").write_text(row)
    for split, number in (("train", 3), ("val", 4)):
        with (place / f"{split}.txt").open("a") as file:
            file.write(f"images/{number:03}.png\n")
    assert sorted(p.path.stem for p in all_boxes(place).items if len(p.target.xyxy)) == NAMES


def test_coco_masks_number_weak_ones_by_their_labels(place):
    """Its masks have no file of values: a weak mask's value is the class's index."""
    coco = place.parent / "coco"
    shutil.copytree(place / "images", coco / "images")
    (coco / "annotations").mkdir()
    x1, y1, x2, y2 = square_image(0)[1]
    polygon = [x1, y1, x2, y1, x2, y2, x1, y2]
    entry = {"id": 1, "image_id": 0, "category_id": 7, "bbox": [x1, y1, x2 - x1, y2 - y1], "segmentation": [polygon]}
    content = {
        "images": [{"id": 0, "file_name": "000.png", "width": SIDE, "height": SIDE}],
        "annotations": [entry | {"area": 1, "iscrowd": 0}],
        "categories": [{"id": 7, "name": "square"}],
    }
    (coco / "annotations" / "instances_train.json").write_text(json.dumps(content))
    data = read_dataset(MASKS, coco, "train")
    assert data.labels == ("background", "square")
    found = weak_set(weak_folder(place, [0, 3]), coco, data)
    assert [image.path.stem for image in found.items] == ["003"]
    assert np.array_equal(read_mask(found.items[0]), square_mask(3))
