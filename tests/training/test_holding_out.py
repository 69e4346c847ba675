"""A set without a val split is parted; the run says how, and eval knows the images again."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from dlcli.data.kinds import BOXES, MASKS
from dlcli.data.splits.held_out import NAME, lacks_split, part_of, read_held_out
from dlcli.errors import DataError, UsageError
from dlcli.training.checkpoint import refuse_in_data
from dlcli.training.detect.options import DetectTraining
from dlcli.training.holding_out import read_pair
from dlcli.training.log import TrainLog
from dlcli.training.segment.options import SegmentTraining
from tests.data.sets import write_image, write_text

ROW = "0.5 0.5 0.25 0.5"


def boxes(folder, count=20):
    """Class 1 in two images only."""
    for number in range(count):
        write_image(folder / "images" / f"{number:02}.jpg", 40, 20)
        write_text(folder / "labels" / f"{number:02}.txt", f"{int(number in (3, 11))} {ROW}\n0 {ROW}\n")
    write_text(folder / "data.yaml", "names: [cat, owl]\n")
    return folder


def pair(kind, options):
    text = io.StringIO()
    return read_pair(kind, options, TrainLog(Console(file=text, width=400), quiet=False)), text.getvalue()


def test_a_share_is_held_out_with_images_of_every_class(tmp_path):
    folder = boxes(tmp_path / "set")
    (train, val, files), said = pair(BOXES, DetectTraining(data=folder, out=tmp_path / "run", val_share=0.25))
    assert (len(train.items), len(val.items)) == (14, 6) or (len(train.items), len(val.items)) == (15, 5)
    for part in (train, val):
        assert {class_id for item in part.items for class_id in item.target.class_ids.tolist()} == {0, 1}
    assert not {item.path for item in train.items} & {item.path for item in val.items}
    assert "no val list, so" in said
    assert set(json.loads(files[NAME])["val"]) == {f"images/{item.path.name}" for item in val.items}


def test_the_split_is_known_again(tmp_path):
    folder = boxes(tmp_path / "set")
    (train, val, files), _ = pair(BOXES, DetectTraining(data=folder, out=tmp_path / "run"))
    write_text(tmp_path / "run" / NAME, files[NAME])
    known = read_held_out(tmp_path / "run")
    assert known == read_held_out(tmp_path / "run" / "best.onnx")
    assert lacks_split(BOXES, folder, "val")
    for name, part in (("train", train), ("val", val)):
        found = part_of(BOXES, folder, name, known)
        assert [item.path for item in found.items] == [item.path for item in part.items]
    (folder / "images" / val.items[0].path.name).unlink()
    (folder / "labels" / f"{val.items[0].path.stem}.txt").unlink()
    with pytest.raises(DataError, match="give the set that was trained on"):
        part_of(BOXES, folder, "val", known)


def test_masks_are_parted_too(tmp_path):
    from PIL import Image

    for number in range(6):
        write_image(tmp_path / "set/images" / f"{number}.png", 8, 8)
        (tmp_path / "set/masks").mkdir(exist_ok=True)
        Image.new("L", (8, 8), number % 2).save(tmp_path / "set/masks" / f"{number}.png")
    options = SegmentTraining(data=tmp_path / "set", out=tmp_path / "run", val_share=0.34)
    (train, val, files), _ = pair(MASKS, options)
    assert (len(train.items), len(val.items), list(files)) == (4, 2, [NAME])


def test_a_val_split_that_is_there_is_taken(tmp_path):
    for split in ("train", "valid"):
        write_image(tmp_path / split / "images" / f"{split}.jpg", 40, 20)
        write_text(tmp_path / split / "labels" / f"{split}.txt", f"0 {ROW}\n")
    write_text(tmp_path / "data.yaml", "names: [cat]\n")
    (_, val, files), _ = pair(BOXES, DetectTraining(data=tmp_path, out=Path("run")))
    assert ([item.path.name for item in val.items], files) == (["valid.jpg"], {})


def test_a_run_within_its_data_is_refused(tmp_path):
    folder = boxes(tmp_path / "set", 1)
    for out in (folder, folder / "run", folder / "images" / ".." / "run"):
        with pytest.raises(UsageError, match="lies in the data set"):
            refuse_in_data(out, folder)
    refuse_in_data(tmp_path / "run", folder)
