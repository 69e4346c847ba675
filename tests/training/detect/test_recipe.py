"""`train detect` from end to end on tiny images: resume, stop, bad data, divergence, learning."""

import csv
import io
import json
import shutil
import signal
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console
from safetensors.torch import load_file

from dlcli.errors import DataError, DlcliError, InterruptedRunError, UsageError
from dlcli.models.run_folder import read_run
from dlcli.nets.factory import build_detector, torch_forward
from dlcli.nets.fast_rcnn import FastRcnn
from dlcli.nets.weights import load_weights
from dlcli.signals import arrive
from dlcli.tasks.detect.detector import Detector, Limits
from dlcli.training import trainer as run_module
from dlcli.training.checkpoint import load_checkpoint, save_checkpoint
from dlcli.training.detect import recipe as detect
from dlcli.training.detect.options import DetectTraining, Net
from dlcli.training.detect.recipe import train_detect
from dlcli.training.options import Precision
from tests.training.sets import square_image, write_squares

QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def squares(tmp_path_factory):
    """5 images: 2 steps an epoch at 2 images a step, and one left over."""
    return write_squares(tmp_path_factory.mktemp("data") / "squares", train=5, val=1)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """No curves, which take longer than the learning here."""
    monkeypatch.setattr(run_module, "draw_curves", lambda *_: None)


def options(data, out, **more):
    small = {"size": 64, "batch": 2, "epochs": 2, "from_": "none", "workers": 0, "threads": 1, "sides": "16,24,32,48"}
    return DetectTraining(data=data, out=out, quiet=True, **(small | more))


def stop_after(monkeypatch, step, number=signal.SIGINT):
    """A signal comes in the middle of the given step."""
    loss_class = type(detect.build_loss(options(Path(), Path()), detect.AnchorGrid(64, 64)))
    plain, done = loss_class.__call__, []

    def interrupted(self, net, batch):
        done.append(0)
        if len(done) == step:
            arrive(number)
        return plain(self, net, batch)

    monkeypatch.setattr(loss_class, "__call__", interrupted)


def rows(run):
    return list(csv.DictReader((run / "metrics.csv").read_text().splitlines()))


def states(run):
    saved = load_checkpoint(run)
    return saved["net"], saved["ema"], saved["optimizer"]["state"]


def assert_same_run(one, other):
    net, ema, moments = zip(states(one), states(other), strict=True)
    for ours, theirs in (net, ema):
        assert [n for n in ours if not torch.equal(ours[n], theirs[n])] == []
    assert all(torch.equal(moments[0][i][k], moments[1][i][k]) for i in moments[0] for k in moments[0][i])
    best, again = (load_file(run / "best.safetensors") for run in (one, other))
    assert all(torch.equal(best[n], again[n]) for n in best)
    assert rows(one) == rows(other)


