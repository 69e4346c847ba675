"""Outputs that would meet are refused before any work."""

from pathlib import Path, PurePosixPath

import pytest

from dlcli.batch.files.outputs import chosen_saves, refuse_collisions, refuse_used_folder
from dlcli.batch.files.ownership import Ownership
from dlcli.batch.options import BatchOptions
from dlcli.errors import UsageError
from dlcli.records import Source
from dlcli.tasks.registry import find_task

DETECT = find_task("detect")


def source(name: str) -> Source:
    return Source(name, Path(name), PurePosixPath(name))


def names(place):
    return DETECT.output_names(place, ("annotated",))


def test_two_outputs_of_one_name(tmp_path):
    with pytest.raises(UsageError, match=r"x\.gif and x\.gif\.png would both be written to x\.gif\.png"):
        refuse_collisions([source("x.gif"), source("x.gif.png")], names, tmp_path)


def test_an_input_is_never_written_over(tmp_path):
    image = tmp_path / "x.jpg"
    image.write_bytes(b"x")
    with pytest.raises(UsageError, match="which is an input"):
        refuse_collisions([Source("x.jpg", image, PurePosixPath("x.jpg"))], names, tmp_path)


def test_a_linked_input_is_never_written_over(tmp_path):
    (tmp_path / "real.jpg").write_bytes(b"x")
    link = tmp_path / "out" / "link.jpg"
    link.parent.mkdir()
    link.symlink_to("../real.jpg")
    with pytest.raises(UsageError, match="which is an input"):
        refuse_collisions([Source("link.jpg", link, PurePosixPath("link.jpg"))], names, tmp_path / "out")


def test_crops_never_land_on_an_input(tmp_path):
    inner = tmp_path / "crops" / "cat_jpg" / "000-cat.jpg"
    sources = [
        Source("cat.jpg", tmp_path / "cat.jpg", PurePosixPath("cat.jpg")),
        Source("inner", inner, PurePosixPath("crops/cat_jpg/000-cat.jpg")),
    ]
    with pytest.raises(UsageError, match="which is an input"):
        refuse_collisions(sources, lambda place: DETECT.output_names(place, ("crops",)), tmp_path)


def test_the_record_is_never_replaced(tmp_path):
    with pytest.raises(UsageError, match=r"would replace results\.jsonl"):
        refuse_collisions([source("a")], lambda place: [PurePosixPath("results.jsonl")], tmp_path)


@pytest.mark.parametrize(
    ("save", "out", "expected"),
    [
        ("", None, ()),
        ("", Path("o"), ("annotated",)),
        ("crops, annotated", Path("o"), ("annotated", "crops")),
        ("none", Path("o"), ()),
    ],
)
def test_saves(save, out, expected):
    assert chosen_saves(DETECT, BatchOptions(save=save, out=out)) == expected


def test_a_used_folder_is_refused_and_overwrite_allows_it(tmp_path):
    (tmp_path / "results.jsonl").write_text("")
    with pytest.raises(UsageError, match="--overwrite"):
        check_folder(tmp_path)
    check_folder(tmp_path, overwrite=True)
    (tmp_path / "results.jsonl").write_text("mine")
    with pytest.raises(UsageError, match=r"no run wrote its results.jsonl"):
        check_folder(tmp_path, overwrite=True)


def test_out_that_is_a_file(tmp_path):
    (tmp_path / "f").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        check_folder(tmp_path / "f")


def test_out_of_an_unfinished_run_is_refused(tmp_path):
    (tmp_path / ".results.jsonl.part").write_text("")
    with pytest.raises(UsageError, match=r"holds .results.jsonl.part of an earlier run; .* --overwrite"):
        check_folder(tmp_path)
    (tmp_path / ".results.state.jsonl.part").write_text("")
    check_folder(tmp_path, overwrite=True)


STATES = ("results.state.jsonl", ".results.state.jsonl.part")


def check_folder(out: Path, overwrite: bool = False) -> None:
    refuse_used_folder(BatchOptions(out=out, overwrite=overwrite), Ownership.of_run(out, STATES))
