"""Attention transfer: by hand, which features are looked at, and that a student comes to look as its teacher does."""

import numpy as np
import pytest
import torch
from torch import nn
from torchvision import models

from dlcli.errors import MissingError, UsageError
from dlcli.nets.build_segmenter import segmenter_network
from dlcli.nets.torchvision.models import registered
from dlcli.nets.weights import save_weights
from dlcli.training.teachers.attention import attention, attention_apart, watching
from dlcli.training.teachers.teacher import load_teacher
from tests.training.teachers.test_distillation import CASES, noisy, planned


def test_the_distance_by_hand():
    ours, theirs = np.arange(8.0).reshape(1, 2, 2, 2), np.arange(12.0)[::-1].reshape(1, 3, 2, 2)
    maps = [(x**2).mean(1).ravel() for x in (ours, theirs)]
    one, other = (m / np.sqrt((m**2).sum()) for m in maps)
    got = attention_apart({8: torch.tensor(ours)}, {8: torch.tensor(theirs.copy()), 16: torch.zeros(1, 1, 1, 1)})
    assert float(got) == pytest.approx(((one - other) ** 2).sum(), rel=1e-5)
    assert attention(torch.zeros(1, 2, 2, 2)).tolist() == [[0, 0, 0, 0]]


def test_a_larger_map_of_the_teacher_is_averaged():
    small = torch.rand(2, 3, 2, 2)
    large = small.repeat_interleave(3, 2).repeat_interleave(3, 3)
    assert float(attention_apart({32: small}, {32: large})) == pytest.approx(0, abs=1e-6)


def test_the_last_features_of_each_stride_are_looked_at():
    net = models.resnet18(num_classes=3).eval()
    kept = {}
    for stride, layer in ((4, net.layer1), (8, net.layer2), (16, net.layer3), (32, net.layer4)):
        layer.register_forward_hook(lambda _m, _i, y, stride=stride: kept.update({stride: y}))
    with watching(net) as maps:
        net(torch.rand(1, 3, 64, 96))
    assert maps.keys() == kept.keys()
    assert all(torch.equal(maps[stride], value) for stride, value in kept.items())
    before = dict(maps)
    net(torch.rand(1, 3, 64, 96))
    assert all(maps[stride] is value for stride, value in before.items()), "it still listens"


def test_decoders_and_heads_are_not_looked_at():
    net, image = segmenter_network("unet-lite0", 2).eval(), torch.rand(1, 3, 64, 64)
    with watching(net) as maps:
        net(image)
    with watching(net.backbone) as alone:
        deepest = net.backbone(image)[-1]
    assert sorted(maps) == [4, 8, 16, 32]
    assert all(torch.equal(maps[stride], alone[stride]) for stride in maps)
    assert torch.equal(maps[32], deepest)


def test_networks_without_common_maps_are_refused():
    class Flat(nn.Module):
        def forward(self, x):
            return x.flatten(1)

    with watching(Flat()) as none:
        Flat()(torch.rand(1, 3, 64, 64))
    with pytest.raises(UsageError, match=r"no feature maps of one stride, none and \[8\]; leave it out"):
        attention_apart(none, {8: torch.rand(1, 1, 8, 8)})


@pytest.mark.parametrize("task", list(CASES))
def test_a_student_comes_to_look_where_its_teacher_does(task, tmp_path):
    plan, build = planned(task, tmp_path)
    batch = next(iter(plan.batches(0, 0)))
    path = tmp_path / "teacher.safetensors"
    save_weights(path, noisy(build(plan.card)), card=plan.card)
    taught, _ = planned(task, tmp_path, teacher=str(path), teacher_weight=0.0, feature_weight=5.0)
    taught.net.eval()
    own = taught.loss.teacher.net
    assert float(taught.loss(own, batch)["features"]) == pytest.approx(0, abs=1e-5)
    optimizer, seen = torch.optim.Adam(taught.net.parameters(), 3e-3), []
    for _ in range(6):
        terms = taught.loss(taught.net, batch)
        assert "teacher" not in terms
        seen.append(float(terms["features"].detach()))
        optimizer.zero_grad()
        terms["features"].backward()
        optimizer.step()
    assert seen[-1] < 0.8 * seen[0]
    assert all(p.grad is None for p in own.parameters())


def test_a_teacher_of_features_alone_need_not_know_the_classes(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    plan, _ = planned("classify", tmp_path)
    name = "torchvision/shufflenet_v2_x0_5"
    with pytest.raises(MissingError, match=f"its weights .* are not there; run: dlcli models pull {name}"):
        load_teacher(name, plan.card, answers=False)
    place = registered(name).path
    place.parent.mkdir(parents=True)
    stored = models.shufflenet_v2_x0_5()
    torch.save(stored.state_dict(), place)
    with pytest.raises(UsageError, match=f"--teacher {name}: does not know 3 of the 3 classes: blue, green, red"):
        load_teacher(name, plan.card)
    teacher = load_teacher(name, plan.card, answers=False)
    image = torch.rand(1, 3, *teacher.card.input)
    with torch.inference_mode():
        assert torch.equal(teacher.net(image), stored.eval()(image))


def test_a_name_of_another_task_is_refused(tmp_path):
    plan, _ = planned("classify", tmp_path)
    with pytest.raises(UsageError, match="expected a model for classify, got one for segment"):
        load_teacher("torchvision/lraspp_mobilenet_v3_large", plan.card)
    with pytest.raises(UsageError, match="its boxes come without anchors"):
        load_teacher("torchvision/fasterrcnn_resnet50_fpn", plan.card)


def test_timms_weights_teach(tmp_path, monkeypatch):
    import timm

    from tests.nets.libraries.cache import put

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    plan, _ = planned("classify", tmp_path)
    with pytest.raises(
        MissingError, match=r"--teacher timm/test_resnet: the weights .*; run: hf download timm/test_r\S+ "
    ):
        load_teacher("timm/test_resnet", plan.card)
    stored = timm.create_model("test_resnet").eval()
    put(tmp_path / "hub", "timm/test_resnet.r160_in1k", stored.state_dict())
    teacher = load_teacher("timm/test_resnet", plan.card, answers=False)
    assert (len(teacher.card.labels), teacher.card.input) == (1000, (160, 160))
    assert teacher.card.labels[2].startswith("great white shark")
    with torch.inference_mode():
        image = torch.rand(1, 3, 160, 160)
        assert torch.equal(teacher.net(image), stored(image))
