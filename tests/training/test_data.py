"""Bad data is named file by file before the first step, or left out."""

import io
import json

import pytest
from rich.console import Console

from dlcli.data.check import SHOWN
from dlcli.data.kinds import BOXES
from dlcli.errors import DataError, ExitCode
from dlcli.training.data import read_checked
from dlcli.training.log import TrainLog
from tests.training.sets import write_squares


@pytest.fixture
def told():
    return io.StringIO()


@pytest.fixture
def log(told):
    return TrainLog(Console(file=told), quiet=False)


@pytest.fixture
def squares(tmp_path):
    return write_squares(tmp_path / "[set]")


def truncate(folder, number):
    path = folder / "images" / f"{number:03}.png"
    path.write_bytes(path.read_bytes()[:-3000])


def test_a_truncated_image_stops_the_run_and_is_named(squares, log):
    truncate(squares, 2)
    with pytest.raises(DataError, match=r"1 bad file\(s\) in train; fix them or pass --skip-bad\n.*002\.png") as caught:
        read_checked(BOXES, squares, "train", None, False, log)
    assert caught.value.exit_code == ExitCode.STOPPED == 5


def test_skip_bad_leaves_it_out_and_says_so(squares, log, told):
    truncate(squares, 2)
    data = read_checked(BOXES, squares, "train", None, True, log)
    assert [image.path.name for image in data.items] == ["000.png", "001.png", "003.png", "004.png"]
    assert "left out: " in told.getvalue()
    assert "[set]/images/002.png" in told.getvalue(), "brackets are no markup"


def test_a_missing_image_and_a_box_outside_are_named(squares, log):
    (squares / "images" / "000.png").unlink()
    file = squares / "annotations" / "instances_train.json"
    content = json.loads(file.read_text())
    content["annotations"][3]["bbox"] = [50, 50, 40, 40]
    file.write_text(json.dumps(content))
    with pytest.raises(DataError) as caught:
        read_checked(BOXES, squares, "train", None, False, log)
    assert "2 bad file(s)" in str(caught.value)
    assert "000.png" in str(caught.value)
    assert "003.png" in str(caught.value)
    assert "outside the image of 64x64" in str(caught.value)


def test_many_bad_files_are_counted(tmp_path, log):
    folder = write_squares(tmp_path / "set", train=SHOWN + 5)
    for path in (folder / "images").glob("0*.png"):
        path.unlink()
    with pytest.raises(DataError, match=rf"{SHOWN + 5} bad file\(s\)[\s\S]*and 5 more"):
        read_checked(BOXES, folder, "train", None, False, log)


def test_good_data_passes_without_a_word(squares, log, told):
    assert len(read_checked(BOXES, squares, "val", ("square",), False, log).items) == 2
    assert told.getvalue() == ""
