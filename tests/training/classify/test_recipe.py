"""What is special to `train classify`: its networks, several labels an image, frozen layers, the confusion matrix."""

import shutil
import signal
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from dlcli.errors import InterruptedRunError, UsageError
from dlcli.evaluation import class_plots
from dlcli.metrics.classification import ClassificationMetric
from dlcli.models.run_folder import read_run
from dlcli.nets.build_classifier import build_classifier
from dlcli.nets.forward import torch_forward
from dlcli.nets.weights import load_weights
from dlcli.tasks.network_input import to_input
from dlcli.training import labeled
from dlcli.training.classify.options import ClassWeights
from dlcli.training.classify.recipe import write_confusion
from tests.training.cases import CLASSIFY, assert_same_run, rows
from tests.training.class_sets import CLASSES, colored, write_class_csv, write_class_folders


@pytest.fixture(scope="module")
def colors(tmp_path_factory):
    """6 images: 2 steps an epoch at 3 images a step."""
    return write_class_folders(tmp_path_factory.mktemp("data") / "colors", train=2, val=1)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """No images of curves and matrices, which take longer than the learning here."""
    monkeypatch.setattr(labeled, "draw_curves", lambda *_: None)
    monkeypatch.setattr(class_plots, "draw_confusion", lambda *_: b"")


def options(data, out, **more):
    plain = {"net": "lite0", "mixup": 0.0, "cutmix": 0.0}
    return CLASSIFY.given(data, out, **(plain | more))


def test_a_resumed_run_knows_what_was_reinitialized(colors, tmp_path):
    frozen = {"from_": "imagenet", "freeze": "all-but-last"}
    whole, ours = (options(colors, tmp_path / name / "run", **frozen) for name in ("whole", "stopped"))
    CLASSIFY.train(whole)
    with pytest.raises(InterruptedRunError):
        CLASSIFY.stop_at(3, signal.SIGINT, ours)
    CLASSIFY.train(replace(ours, resume=True))
    assert_same_run(ours.out, whole.out)


def test_what_a_run_leaves_classifies(colors, tmp_path):
    CLASSIFY.train(options(colors, tmp_path / "run", label_smoothing=0.1))
    run = read_run(tmp_path / "run")
    assert (run.card.task, run.card.labels, run.card.input) == ("classify", CLASSES, (32, 32))
    assert run.card.decoding == {"scores": "softmax", "net": "lite0"}
    net = build_classifier(run.card)
    assert load_weights(run.weights, net) == []
    tensor, _ = to_input(run.card, colored(("red",), 5))
    logits = torch_forward(net)(tensor)
    assert (logits.shape, str(logits.dtype)) == ((3,), "float32")
    assert set(rows(run.path)[0]) == {"epoch", "class", "top1"}


def test_a_network_of_torchvision_trains(colors, tmp_path):
    CLASSIFY.train(options(colors, tmp_path / "run", net=CLASSIFY.small["net"], epochs=1))
    run = read_run(tmp_path / "run")
    assert run.card.mean == pytest.approx([255 * v for v in (0.485, 0.456, 0.406)])
    assert load_weights(run.weights, build_classifier(run.card)) == []


def test_several_labels_an_image_are_found_in_a_csv(tmp_path):
    data = write_class_csv(tmp_path / "set", 8, 4)
    CLASSIFY.train(options(data, tmp_path / "run", epochs=1, class_weights=ClassWeights.AUTO))
    assert read_run(tmp_path / "run").card.decoding["scores"] == "sigmoid"
    assert set(rows(tmp_path / "run")[0]) == {"epoch", "class", "map"}


def test_the_last_layer_is_reinitialized_from_a_run_of_other_classes(colors, tmp_path):
    CLASSIFY.train(options(colors, tmp_path / "first", epochs=1))
    data = write_class_folders(tmp_path / "data", train=2, val=1)
    for split in ("train", "val"):
        (data / split / "red").rename(data / split / "rose")
    second = options(data, tmp_path / "second", epochs=1, from_=str(tmp_path / "first"), freeze="all-but-last")
    CLASSIFY.train(second)
    before, after = (load_file(tmp_path / name / "best.safetensors") for name in ("first", "second"))
    assert [name for name in before if not torch.equal(before[name], after[name])] == ["linear.bias", "linear.weight"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"net": "resnet19"}, "--net resnet19: .*torchvision/resnet18; did you mean resnet18"),
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
        CLASSIFY.train(options(tmp_path / "nowhere", tmp_path / "run", **more))


def test_with_more_than_five_classes_there_is_top_5(tmp_path):
    data = write_class_folders(tmp_path / "data", train=2, val=1)
    for name in ("c", "d", "e"):
        for split in ("train", "val"):
            shutil.copytree(data / split / "red", data / split / name)
    CLASSIFY.train(options(data, tmp_path / "run", epochs=1, net=CLASSIFY.small["net"]))
    assert set(rows(tmp_path / "run")[0]) == {"epoch", "class", "top1", "top5"}


def drawn(monkeypatch, tmp_path, truths, labels=CLASSES):
    """What would be drawn after images of these classes, each called blue."""
    metric, seen = ClassificationMetric(sorted({number for row in truths for number in row})), []
    for row in truths:
        metric.add(np.array([0.9] + [0.05] * (len(labels) - 1)), row)
    monkeypatch.setattr(class_plots, "draw_confusion", lambda *given: seen.append(given) or b"PNG")
    write_confusion(tmp_path / "c.png", metric.value(), labels, "epoch 1")
    return seen


def test_the_confusion_matrix_has_the_classes_of_val(monkeypatch, tmp_path):
    ((matrix, names, title, *_),) = drawn(monkeypatch, tmp_path, [(0,), (0,), (1,), (2,)])
    assert (matrix.tolist(), names) == ([[2, 0, 0], [1, 0, 0], [1, 0, 0]], list(CLASSES))
    assert title == "epoch 1: top-1 0.5000 of 4"
    assert (tmp_path / "c.png").read_bytes() == b"PNG"
    ((matrix, names, *_),) = drawn(monkeypatch, tmp_path, [(1,), (2,)])
    assert (matrix.tolist(), names) == ([[0, 0, 1], [0, 0, 1], [0, 0, 0]], ["green", "red", "(other)"])


def test_images_of_several_classes_have_no_confusion_matrix(monkeypatch, tmp_path):
    assert drawn(monkeypatch, tmp_path, [(0, 1), (1, 2)]) == []
    assert not (tmp_path / "c.png").exists()
