"""The list of networks: every name can be built, and has as many parameters as it says."""

import pytest
import torch

from dlcli.nets.anchor_detector import AnchorDetector
from dlcli.nets.build_classifier import network
from dlcli.nets.build_segmenter import OWN, segmenter_network
from dlcli.nets.classifiers.table import NETWORKS
from dlcli.nets.fast_rcnn import FastRcnn
from dlcli.ops.anchors import AnchorGrid
from dlcli.training.detect.options import Net
from dlcli.training.networks import networks_by_training

LISTED = {(task, net.name): net for task, net in networks_by_training()}


def build(task, name):
    if task == "detect":
        return AnchorDetector(20, 6) if name == "anchor" else FastRcnn(20, AnchorGrid(320, 320), "align", 200)
    return network(name, 1000, 224) if task == "classify" else segmenter_network(name, 21)


@pytest.mark.parametrize(("task", "name"), LISTED)
def test_parameters(task, name):
    with torch.device("cpu" if name == "fast-rcnn" else "meta"):
        net = build(task, name)
    assert sum(p.numel() for p in net.parameters()) == LISTED[task, name].parameters


def test_no_name_is_left_out():
    names = {(task, name) for task, named in (("classify", ["lite0", *NETWORKS]), ("segment", OWN)) for name in named}
    assert set(LISTED) == names | {("detect", str(net)) for net in Net}
