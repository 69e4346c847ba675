"""`train classify` from end to end on tiny images: resume, bad data, divergence, learning."""

import csv
import shutil
import signal
from dataclasses import replace

import numpy as np
import pytest
import torch
from rich.console import Console
from safetensors.torch import load_file

from dlcli.errors import DataError, DlcliError, InterruptedRunError, UsageError
from dlcli.metrics.classification import ClassificationMetric
from dlcli.models.run_folder import read_run
from dlcli.nets.build_classifier import build_classifier, torch_class_forward
from dlcli.nets.weights import load_weights
from dlcli.signals import arrive
from dlcli.tasks.network_input import to_input
from dlcli.training import trainer as run_module
from dlcli.training.checkpoint import load_checkpoint
from dlcli.training.classify import recipe as classify
from dlcli.training.classify.options import ClassifyTraining, ClassWeights
from dlcli.training.classify.recipe import BatchLoss, train_classify, write_confusion
from tests.training.class_sets import CLASSES, colored, write_class_csv, write_class_folders

QUIET = Console(quiet=True)
SMALL = "torchvision/shufflenet_v2_x0_5"
FILES = {"best.safetensors", "config.json", "confusion.png", "last.pt", "metrics.csv"}


@pytest.fixture(scope="module")
def colors(tmp_path_factory):
    """6 images: 2 steps an epoch at 3 images a step."""
    return write_class_folders(tmp_path_factory.mktemp("data") / "colors", train=2, val=1)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """No curves, which take longer than the learning here."""
    monkeypatch.setattr(run_module, "draw_curves", lambda *_: None)
    monkeypatch.setattr(classify, "draw_confusion", lambda *_: b"")


def options(data, out, **more):
    small = {"size": 32, "batch": 3, "epochs": 2, "from_": "none", "workers": 0, "threads": 1}
    return ClassifyTraining(data=data, out=out, quiet=True, **(small | more))


def stop_after(monkeypatch, step):
    """Ctrl-C comes in the middle of the given step."""
    plain, done = BatchLoss.__call__, []

    def interrupted(self, net, batch):
        done.append(0)
        if len(done) == step:
            arrive(signal.SIGINT)
        return plain(self, net, batch)

    monkeypatch.setattr(BatchLoss, "__call__", interrupted)


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


@pytest.mark.parametrize(
    "more",
    [{"net": SMALL, "mixup": 0.2, "cutmix": 1.0}, {"from_": "imagenet", "freeze": "all-but-last"}],
    ids=["mixed", "frozen"],
)
def test_a_resumed_run_ends_as_an_uninterrupted_one(colors, tmp_path, monkeypatch, more):
    whole, ours = (options(colors, tmp_path / name, **more) for name in ("whole", "run"))
    train_classify(whole, QUIET)
    with monkeypatch.context() as patch:
        stop_after(patch, 3)
        with pytest.raises(InterruptedRunError, match="stopped after step 3; go on with --resume"):
            train_classify(ours, QUIET)
    saved = load_checkpoint(ours.out)
    assert (saved["epoch"], saved["step"], saved["total"]) == (1, 1, 3)
    train_classify(replace(ours, resume=True), QUIET)
    assert_same_run(ours.out, whole.out)


def test_a_run_leaves_what_the_others_read(colors, tmp_path):
    train_classify(options(colors, tmp_path / "run", label_smoothing=0.1), QUIET)
    run = read_run(tmp_path / "run")
    assert (run.card.task, run.card.labels, run.card.input) == ("classify", CLASSES, (32, 32))
    assert run.card.decoding == {"scores": "softmax", "net": "lite0"}
    net = build_classifier(run.card)
    assert load_weights(run.weights, net) == []
    tensor, _ = to_input(run.card, colored(("red",), 5))
    logits = torch_class_forward(net)(tensor)
    assert (logits.shape, str(logits.dtype)) == ((3,), "float32")
    assert {path.name for path in run.path.iterdir()} == FILES
    assert [row["epoch"] for row in rows(run.path)] == ["1", "2"]
    assert set(rows(run.path)[0]) == {"epoch", "class", "top1"}


def test_a_network_of_torchvision_trains(colors, tmp_path):
    train_classify(options(colors, tmp_path / "run", net=SMALL, epochs=1), QUIET)
    run = read_run(tmp_path / "run")
    assert run.card.mean == pytest.approx([255 * v for v in (0.485, 0.456, 0.406)])
    assert load_weights(run.weights, build_classifier(run.card)) == []


def test_several_labels_a_image_are_found_in_a_csv(tmp_path):
    data = write_class_csv(tmp_path / "set", 8, 4)
    train_classify(options(data, tmp_path / "run", epochs=1, class_weights=ClassWeights.AUTO), QUIET)
    assert read_run(tmp_path / "run").card.decoding["scores"] == "sigmoid"
    assert set(rows(tmp_path / "run")[0]) == {"epoch", "class", "map"}


