"""`--from` and `--freeze`."""

import pytest
import torch

from dlcli.errors import MissingError
from dlcli.models import store
from dlcli.nets.anchor_detector import AnchorDetector
from dlcli.nets.efficientnet_lite import load_imagenet
from dlcli.nets.weights import save_weights
from dlcli.training.init import find_weights, freeze, load_pretrained, set_training


@pytest.fixture
def net():
    return AnchorDetector(3, 6)


def test_imagenet_sets_the_backbone(net):
    assert load_pretrained(net, "imagenet") == []
    stored = load_imagenet().backbone.state_dict()
    assert all(torch.equal(value, stored[name]) for name, value in net.backbone.state_dict().items())


def test_none_changes_nothing(net):
    before = net.backbone.stem.conv.weight.clone()
    assert load_pretrained(net, "none") == []
    assert torch.equal(net.backbone.stem.conv.weight, before)


def test_a_file_a_run_and_a_bundled_name_give_weights(tmp_path, net, monkeypatch):
    other, run = AnchorDetector(5, 6), tmp_path / "run"
    save_weights(run / "best.safetensors", other)
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "bundled")
    (tmp_path / "bundled").mkdir()
    (tmp_path / "bundled" / "tiny.onnx").write_bytes(b"")
    save_weights(tmp_path / "bundled" / "tiny.safetensors", other)
    assert find_weights(str(run)) == run / "best.safetensors"
    assert find_weights("tiny") == tmp_path / "bundled" / "tiny.safetensors"
    for name in (str(run), str(run / "best.safetensors"), "tiny"):
        assert load_pretrained(net, name) == ["head.class_out.weight", "head.class_out.bias"]
        assert torch.equal(net.head.box_out.weight, other.head.box_out.weight)


def test_a_bundled_name_wins_over_a_folder(tmp_path, monkeypatch, net):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "bundled")
    for path in (tmp_path / "tiny" / "best.safetensors", tmp_path / "bundled" / "tiny.safetensors"):
        save_weights(path, net)
    (tmp_path / "bundled" / "tiny.onnx").write_bytes(b"")
    assert find_weights("tiny") == tmp_path / "bundled" / "tiny.safetensors"
    assert find_weights("./tiny").samefile(tmp_path / "tiny" / "best.safetensors")


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("gone.safetensors", MissingError, "--from gone.safetensors: no such file"),
        ("imagenett", MissingError, "--from imagenett: expected imagenet, none, a bundled model"),
        ("weights.pt", MissingError, "--from weights.pt: expected imagenet, none"),
        ("", MissingError, "--from : expected imagenet, none"),
    ],
)
def test_an_unknown_name_says_what_there_is(name, error, message, tmp_path, monkeypatch, net):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message):
        load_pretrained(net, name)


def test_a_bundled_model_without_weights_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "BUNDLED", tmp_path)
    (tmp_path / "tiny.onnx").write_bytes(b"")
    with pytest.raises(MissingError, match="--from tiny: that model comes without float weights"):
        find_weights("tiny")


@pytest.mark.parametrize(
    ("stages", "name", "frozen"), [(0, "imagenet", 0), (1, "imagenet", 1), (4, "imagenet", 4), (4, "none", 0)]
)
def test_freeze_leaves_the_first_stages(net, stages, name, frozen):
    freeze(net, stages, name)
    still = [not any(p.requires_grad for p in stage.parameters()) for stage in net.backbone.early(17)]
    assert still == [i < frozen for i in range(17)]
    assert all(p.requires_grad for p in net.head.parameters())


@pytest.mark.parametrize(("name", "moves"), [("imagenet", False), ("none", True)])
def test_statistics_of_the_backbone_move_only_from_nothing(net, name, moves):
    set_training(net.eval(), name)
    assert net.backbone.blocks[3].depthwise.norm.training == moves
    assert net.head.class_tower.levels[0][0].norm.training
