"""Weights as safetensors: there and back, halved, in part, and refused."""

import pytest
import torch
from safetensors.torch import load_file

from dlcli.errors import DataError
from dlcli.nets.anchor_detector import AnchorDetector
from dlcli.nets.anchor_head import AnchorHead
from dlcli.nets.fast_rcnn import FastRcnn
from dlcli.nets.weights import load_weights, save_weights
from dlcli.ops.anchors import AnchorGrid


def head(classes=3, seed=0):
    torch.manual_seed(seed)
    return AnchorHead(channels=8, depth=1, levels=2, anchors=2, classes=classes)


def test_there_and_back(tmp_path):
    ours, other = head(seed=1), head(seed=2)
    save_weights(tmp_path / "w.safetensors", ours)
    assert load_weights(tmp_path / "w.safetensors", other) == []
    assert all(torch.equal(a, b) for a, b in zip(ours.state_dict().values(), other.state_dict().values(), strict=True))
    assert other.class_tower.levels[0][0].conv.weight is other.class_tower.levels[1][0].conv.weight


def test_shared_weights_are_stored_once(tmp_path):
    save_weights(tmp_path / "w.safetensors", head())
    names = load_file(tmp_path / "w.safetensors")
    assert "class_tower.levels.0.0.conv.weight" in names
    assert "class_tower.levels.1.0.conv.weight" not in names


def test_halved_weights_are_near(tmp_path):
    ours, other = head(seed=1), head(seed=2)
    save_weights(tmp_path / "w.safetensors", ours, half=True)
    load_weights(tmp_path / "w.safetensors", other)
    assert load_file(tmp_path / "w.safetensors")["box_out.weight"].dtype == torch.float16
    assert other.box_out.weight.dtype == torch.float32
    torch.testing.assert_close(ours.box_out.weight, other.box_out.weight, rtol=1e-3, atol=1e-6)


def test_another_number_of_classes_starts_anew_or_is_refused(tmp_path):
    path, other = tmp_path / "w.safetensors", head(classes=5)
    save_weights(path, head(classes=3, seed=1))
    before = other.class_out.weight.clone()
    assert load_weights(path, other, partial=True) == ["class_out.weight", "class_out.bias"]
    assert torch.equal(other.class_out.weight, before)
    with pytest.raises(
        DataError, match=r"w.safetensors: does not fit the network: 2 tensors differ, .*class_out.weight"
    ):
        load_weights(path, other)


def test_a_fast_rcnn_takes_a_detectors_weights_but_not_the_other_way_round(tmp_path):
    plain, second = AnchorDetector(3, 6), FastRcnn(3, AnchorGrid(64, 64))
    save_weights(tmp_path / "plain.safetensors", plain)
    left = load_weights(tmp_path / "plain.safetensors", second, partial=True)
    assert left
    assert all(name.startswith("region_head.") for name in left)
    save_weights(tmp_path / "second.safetensors", second)
    with pytest.raises(DataError, match="region_head"):
        load_weights(tmp_path / "second.safetensors", plain)


@pytest.mark.parametrize("content", [None, b"", b"not weights"])
def test_a_damaged_or_missing_file_is_named(tmp_path, content):
    if content is not None:
        (tmp_path / "w.safetensors").write_bytes(content)
    with pytest.raises(DataError, match=r"w.safetensors: expected a safetensors file"):
        load_weights(tmp_path / "w.safetensors", head())
