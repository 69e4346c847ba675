"""`--from` and `--freeze` of a classifier."""

import pytest
import torch

from dlcli.card import ModelCard
from dlcli.errors import MissingError, UsageError
from dlcli.nets.anchor_detector import AnchorDetector
from dlcli.nets.build_classifier import last_layer, network, stages
from dlcli.nets.efficientnet_lite import EfficientNetLite0Classifier, load_imagenet
from dlcli.nets.torchvision.classifiers import weights_source
from dlcli.nets.weights import save_weights
from dlcli.training.classify.init import (
    freeze_classifier,
    freeze_count,
    quicken_norms,
    set_training_classifier,
    slow_parameters,
    start_classifier,
)

LABELS = ("cat", "dog")
LAST = ["linear.weight", "linear.bias"]
TINY = "torchvision/shufflenet_v2_x0_5"


@pytest.fixture
def net():
    return EfficientNetLite0Classifier(2)


def weights_for(path, labels, net=None):
    card = ModelCard("other", "classify", labels, (64, 64), (127.0,) * 3, (128.0,) * 3)
    save_weights(path, net or EfficientNetLite0Classifier(len(labels)), card=card)
    return str(path)


def start(net, from_, name="lite0"):
    said = []
    return start_classifier(net, name, from_, LABELS, said.append), said


def test_imagenet_sets_all_but_the_last_layer(net):
    before = net.linear.weight.clone()
    reinitialized, said = start(net, "imagenet")
    assert sorted(reinitialized) == sorted(LAST)
    assert said == ["--from imagenet: the last layer is reinitialized for 2 classes"]
    stored = load_imagenet().state_dict()
    assert all(torch.equal(value, stored[name]) for name, value in net.state_dict().items() if name not in LAST)
    assert torch.equal(net.linear.weight, before)


def test_weights_for_the_same_classes_are_taken_whole(tmp_path, net):
    other = EfficientNetLite0Classifier(2)
    reinitialized, said = start(net, weights_for(tmp_path / "w.safetensors", LABELS, other))
    assert (reinitialized, said) == ([], [])
    assert torch.equal(net.linear.weight, other.linear.weight)


@pytest.mark.parametrize("labels", [("dog", "cat"), ("a", "b", "c")], ids=["as many, others", "more"])
def test_the_last_layer_starts_anew_for_other_classes(tmp_path, net, labels):
    before = net.linear.weight.clone()
    path = weights_for(tmp_path / "w.safetensors", labels)
    reinitialized, said = start(net, path)
    assert sorted(reinitialized) == sorted(LAST)
    assert said == [f"--from {path}, which knows {len(labels)} classes: the last layer is reinitialized for 2 classes"]
    assert torch.equal(net.linear.weight, before)


def test_a_detectors_backbone_serves(tmp_path, net):
    detector = AnchorDetector(3, 6)
    save_weights(tmp_path / "d.safetensors", detector)
    reinitialized, said = start(net, str(tmp_path / "d.safetensors"))
    assert torch.equal(net.backbone.stem.conv.weight, detector.backbone.stem.conv.weight)
    assert {"linear.weight", "head.conv.weight"} <= set(reinitialized)
    assert not any(name.startswith("backbone") for name in reinitialized)
    assert "more tensors are reinitialized, such as head.conv.weight" in said[-1]
    freeze_classifier(net, None, reinitialized)
    assert not any(p.requires_grad for p in net.backbone.parameters())
    assert all(p.requires_grad for p in net.head.parameters())
    set_training_classifier(net, reinitialized)
    assert net.head.norm.training
    assert not net.backbone.stem.norm.training


def test_weights_of_another_network_are_refused(tmp_path):
    path = weights_for(tmp_path / "w.safetensors", LABELS)
    with pytest.raises(UsageError, match="its weights fit no layer of torchvision/shufflenet_v2_x0_5"):
        start(network(TINY, 2, 64), path, TINY)


def test_torchvisions_weights_come_from_its_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    _, path = weights_source("shufflenet_v2_x0_5")
    path.parent.mkdir(parents=True)
    stored = network(TINY, 1000, 64).state_dict()
    torch.save(stored, path)
    net = network(TINY, 2, 64)
    reinitialized, said = start(net, "imagenet", TINY)
    assert sorted(reinitialized) == ["fc.bias", "fc.weight"]
    assert said == ["--from imagenet: the last layer is reinitialized for 2 classes"]
    assert torch.equal(net.conv1[0].weight, stored["conv1.0.weight"])


def test_an_unknown_name_says_what_there_is(net):
    with pytest.raises(MissingError, match="--from nowhere: expected imagenet, none, a bundled model"):
        start(net, "nowhere")


@pytest.mark.parametrize(("text", "count"), [("0", 0), ("17", 17), ("all-but-last", None)])
def test_freeze_takes_a_number_or_a_word(text, count):
    assert freeze_count(text) == count


@pytest.mark.parametrize("text", ["", "-1", "all", "1.5", "٣"])
def test_other_words_are_refused(text):
    with pytest.raises(UsageError, match=f"--freeze {text}: expected a number of layers and blocks"):
        freeze_count(text)


@pytest.mark.parametrize(("count", "still"), [(0, 0), (1, 1), (4, 4), (18, 18), (99, 18), (None, 18)])
def test_freeze_leaves_the_first_stages(net, count, still):
    freeze_classifier(net, count, LAST)
    assert [not any(p.requires_grad for p in stage.parameters()) for stage in stages(net)] == [
        i < still for i in range(18)
    ]
    assert all(p.requires_grad for p in net.linear.parameters())


def test_all_but_last_leaves_one_layer_of_a_transformer():
    net = network("torchvision/vit_b_32", 2, 32)
    freeze_classifier(net, None, ["heads.head.weight", "heads.head.bias"])
    assert [name for name, p in net.named_parameters() if p.requires_grad] == ["heads.head.weight", "heads.head.bias"]


def test_from_nothing_all_is_trained(net):
    reinitialized, said = start(net, "none")
    assert said == []
    freeze_classifier(net, None, reinitialized)
    assert all(p.requires_grad for p in net.parameters())
    set_training_classifier(net, reinitialized)
    assert net.backbone.stem.norm.training
    assert slow_parameters(net, reinitialized) is None


def test_statistics_that_came_stay_and_frozen_blocks_compute_as_at_prediction():
    net = network("torchvision/densenet121", 2, 64)
    reinitialized = ["classifier.weight", "classifier.bias"]
    freeze_classifier(net, 2, reinitialized)
    set_training_classifier(net, reinitialized)
    assert not any(layer.training for layer in net.modules() if isinstance(layer, torch.nn.BatchNorm2d))
    assert [stage.training for stage in stages(net)[:4]] == [False, False, True, False]  # the last is a norm


def test_what_came_learns_slowly(net):
    slow = {id(p) for p in slow_parameters(net, LAST).parameters()}
    assert {id(p) for p in net.parameters()} - slow == {id(p) for p in last_layer(net).parameters()}


@pytest.mark.parametrize(("steps", "momentum"), [(1, 0.3), (100, 0.1), (100_000, 0.03)])
def test_batch_statistics_settle_within_a_short_run(net, steps, momentum):
    quicken_norms(net, steps)
    assert net.head.norm.momentum == pytest.approx(momentum)
    assert net.backbone.stem.norm.momentum == pytest.approx(momentum)
