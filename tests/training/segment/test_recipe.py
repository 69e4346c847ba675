"""`train segment` from end to end on tiny images: resume, weak masks, bad data, divergence, learning, starting."""

import csv
import os
import signal
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from rich.console import Console
from safetensors.torch import load_file, save_file

from dlcli.errors import DataError, DlcliError, InterruptedRunError, UsageError
from dlcli.evaluation.evaluate import evaluate
from dlcli.models.run_folder import read_run
from dlcli.nets.build_segmenter import build_segmenter, segmenter_forward
from dlcli.nets.weights import load_weights
from dlcli.signals import StopRequest, arrive
from dlcli.tasks.segment.options import SegmentOptions
from dlcli.tasks.segment.segmenter import Segmenter
from dlcli.tasks.segment.task import TASK
from dlcli.training import trainer as run_module
from dlcli.training.checkpoint import load_checkpoint
from dlcli.training.log import TrainingReport
from dlcli.training.segment.mask_losses.total import MaskLoss
from dlcli.training.segment.options import SegmentTraining
from dlcli.training.segment.recipe import SegmentRun, train_segment
from tests.training.mask_sets import square_mask, write_mask_squares
from tests.training.sets import square_image

QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def squares(tmp_path_factory):
    """5 images: 2 steps an epoch at 2 images a step, and one left over."""
    return write_mask_squares(tmp_path_factory.mktemp("data") / "squares", train=5, val=1)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """No curves, which take longer than the learning here."""
    monkeypatch.setattr(run_module, "draw_curves", lambda *_: None)


def options(data, out, **more):
    small = {"size": 64, "batch": 2, "epochs": 2, "from_": "none", "workers": 0, "threads": 1}
    return SegmentTraining(data=data, out=out, quiet=True, **(small | more))


def rows(run):
    return list(csv.DictReader((run / "metrics.csv").read_text().splitlines()))