def test_the_last_layer_starts_anew_from_a_run_of_other_classes(colors, tmp_path):
    train_classify(options(colors, tmp_path / "first", epochs=1), QUIET)
    data = write_class_folders(tmp_path / "data", train=2, val=1)
    for split in ("train", "val"):
        (data / split / "red").rename(data / split / "rose")
    second = options(data, tmp_path / "second", epochs=1, from_=str(tmp_path / "first"), freeze="all-but-last")
    train_classify(second, QUIET)
    before, after = (load_file(tmp_path / name / "best.safetensors") for name in ("first", "second"))
    assert [name for name in before if not torch.equal(before[name], after[name])] == ["linear.bias", "linear.weight"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"net": "resnet18"}, "--net resnet18: .*torchvision/resnet18"),
        ({"net": "torchvision/resnet81"}, "--net torchvision/resnet81: .*the nearest are torchvision/resnet18"),
        (
            {"net": "torchvision/vit_b_32", "start_size": 64},
            "--start-size 64: torchvision/vit_b_32 takes one size only",
        ),
        ({"freeze": "most"}, "--freeze most: expected a number"),
        ({"batch": 1}, "--batch 1 --from none: batch statistics need two images"),
    ],
)
def test_options_that_cannot_be_are_refused_before_anything_is_read(tmp_path, more, message):
    with pytest.raises(UsageError, match=message):
        train_classify(options(tmp_path / "nowhere", tmp_path / "run", **more), QUIET)


def test_bad_data_stops_before_anything_is_written(tmp_path):
    data = write_class_folders(tmp_path / "data", train=2, val=1)
    (data / "train" / "red" / "00.png").write_text("text")
    with pytest.raises(DataError, match=r"red/00\.png") as caught:
        train_classify(options(data, tmp_path / "run"), QUIET)
    assert caught.value.exit_code == 5
    assert not (tmp_path / "run").exists()


def test_a_run_that_diverges_says_so(colors, tmp_path):
    with pytest.raises(DlcliError, match=r"training diverged: the .* is .*; start again with a lower --lr"):
        train_classify(options(colors, tmp_path / "run", lr=1e30, epochs=8, warmup=0, clip=0), QUIET)


def test_with_more_than_five_classes_top_5_is_told(tmp_path):
    data = write_class_folders(tmp_path / "data", train=2, val=1)
    for name in ("c", "d", "e"):
        for split in ("train", "val"):
            shutil.copytree(data / split / "red", data / split / name)
    train_classify(options(data, tmp_path / "run", epochs=1, net=SMALL), QUIET)
    assert set(rows(tmp_path / "run")[0]) == {"epoch", "class", "top1", "top5"}


def test_it_learns_to_tell_colors(tmp_path):
    data = write_class_folders(tmp_path / "data", train=8, val=4)
    more = {"epochs": 6, "batch": 8, "from_": "imagenet", "no_color": True, "zoom": 0.9, "freeze": "0"}
    train_classify(options(data, tmp_path / "run", **more), QUIET)
    losses = [float(row["class"]) for row in rows(tmp_path / "run")]
    assert losses[-1] < losses[0] / 2
    assert float(rows(tmp_path / "run")[-1]["top1"]) > 0.9


def drawn(monkeypatch, tmp_path, truths, labels=CLASSES):
    """What would be drawn after images of these classes, each called blue."""
    metric, seen = ClassificationMetric(sorted({number for row in truths for number in row})), []
    for row in truths:
        metric.add(np.array([0.9] + [0.05] * (len(labels) - 1)), row)
    monkeypatch.setattr(classify, "draw_confusion", lambda *given: seen.append(given) or b"PNG")
    write_confusion(tmp_path / "c.png", metric.value(), labels, "epoch 1")
    return seen


def test_the_confusion_matrix_has_the_classes_of_val(monkeypatch, tmp_path):
    ((matrix, names, title, _),) = drawn(monkeypatch, tmp_path, [(0,), (0,), (1,), (2,)])
    assert (matrix.tolist(), names) == ([[2, 0, 0], [1, 0, 0], [1, 0, 0]], list(CLASSES))
    assert title == "epoch 1: top-1 0.5000 of 4"
    assert (tmp_path / "c.png").read_bytes() == b"PNG"
    ((matrix, names, _, _),) = drawn(monkeypatch, tmp_path, [(1,), (2,)])
    assert (matrix.tolist(), names) == ([[0, 0, 1], [0, 0, 1], [0, 0, 0]], ["green", "red", "(other)"])


def test_images_of_several_classes_have_no_confusion_matrix(monkeypatch, tmp_path):
    assert drawn(monkeypatch, tmp_path, [(0, 1), (1, 2)]) == []
    assert not (tmp_path / "c.png").exists()
