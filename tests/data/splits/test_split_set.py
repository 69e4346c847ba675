"""`dlcli data split`: shares, formats, copies, and what is refused; what was written is read by our readers."""

import csv
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from dlcli.data.formats import read_dataset
from dlcli.data.kinds import BOXES, CLASSES, MASKS
from tests.program import SAMPLES, dlcli
from tests.training.class_sets import write_class_csv, write_class_folders
from tests.training.mask_sets import write_mask_squares
from tests.training.sets import write_squares

NAMES = ("train", "val", "test")


def split(place, out, *more):
    ran = dlcli("data", "split", place, "--out", out, *more)
    assert ran.code == 0, ran.err
    return ran


def read(kind, place, names=NAMES):
    return {name: read_dataset(kind, place, name).items for name in names}


@pytest.mark.parametrize(("kind", "task"), [(BOXES, "auto"), (MASKS, "segment")])
def test_the_shapes_in_their_own_format(tmp_path, kind, task):
    shapes = SAMPLES / "shapes"
    ran = split(shapes, tmp_path / "out", "--task", task)
    assert sum(int(line.split()[1]) for line in ran.lines) == 40
    found = [item for items in read(kind, tmp_path / "out").values() for item in items]
    wanted = [item for name in NAMES[:2] for item in read_dataset(kind, shapes, name).items]
    truths = [{item.path.name: kind.identity(kind.truth(item)) for item in items} for items in (found, wanted)]
    assert len(found) == 40
    assert truths[0] == truths[1]


@pytest.mark.parametrize("write", [write_squares, write_mask_squares])
def test_sets_of_boxes_and_masks(tmp_path, write):
    place = write(tmp_path / "in", 16, 4)
    kind = BOXES if write is write_squares else MASKS
    split(place, tmp_path / "out", "--val-share", 0.25, "--test-share", 0)
    found = read(kind, tmp_path / "out", NAMES[:2])
    assert [len(items) for items in found.values()] == [15, 5]
    assert not (tmp_path / "out/images/test").exists()
    assert read_dataset(kind, tmp_path / "out", "val").format == read_dataset(kind, place, "val").format


def test_class_folders_keep_copies_on_one_side(tmp_path):
    place = write_class_folders(tmp_path / "in", train=12, val=8)
    rng = np.random.default_rng(0)
    for number in range(4):  # four scenes, each five times over, brighter each time
        scene = Image.fromarray(rng.integers(0, 150, (4, 4, 3), dtype=np.uint8)).resize((40, 40), Image.BILINEAR)
        for copy in range(5):
            bright = np.asarray(scene).astype(np.int64) + 10 * copy
            Image.fromarray(bright.astype(np.uint8)).save(place / f"train/red/scene{number}-{copy}.png")
    ran = split(place, tmp_path / "out", "--seed", 5)
    found = read(CLASSES, tmp_path / "out")
    assert sum(len(items) for items in found.values()) == 80
    for number in range(4):
        holders = [name for name, items in found.items() if any(f"scene{number}-" in item.path.name for item in items)]
        assert len(holders) == 1
    assert "that look like another one went to its split" in ran.err
    for class_id in range(3):
        counts = [sum(item.target == (class_id,) for item in items) for items in found.values()]
        assert min(counts) > 0
    again = split(place, tmp_path / "again", "--seed", 5, "--transfer", "copy")
    assert again.lines == ran.lines
    assert (tmp_path / "again/train/blue").is_dir()
    assert (tmp_path / "again/train/blue/00.png").stat().st_nlink == 1


def test_a_csv_gets_a_column(tmp_path):
    place = write_class_csv(tmp_path / "in", 18, 6)
    split(place, tmp_path / "out")
    with (tmp_path / "out/labels.csv").open() as file:
        rows = list(csv.DictReader(file))
    with (place / "labels.csv").open() as file:
        before = {row["filename"]: row["label"] for row in csv.DictReader(file)}
    assert {row["filename"]: row["label"] for row in rows} == before
    assert {row["split"] for row in rows} == set(NAMES)


def test_ids_of_two_splits_that_collide_are_given_anew(tmp_path):
    shutil.copytree(SAMPLES / "shapes", tmp_path / "in")
    for name in ("train", "val"):
        path = tmp_path / f"in/annotations/instances_{name}.json"
        content = json.loads(path.read_text())
        number = {image["id"]: row for row, image in enumerate(content["images"])}
        for image in content["images"]:
            image["id"] = number[image["id"]]
        for thing in content["annotations"]:
            thing["image_id"] = number[thing["image_id"]]
        path.write_text(json.dumps(content))
    split(tmp_path / "in", tmp_path / "out")
    ids = [item.image_id for items in read(BOXES, tmp_path / "out").values() for item in items]
    assert len(set(ids)) == 40


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--val-share", 0.6, "--test-share", 0.6), "expected a sum above 0 and below 1"),
        (("--val-share", 0, "--test-share", 0), "expected a sum above 0 and below 1"),
        (("--transfer", "none"), "needs its images"),
        (("--task", "detect"), "found no boxes"),
    ],
)
def test_what_is_refused(tmp_path, words, message):
    place = write_class_folders(tmp_path / "in", train=3)
    ran = dlcli("data", "split", place, "--out", tmp_path / "out", *words)
    assert ran.code in (2, 5)
    assert message in ran.err
    assert not (tmp_path / "out").exists()


def test_a_set_too_small_and_a_target_that_is_there(tmp_path):
    place = tmp_path / "in"
    for name in ("a", "b"):
        (place / name).mkdir(parents=True)
        shutil.copy(SAMPLES / "cat.jpg", place / name / "cat.jpg")
    ran = dlcli("data", "split", place, "--out", tmp_path / "out")
    assert ran.code == 5
    assert "in 1 group that look alike leave none for val" in ran.err
    shutil.copytree(place, tmp_path / "there")
    assert dlcli("data", "split", place, "--out", tmp_path / "there").code == 2