@pytest.fixture(scope="module")
def whole_run(squares, tmp_path_factory):
    """Two epochs of two steps, uninterrupted."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_module, "draw_curves", lambda *_: None)
        train_segment(options(squares, out), QUIET)
    return out


def test_a_run_leaves_what_the_others_read(whole_run):
    names = {"best.safetensors", "classes.csv", "config.json", "confusion.png", "last.pt", "metrics.csv", "samples"}
    assert {path.name for path in whole_run.iterdir()} == names
    assert sorted(path.name for path in (whole_run / "samples").iterdir()) == ["epoch-01.png", "epoch-02.png"]
    run = read_run(whole_run)
    assert run.card.labels == ("background", "square")
    assert run.card.decoding == {"net": "light", "stride": 4, "background": 0, "scores": "softmax"}
    assert load_weights(run.weights, build_segmenter(run.card)) == []
    assert set(rows(whole_run)[0]) == {"epoch", "dice", "ce", "miou", "mdice", "pixel_accuracy"}
    classes = list(csv.DictReader((whole_run / "classes.csv").read_text().splitlines()))
    assert [row["class"] for row in classes] == ["background", "square"]


def test_the_scores_are_those_of_the_shipped_predictor(whole_run, squares):
    found = evaluate(TASK, SegmentOptions(model=str(whole_run)), squares, "val", threads=1)
    best = max(float(row["miou"]) for row in rows(whole_run))
    assert found.scores.miou == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("step", [3, 4], ids=["in the middle of epoch 2", "at its last step"])
def test_a_resumed_run_ends_as_an_uninterrupted_one(squares, whole_run, tmp_path, monkeypatch, step):
    ours, plain, done = options(squares, tmp_path / "run"), MaskLoss.__call__, []

    def interrupted(self, net, batch):
        done.append(0)
        if len(done) == step:
            arrive(signal.SIGINT)
        return plain(self, net, batch)

    with monkeypatch.context() as patch:
        patch.setattr(MaskLoss, "__call__", interrupted)
        with pytest.raises(InterruptedRunError, match=f"stopped after step {step}; go on with --resume"):
            train_segment(ours, QUIET)
    train_segment(replace(ours, resume=True), QUIET)
    one, other = load_checkpoint(ours.out), load_checkpoint(whole_run)
    for part in ("net", "ema"):
        assert [name for name in one[part] if not torch.equal(one[part][name], other[part][name])] == []
    assert rows(ours.out) == rows(whole_run)


def test_it_learns_to_find_squares(tmp_path):
    data = write_mask_squares(tmp_path / "data", train=8, val=3)
    more = {"epochs": 12, "batch": 4, "from_": "auto", "eval_every": 6, "zoom": 1.0, "expand": 1.0}
    train_segment(options(data, tmp_path / "run", lr=4e-3, backbone_lr=1e-3, **more), QUIET)
    measured = [float(row["mdice"]) for row in rows(tmp_path / "run") if row["mdice"]]
    losses = [float(row["ce"]) for row in rows(tmp_path / "run")]
    assert losses[-1] < losses[0] / 2
    assert measured[-1] > 0.8
    run = read_run(tmp_path / "run")
    net = build_segmenter(run.card)
    load_weights(run.weights, net)
    mask = Segmenter(run.card, segmenter_forward(net))(square_image(200)[0])
    counted = square_mask(200) != 255
    assert (mask == square_mask(200))[counted].mean() > 0.9


@pytest.mark.parametrize("net", ["unet", "unet-lite0", "fcn32s", "fcn8s"])
def test_other_networks_and_losses_train_too(squares, tmp_path, net):
    more = {"net": net, "loss": "focal+dice", "class_weights": "auto", "dice_per_image": True, "from_": "auto"}
    train_segment(options(squares, tmp_path / "run", epochs=1, **more), QUIET)
    assert {"focal", "dice"} <= set(rows(tmp_path / "run")[0])
    assert read_run(tmp_path / "run").card.decoding["net"] == net


def test_a_torchvision_network_trains_with_its_own_pixel_statistics(squares, tmp_path):
    train_segment(options(squares, tmp_path / "run", epochs=1, net="torchvision/lraspp_mobilenet_v3_large"), QUIET)
    assert read_run(tmp_path / "run").card.mean == (123.675, 116.28, 103.53)


def test_images_with_weak_masks_are_learned_from_too_and_less_often(tmp_path):
    """Three true masks, each drawn six times as often as the two weak ones."""
    data = write_mask_squares(tmp_path / "data", train=5, val=1, masked=3)
    (tmp_path / "weak").mkdir()
    for number in (3, 4):
        Image.fromarray(square_mask(number)).save(tmp_path / "weak" / f"{number:03}.png")
    ours = options(data, tmp_path / "run", epochs=1, weak_masks=str(tmp_path / "weak"), true_weight=6.0, balance=0.0)
    report = TrainingReport(QUIET, quiet=True)
    run = SegmentRun(ours, *SegmentRun.read(ours, report), report, StopRequest())
    assert [image.path.stem for image in run.train.items] == ["000", "001", "002", "003", "004"]
    assert run.repeats().tolist() == [6, 6, 6, 1, 1]
    Image.fromarray(np.full((64, 64), 7, np.uint8)).save(tmp_path / "weak" / "004.png")
    with pytest.raises(DataError, match=r"weak/004\.png: value 7 is outside the class list"):
        SegmentRun.read(ours, report)


def test_weights_of_other_classes_are_taken_in_part(squares, whole_run, tmp_path):
    """A run's: all of it. A file's with three classes: all but the last layer. --freeze: the first stages stay."""
    train_segment(options(squares, tmp_path / "again", epochs=1, from_=str(whole_run), freeze=3), QUIET)
    before, after = (load_file(run / "best.safetensors") for run in (whole_run, tmp_path / "again"))
    stays = {name for name, value in after.items() if torch.equal(value, before[name])}
    assert {"backbone.stem.conv.weight", "backbone.blocks.1.depthwise.conv.weight"} <= stays
    assert "backbone.blocks.2.depthwise.conv.weight" not in stays
    three = before | {"out.weight": torch.zeros(3, 64, 1, 1), "out.bias": torch.zeros(3)}
    save_file(three, tmp_path / "three.safetensors")
    text = Console(record=True, width=200, file=open(os.devnull, "w"))  # noqa: SIM115
    loud = replace(
        options(squares, tmp_path / "part", epochs=1, from_=str(tmp_path / "three.safetensors")), quiet=False
    )
    train_segment(loud, text)
    assert "2 tensors are reinitialized, such as out.weight" in text.export_text()


def broken(tmp_path, number, image):
    data = write_mask_squares(tmp_path / "data")
    Image.fromarray(image).save(data / "masks" / f"{number:03}.png")
    return data


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.zeros((32, 64), np.uint8), r"001\.png: the mask is 64x32, its image .*001\.png is 64x64"),
        (np.full((64, 64), 9, np.uint8), r"001\.png: value 9 is outside the class list, expected 0, 1, 255"),
        (np.full((64, 64), 255, np.uint8), r"001\.png: every pixel is 255"),
    ],
    ids=["another size", "a value outside the list", "nothing that counts"],
)
def test_bad_masks_stop_before_anything_is_written(tmp_path, mask, message):
    data = broken(tmp_path, 1, mask)
    with pytest.raises(DataError, match=message) as caught:
        train_segment(options(data, tmp_path / "run"), QUIET)
    assert caught.value.exit_code == 5
    assert not (tmp_path / "run").exists()


def test_bad_masks_can_be_left_out(tmp_path):
    data = broken(tmp_path, 1, np.zeros((32, 64), np.uint8))
    train_segment(options(data, tmp_path / "run", skip_bad=True, epochs=1), QUIET)
    assert len(load_checkpoint(tmp_path / "run")["data"]["images"]) == 4


def test_a_set_without_masks_says_what_was_looked_for(tmp_path):
    (tmp_path / "data" / "images").mkdir(parents=True)
    Image.fromarray(square_image(0)[0]).save(tmp_path / "data" / "images" / "0.png")
    with pytest.raises(DataError, match=r"found no masks in a known format; looked for VOC .*images/ and masks/"):
        train_segment(options(tmp_path / "data", tmp_path / "run"), QUIET)


def test_a_run_that_diverges_says_so(squares, tmp_path):
    with pytest.raises(DlcliError, match="training diverged"):
        train_segment(options(squares, tmp_path / "run", lr=1e30, backbone_lr=1e30, epochs=8, warmup=0, clip=0), QUIET)


def test_a_network_without_a_backbone_says_how_to_start(squares, tmp_path):
    with pytest.raises(UsageError, match="--from imagenet: this network has no EfficientNet-Lite0 in it"):
        train_segment(options(squares, tmp_path / "run", net="unet", from_="imagenet"), QUIET)
