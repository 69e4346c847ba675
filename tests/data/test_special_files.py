"""Data sets in which a file is a FIFO that nobody writes to, a link to a device without end, or larger than memory."""

import os
from pathlib import Path

import pytest

from dlcli.data.classes import read_aliases
from dlcli.data.files import LARGEST_FILE, read_bytes
from dlcli.data.formats import read_dataset
from dlcli.data.kinds import BOXES
from dlcli.data.labelme.boxes import is_labelme
from dlcli.data.mask_file import file_values
from dlcli.data.yolo.boxes import read_yolo
from dlcli.data.yolo.masks import read_yolo_masks
from dlcli.errors import DataError
from tests.data.conversion.sets import simple, write
from tests.data.sets import write_text, write_voc
from tests.hostile.inside import outcome

SPECIAL = ["fifo", "device", "huge"]


def lay(path, kind):
    """Put it in place of what there was."""
    path.unlink(missing_ok=True)
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.touch()
        os.truncate(path, LARGEST_FILE + 1)  # a hole, no bytes on the disk


def told(kind):
    return "expected at most 268,435,456 bytes" if kind == "huge" else "expected a regular file"


@pytest.mark.parametrize("kind", SPECIAL)
def test_a_voc_annotation(tmp_path, kind):
    write_voc(tmp_path)
    lay(tmp_path / "Annotations" / "a.xml", kind)
    found = read_dataset(BOXES, tmp_path, "train")
    assert [told(kind) in problem.message for problem in found.problems] == [True]
    ran = outcome(["doctor", str(tmp_path)])
    assert f"a.xml: {told(kind)}" in ran.out + ran.err


@pytest.mark.parametrize("kind", SPECIAL)
def test_a_data_yaml(tmp_path, kind):
    lay(tmp_path / "data.yaml", kind)
    with pytest.raises(DataError, match=f"data.yaml: {told(kind)}"):
        read_dataset(BOXES, tmp_path, "train")


@pytest.mark.parametrize("read", [read_yolo, read_yolo_masks])
def test_a_yolo_label_that_is_too_large(tmp_path, read):
    write(tmp_path / "a", simple())
    assert outcome(["convert", str(tmp_path / "a"), str(tmp_path / "b"), "--to", "yolo"]).code == 0
    lay(tmp_path / "b" / "labels/all/c.txt", "huge")
    found = read(tmp_path / "b", "all")
    assert any(told("huge") in problem.message for problem in found.problems)


@pytest.mark.parametrize("kind", SPECIAL)
def test_a_file_that_may_be_labelmes(tmp_path, kind):
    lay(tmp_path / "a.json", kind)
    assert not is_labelme(tmp_path / "a.json")


@pytest.mark.parametrize("kind", ["fifo", "device"])
def test_a_mask(tmp_path, kind):
    lay(tmp_path / "a.png", kind)
    with pytest.raises(DataError, match=r"a\.png: expected a regular file"):
        file_values(tmp_path / "a.png", {})


def test_a_file_that_the_user_names_may_be_a_pipe():
    """As <(COMMAND) of a shell gives it."""
    reader, writer = os.pipe()
    os.write(writer, b"n02084071,dog\n")
    os.close(writer)
    assert read_aliases(Path(f"/dev/fd/{reader}")) == {"n02084071": "dog"}
    os.close(reader)


def test_a_folder_and_a_name_that_is_none(tmp_path):
    with pytest.raises(DataError, match="Is a directory"):
        read_bytes(tmp_path)
    for name in ("x\0y", "x" * 300, "\ud800"):
        with pytest.raises(DataError, match="cannot be read"):
            read_bytes(tmp_path / name)
    write_text(tmp_path / "a", "text")
    assert read_bytes(tmp_path / "a", 4) == b"text"
