"""What is special to `train segment`: its networks, losses and weak masks, and masks that cannot be learned from."""

import csv
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from rich.console import Console
from safetensors.torch import load_file, save_file

from dlcli.errors import DataError, UsageError
from dlcli.evaluation.evaluate import evaluate
from dlcli.models.run_folder import read_run
from dlcli.tasks.segment.options import SegmentOptions
from dlcli.tasks.segment.task import TASK
from dlcli.training import labeled
from dlcli.training.checkpoint import load_checkpoint
from dlcli.training.log import TrainLog
from dlcli.training.segment.options import SegmentTraining
from dlcli.training.segment.recipe import check_batch, check_options, plan, read_sets
from tests.training.cases import QUIET, SEGMENT, rows
from tests.training.mask_sets import square_mask, write_mask_squares
from tests.training.sets import square_image


@pytest.fixture(scope="module")
def squares(tmp_path_factory):
    """5 images: 2 steps an epoch at 2 images a step, and one left over."""
    return write_mask_squares(tmp_path_factory.mktemp("data") / "squares", train=5, val=1)


@pytest.fixture(scope="module")
def whole_run(squares, tmp_path_factory):
    """Two epochs of two steps."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    SEGMENT.train(SEGMENT.given(squares, out))
    return out


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """No curves, which take longer than the learning here."""
    monkeypatch.setattr(labeled, "draw_curves", lambda *_: None)


def options(**more):
    return SegmentTraining(data=Path("data"), out=Path("run"), **more)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"size": 100}, "--size 100: expected a multiple of 32"),
        ({"start_size": 100}, "--start-size 100: expected a multiple of 32"),
        ({"net": "vgg"}, "--net vgg: expected one of light"),
        ({"net": "torchvision/resnet18"}, "--net torchvision/resnet18: expected one of torchvision/"),
        ({"loss": "dice+iou"}, r"--loss dice\+iou: expected dice, ce, focal"),
        ({"class_weights": "1,x"}, "--class-weights 1,x: expected none, auto, or a number a class"),
        ({"class_weights": "1,-1,2"}, "--class-weights"),
        ({"class_weights": "nan,1"}, "--class-weights"),
        ({"class_weights": "0,0,0"}, "--class-weights"),
        ({"class_weights": ""}, "--class-weights"),
    ],
)
def test_what_does_not_fit_is_refused(more, message):
    check_options(options())
    with pytest.raises(UsageError, match=message):
        check_options(options(**more))


@pytest.mark.parametrize(
    ("more", "images", "refused"),
    [
        ({"batch": 1, "size": 32}, 9, True),
        ({"batch": 8, "size": 32}, 1, True),
        ({"batch": 2, "size": 32}, 9, False),
        ({"batch": 1, "size": 64}, 9, False),
        ({"batch": 1, "size": 64, "start_size": 32}, 9, True),
        ({"batch": 1, "size": 320, "net": "torchvision/deeplabv3_resnet50"}, 9, True),
    ],
)
def test_one_image_a_step_needs_more_than_one_cell(more, images, refused):
    if not refused:
        check_batch(options(**more), images)
        return
    with pytest.raises(UsageError, match="needs two or more; pass --batch 2"):
        check_batch(options(**more), images)


def test_a_run_shows_where_its_metrics_come_from(whole_run):
    assert sorted(path.name for path in (whole_run / "samples").iterdir()) == ["epoch-01.png", "epoch-02.png"]
    card = read_run(whole_run).card
    assert card.labels == ("background", "square")
    assert card.decoding == {"net": "light", "stride": 4, "background": 0, "scores": "softmax"}
    assert set(rows(whole_run)[0]) == {"epoch", "dice", "ce", "miou", "mdice", "pixel_accuracy"}
    classes = list(csv.DictReader((whole_run / "classes.csv").read_text().splitlines()))
    assert [row["class"] for row in classes] == ["background", "square"]


def test_the_scores_are_those_of_the_shipped_predictor(whole_run, squares):
    found = evaluate(TASK, SegmentOptions(model=str(whole_run)), squares, "val", threads=1)
    best = max(float(row["miou"]) for row in rows(whole_run))
    assert found.scores.miou == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("net", ["unet", "unet-lite0", "fcn32s", "fcn8s"])
def test_other_networks_and_losses_train_too(squares, tmp_path, net):
    more = {"net": net, "loss": "focal+dice", "class_weights": "auto", "dice_per_image": True, "from_": "auto"}
    SEGMENT.train(SEGMENT.given(squares, tmp_path / "run", epochs=1, **more))
    assert {"focal", "dice"} <= set(rows(tmp_path / "run")[0])
    assert read_run(tmp_path / "run").card.decoding["net"] == net


def test_a_torchvision_network_trains_with_its_own_pixel_statistics(squares, tmp_path):
    SEGMENT.train(SEGMENT.given(squares, tmp_path / "run", epochs=1, net="torchvision/lraspp_mobilenet_v3_large"))
    assert read_run(tmp_path / "run").card.mean == (123.675, 116.28, 103.53)


def test_images_with_weak_masks_are_learned_from_too_and_less_often(tmp_path):
    """Three true masks, each drawn six times as often as the two weak ones."""
    data = write_mask_squares(tmp_path / "data", train=5, val=1, masked=3)
    (tmp_path / "weak").mkdir()
    for number in (3, 4):
        Image.fromarray(square_mask(number)).save(tmp_path / "weak" / f"{number:03}.png")
    ours = SEGMENT.given(
        data, tmp_path / "run", epochs=1, weak_masks=str(tmp_path / "weak"), true_weight=6.0, balance=0.0
    )
    log = TrainLog(QUIET, quiet=True)
    made = plan(ours, log, None)
    assert made.data["images"] == ["000.png", "001.png", "002.png", "003.png", "004.png"]
    assert made.batches.repeats.tolist() == [6, 6, 6, 1, 1]
    Image.fromarray(np.full((64, 64), 7, np.uint8)).save(tmp_path / "weak" / "004.png")
    with pytest.raises(DataError, match=r"weak/004\.png: value 7 is outside the class list"):
        read_sets(ours, log)


def test_weights_of_other_classes_are_taken_in_part(squares, whole_run, tmp_path):
    """A run's: all of it. A file's with three classes: all but the last layer. --freeze: the first stages stay."""
    SEGMENT.train(SEGMENT.given(squares, tmp_path / "again", epochs=1, from_=str(whole_run), freeze=3))
    before, after = (load_file(run / "best.safetensors") for run in (whole_run, tmp_path / "again"))
    stays = {name for name, value in after.items() if torch.equal(value, before[name])}
    assert {"backbone.stem.conv.weight", "backbone.blocks.1.depthwise.conv.weight"} <= stays
    assert "backbone.blocks.2.depthwise.conv.weight" not in stays
    three = before | {"out.weight": torch.zeros(3, 64, 1, 1), "out.bias": torch.zeros(3)}
    save_file(three, tmp_path / "three.safetensors")
    text = Console(record=True, width=200, file=open(os.devnull, "w"))  # noqa: SIM115
    loud = replace(
        SEGMENT.given(squares, tmp_path / "part", epochs=1, from_=str(tmp_path / "three.safetensors")), quiet=False
    )
    SEGMENT.train(loud, text)
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
        SEGMENT.train(SEGMENT.given(data, tmp_path / "run"))
    assert caught.value.exit_code == 5
    assert not (tmp_path / "run").exists()


def test_bad_masks_can_be_left_out(tmp_path):
    data = broken(tmp_path, 1, np.zeros((32, 64), np.uint8))
    SEGMENT.train(SEGMENT.given(data, tmp_path / "run", skip_bad=True, epochs=1))
    assert len(load_checkpoint(tmp_path / "run")["data"]["images"]) == 4


def test_a_set_without_masks_says_what_was_looked_for(tmp_path):
    (tmp_path / "data" / "images").mkdir(parents=True)
    Image.fromarray(square_image(0)[0]).save(tmp_path / "data" / "images" / "0.png")
    with pytest.raises(DataError, match=r"found no masks in a known format; looked for VOC .*images/ and masks/"):
        SEGMENT.train(SEGMENT.given(tmp_path / "data", tmp_path / "run"))


def test_a_network_without_a_backbone_says_how_to_start(squares, tmp_path):
    with pytest.raises(UsageError, match="--from imagenet: this network has no EfficientNet-Lite0 in it"):
        SEGMENT.train(SEGMENT.given(squares, tmp_path / "run", net="unet", from_="imagenet"))