@pytest.fixture(scope="module")
def whole_run(squares, tmp_path_factory):
    """Two epochs of two steps, uninterrupted."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_module, "draw_curves", lambda *_: None)
        train_detect(options(squares, out), QUIET)
    return out


@pytest.mark.parametrize("step", [3, 4], ids=["in the middle of epoch 2", "at its last step"])
def test_a_resumed_run_ends_as_an_uninterrupted_one(squares, whole_run, tmp_path, monkeypatch, step):
    ours = options(squares, tmp_path / "run")
    with monkeypatch.context() as patch:
        stop_after(patch, step)
        with pytest.raises(InterruptedRunError, match=f"stopped after step {step}; go on with --resume"):
            train_detect(ours, QUIET)
    saved = load_checkpoint(ours.out)
    assert (saved["epoch"], saved["step"], saved["total"]) == (1, step - 2, step)
    train_detect(replace(ours, resume=True), QUIET)
    assert_same_run(ours.out, whole_run)


def test_a_run_that_is_stopped_while_it_is_measured_loses_nothing(squares, whole_run, tmp_path, monkeypatch):
    ours = options(squares, tmp_path / "run")

    @contextmanager
    def stopped(do):
        raise InterruptedRunError(do("interrupted"))
        yield

    with monkeypatch.context() as patch:
        patch.setattr(run_module, "end_at_once", stopped)
        with pytest.raises(InterruptedRunError, match="stopped after step 2; go on with --resume"):
            train_detect(ours, QUIET)
    assert load_checkpoint(ours.out)["total"] == 2
    train_detect(replace(ours, resume=True), QUIET)
    assert_same_run(ours.out, whole_run)


def test_the_state_of_another_network_is_refused_in_a_sentence(squares, whole_run, tmp_path):
    shutil.copytree(whole_run, tmp_path / "run")
    saved = load_checkpoint(tmp_path / "run")
    name = next(iter(saved["net"]))
    ours = options(squares, tmp_path / "run", resume=True)
    for change in ({"net": saved["net"] | {name: torch.zeros(1)}}, {"optimizer": {}}, {"ema": {}}):
        save_checkpoint(tmp_path / "run", saved | change)
        with pytest.raises(DataError, match=r"last\.pt: is of another training: .*; start a new run in another --out$"):
            train_detect(ours, QUIET)


def test_a_run_leaves_what_the_others_read(whole_run, squares):
    assert {path.name for path in whole_run.iterdir()} == {"best.safetensors", "config.json", "last.pt", "metrics.csv"}
    run = read_run(whole_run)
    net = build_detector(run.card)
    assert load_weights(run.weights, net) == []
    assert [row["epoch"] for row in rows(whole_run)] == ["1", "2"]
    assert set(rows(whole_run)[0]) == {"epoch", "class", "box", "map50", "map50_voc11", "map50_95"}


def test_sigterm_keeps_the_run_and_has_its_exit_code(squares, tmp_path, monkeypatch):
    stop_after(monkeypatch, 1, signal.SIGTERM)
    with pytest.raises(DlcliError, match="stopped after step 1") as caught:
        train_detect(options(squares, tmp_path / "run"), QUIET)
    assert caught.value.exit_code == 143
    assert load_checkpoint(tmp_path / "run")["total"] == 1


def test_a_run_goes_on_only_as_it_was_set(squares, whole_run, tmp_path):
    with pytest.raises(UsageError, match=r"--resume: --epochs was 2 in .*, now 3; give what the run was started with"):
        train_detect(options(squares, whole_run, resume=True, epochs=3), QUIET)
    other = write_squares(tmp_path / "other", train=4)
    with pytest.raises(UsageError, match=r"has other images than when .* was started \(5 then, 4 now\)"):
        train_detect(options(other, whole_run, resume=True), QUIET)


def test_bad_data_stops_before_anything_is_written(squares, tmp_path):
    data = write_squares(tmp_path / "data")
    image = data / "images" / "001.png"
    image.write_bytes(image.read_bytes()[:-3000])
    with pytest.raises(DataError, match=r"001\.png") as caught:
        train_detect(options(data, tmp_path / "run"), QUIET)
    assert caught.value.exit_code == 5
    assert not (tmp_path / "run").exists()


def test_fewer_images_than_a_batch_are_one_step(squares, tmp_path):
    train_detect(options(squares, tmp_path / "run", batch=16, epochs=1), QUIET)
    assert load_checkpoint(tmp_path / "run")["total"] == 1


def test_a_run_that_diverges_says_so(squares, tmp_path):
    with pytest.raises(DlcliError, match="training diverged"):
        train_detect(options(squares, tmp_path / "run", lr=1e30, backbone_lr=1e30, epochs=8, warmup=0, clip=0), QUIET)


def test_a_fast_rcnn_trains_and_predicts(squares, tmp_path):
    train_detect(options(squares, tmp_path / "run", net=Net.FAST_RCNN, epochs=1), QUIET)
    assert {"region_class", "region_box", "map50"} <= set(rows(tmp_path / "run")[0])
    run = read_run(tmp_path / "run")
    net = build_detector(run.card)
    assert isinstance(net, FastRcnn)
    load_weights(run.weights, net)
    pixels, _ = square_image(100)
    boxes = Detector(run.card, torch_forward(net), Limits(conf=0.01)).boxes(pixels)
    assert ((boxes.scores > 0) & (boxes.scores <= 1)).all()


@pytest.mark.parametrize("net", list(Net))
def test_it_learns_to_find_squares(tmp_path, net):
    data = write_squares(tmp_path / "data", train=8, val=3)
    more = {"epochs": 12, "batch": 8, "from_": "imagenet", "eval_every": 4, "mosaic": 0.0, "zoom": 1.0, "expand": 1.0}
    train_detect(options(data, tmp_path / "run", net=net, lr=3e-3, backbone_lr=1e-3, **more), QUIET)
    measured = [float(row["map50"]) for row in rows(tmp_path / "run") if row["map50"]]
    losses = [float(row["class"]) for row in rows(tmp_path / "run")]
    assert losses[-1] < losses[0] / 2
    assert measured[-1] > max(0.3, measured[0])


def test_a_run_in_bfloat16_learns_and_keeps_float32_weights(squares, tmp_path):
    train_detect(options(squares, tmp_path / "run", precision=Precision.BFLOAT16), QUIET)
    weights = load_file(tmp_path / "run" / "best.safetensors")
    assert {value.dtype for value in weights.values() if value.is_floating_point()} == {torch.float32}
    assert all(float(row["class"]) > 0 for row in rows(tmp_path / "run"))


def test_a_run_takes_over_the_class_that_both_know(squares, whole_run, tmp_path):
    categories = [{"id": 1, "name": "square"}, {"id": 2, "name": "circle"}]
    shutil.copytree(squares, tmp_path / "two")
    for split in ("train", "val"):
        path = tmp_path / "two" / "annotations" / f"instances_{split}.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"categories": categories}))
    told = io.StringIO()
    ours = replace(options(tmp_path / "two", tmp_path / "run", from_=str(whole_run), lr=0.0), quiet=False)
    train_detect(ours, Console(file=told, width=200))
    assert "knows 1 of 2 classes" in told.getvalue()
    assert "images/s" in told.getvalue()
    before, after = (load_file(run / "best.safetensors")["head.class_out.bias"] for run in (whole_run, ours.out))
    assert torch.equal(after.view(-1, 2)[:, 0], before)
