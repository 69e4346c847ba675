"""A new output takes over the classes that both detectors know."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dlcli.nets.anchor_detector import AnchorDetector
from dlcli.nets.weights import save_weights
from dlcli.ops.anchors import AnchorGrid
from dlcli.training.detect.known_classes import take_known_classes
from dlcli.training.detect.options import DetectTraining
from dlcli.training.detect.recipe import detector_card
from tests.training.sets import detection_set

LABELS = ("toaster", "couch", "cat")
THEIRS = ("cat", "dog", "sofa")


def saved(path, anchors=6, with_card=True):
    """A detector of THEIRS, and its file."""
    net = AnchorDetector(len(THEIRS), anchors)
    torch.nn.init.normal_(net.head.class_out.bias)
    options = DetectTraining(data=Path(), out=path.parent)
    card = detector_card(options, AnchorGrid(320, 320), detection_set([[0]]))
    save_weights(path, net, card=replace(card, labels=THEIRS) if with_card else None)
    return net


def output_rows(net, row, anchors=6):
    """Weights [anchors, C, 1, 1] and biases [anchors] of one of the three classes."""
    return [t.detach().unflatten(0, (anchors, 3))[:, row].clone() for t in net.head.class_out.parameters()]


def test_known_classes_are_taken_and_others_left(tmp_path):
    theirs, ours = saved(tmp_path / "w.safetensors"), AnchorDetector(3, 6)
    before = output_rows(ours, 0)
    assert take_known_classes(ours, LABELS, tmp_path / "w.safetensors") == ["couch", "cat"]
    for row, their_row in ((1, 2), (2, 0)):
        assert all(map(torch.equal, output_rows(ours, row), output_rows(theirs, their_row)))
    assert all(map(torch.equal, output_rows(ours, 0), before))


@pytest.mark.parametrize("change", [{"anchors": 3}, {"with_card": False}], ids=["other anchors", "no card"])
def test_what_does_not_fit_is_left(tmp_path, change):
    saved(tmp_path / "w.safetensors", **change)
    ours = AnchorDetector(3, 6)
    before = output_rows(ours, 2)
    assert take_known_classes(ours, LABELS, tmp_path / "w.safetensors") == []
    assert all(map(torch.equal, output_rows(ours, 2), before))
