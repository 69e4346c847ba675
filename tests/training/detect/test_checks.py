"""What is refused before any work, and the card and config of a run."""

import json
from pathlib import Path

import pytest

from dlcli.errors import UsageError
from dlcli.models.run_folder import read_run
from dlcli.ops.anchors import AnchorGrid
from dlcli.training.config import card_name, write_config
from dlcli.training.detect.card import detector_card
from dlcli.training.detect.checks import check_batch, check_options, parse_sides
from dlcli.training.detect.options import DetectTraining, Net, Pool
from tests.training.sets import detection_set


def options(tmp_path, **more):
    return DetectTraining(data=Path("set"), out=tmp_path / "run", **more)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"size": 100}, "--size 100: expected a multiple of 64"),
        ({"start_size": 90}, "--start-size 90: expected a multiple of 64"),
        ({"negative": 0.6}, r"--negative 0.6: expected at most --positive 0.5"),
        ({"sides": "1,2,3"}, "--sides 1,2,3: expected 4 lengths"),
    ],
)
def test_what_does_not_fit_together_is_refused(tmp_path, more, message):
    with pytest.raises(UsageError, match=message):
        check_options(options(tmp_path, **more))
    check_options(options(tmp_path))


def test_one_image_at_64_pixels_is_refused(tmp_path):
    with pytest.raises(UsageError, match="expected --batch 2 or more"):
        check_batch(options(tmp_path, size=64, batch=1), 9)
    with pytest.raises(UsageError):
        check_batch(options(tmp_path, size=128, start_size=64), 1)
    check_batch(options(tmp_path, size=128, batch=1), 9)


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,5", "1,2,3,x", "1,2,3,-4", "1,2,3,nan", "1,2,3,inf", "0,1,2,3"])
def test_sides_are_four_lengths(text):
    with pytest.raises(UsageError, match="expected 4 lengths in pixels"):
        parse_sides(text)
    assert parse_sides("24, 56,112,208.5") == (24, 56, 112, 208.5)


@pytest.mark.parametrize(
    ("folder", "name"),
    [("voc", "voc"), ("My Run 2", "my-run-2"), ("größe", "gr--e"), ("_x.1", "x.1"), ("", "run"), ("???", "run")],
)
def test_a_card_is_named_by_the_folder(folder, name):
    assert card_name(folder) == name


def test_a_run_reads_back_as_a_run_folder(tmp_path):
    grid = AnchorGrid(64, 64, sides=(8, 16, 32, 64))
    ours = options(tmp_path, size=64)
    card = detector_card(ours, grid, detection_set([[0]]))
    write_config(ours, card)
    run = read_run(ours.out)
    assert run.card == card
    assert AnchorGrid.from_decoding(64, 64, dict(run.card.decoding)) == grid
    assert run.options["net"] == "anchor"
    assert "second_stage" not in run.card.decoding
    assert json.loads((ours.out / "config.json").read_text())["task"] == "detect"


def test_the_card_of_a_fast_rcnn_has_its_second_stage(tmp_path):
    ours = options(tmp_path, net=Net.FAST_RCNN, pool=Pool.MAX)
    card = detector_card(ours, AnchorGrid(320, 320), detection_set([[0]]))
    assert card.decoding["second_stage"] == {"pool": "max", "proposals": 200}
