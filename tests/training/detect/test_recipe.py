"""What is special to `train detect`: its options, cards and second stage, and classes that are known already."""

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console
from safetensors.torch import load_file

from dlcli.errors import DataError, UsageError
from dlcli.models.run_folder import read_run
from dlcli.nets.factory import build_detector
from dlcli.nets.fast_rcnn import FastRcnn
from dlcli.nets.forward import torch_forward
from dlcli.nets.weights import load_weights
from dlcli.ops.anchors import AnchorGrid
from dlcli.tasks.detect.detector import Detector, Limits
from dlcli.training import labeled
from dlcli.training.checkpoint import load_checkpoint, write_config
from dlcli.training.detect.options import DetectTraining, Net, Pool
from dlcli.training.detect.recipe import check_batch, check_options, detector_card, parse_sides, read_sets
from dlcli.training.engine_options import Precision
from dlcli.training.log import TrainLog
from tests.training.cases import DETECT, QUIET, rows
from tests.training.sets import detection_set, square_image, write_squares


@pytest.fixture(scope="module")
def squares(tmp_path_factory):
    """5 images: 2 steps an epoch at 2 images a step, and one left over."""
    return write_squares(tmp_path_factory.mktemp("data") / "squares", train=5, val=1)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """No curves, which take longer than the learning here."""
    monkeypatch.setattr(labeled, "draw_curves", lambda *_: None)


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


def test_a_set_without_a_box_is_refused_even_with_skip_bad(tmp_path):
    data = write_squares(tmp_path / "set")
    file = data / "annotations" / "instances_train.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"annotations": []}))
    for skip_bad in (False, True):
        with pytest.raises(DataError, match="not one box"):
            read_sets(DETECT.given(data, tmp_path / "run", skip_bad=skip_bad), TrainLog(QUIET, True))


def test_the_metrics_are_average_precisions(squares, tmp_path):
    """Fewer images than a batch are one step."""
    DETECT.train(DETECT.given(squares, tmp_path / "run", batch=16, epochs=1))
    assert load_checkpoint(tmp_path / "run")["total"] == 1
    assert set(rows(tmp_path / "run")[0]) == {"epoch", "class", "box", "map50", "map50_voc11", "map50_95"}


def test_a_fast_rcnn_trains_and_predicts(squares, tmp_path):
    DETECT.train(DETECT.given(squares, tmp_path / "run", net=Net.FAST_RCNN, epochs=1))
    assert {"region_class", "region_box", "map50"} <= set(rows(tmp_path / "run")[0])
    run = read_run(tmp_path / "run")
    net = build_detector(run.card)
    assert isinstance(net, FastRcnn)
    load_weights(run.weights, net)
    pixels, _ = square_image(100)
    boxes = Detector(run.card, torch_forward(net), Limits(conf=0.01)).boxes(pixels)
    assert ((boxes.scores > 0) & (boxes.scores <= 1)).all()


def test_a_run_in_bfloat16_learns_and_keeps_float32_weights(squares, tmp_path):
    DETECT.train(DETECT.given(squares, tmp_path / "run", precision=Precision.BFLOAT16))
    weights = load_file(tmp_path / "run" / "best.safetensors")
    assert {value.dtype for value in weights.values() if value.is_floating_point()} == {torch.float32}
    assert all(float(row["class"]) > 0 for row in rows(tmp_path / "run"))


def test_a_run_takes_over_the_class_that_both_know(squares, tmp_path):
    DETECT.train(DETECT.given(squares, tmp_path / "first", epochs=1))
    categories = [{"id": 1, "name": "square"}, {"id": 2, "name": "circle"}]
    shutil.copytree(squares, tmp_path / "two")
    for split in ("train", "val"):
        path = tmp_path / "two" / "annotations" / f"instances_{split}.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"categories": categories}))
    said = io.StringIO()
    second = DETECT.given(tmp_path / "two", tmp_path / "run", from_=str(tmp_path / "first"), lr=0.0)
    DETECT.train(replace(second, quiet=False), Console(file=said, width=200))
    assert "knows 1 of 2 classes" in said.getvalue()
    weights = (load_file(tmp_path / run / "best.safetensors") for run in ("first", "run"))
    before, after = (stored["head.class_out.bias"] for stored in weights)
    assert torch.equal(after.view(-1, 2)[:, 0], before)
