"""Losses on a GPU that is not there: fake tensors refuse two devices in one operation, as real ones do."""

import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from dlcli.card import ModelCard
from dlcli.training.classify.losses import BatchLoss, LabelLoss
from dlcli.training.classify.mixing import Mixing
from dlcli.training.device import moved
from dlcli.training.segment.losses import MaskLoss, normalizer
from tests.training.cases import CASES

CUDA = torch.device("cuda:0")
CARD = ModelCard(name="x", task="x", labels=("a", "b", "c"), input=(64, 64), mean=(1, 2, 3), std=(4, 5, 6))
WEIGHTS = torch.tensor([1.0, 2.0, 3.0])


@pytest.fixture
def fake(monkeypatch):
    """The loss draws numbers of its own, which fake tensors do not have."""
    monkeypatch.setattr(torch, "randint", lambda *_: 1)
    return FakeTensorMode(allow_non_fake_inputs=True)


def small(classes, pooled=True):
    with CUDA:
        pool = [nn.AdaptiveAvgPool2d(1), nn.Flatten()] if pooled else []
        return nn.Sequential(nn.Conv2d(3, classes, 3, padding=1), *pool)


@pytest.mark.parametrize("multi_label", [True, False])
def test_a_classifier_learns_there(multi_label, fake):
    loss = BatchLoss(CARD.mean, CARD.std, Mixing(0.2, 1.0), LabelLoss(multi_label, 0.1, WEIGHTS))
    with fake:
        net = small(3)
        batch = moved((torch.zeros(4, 3, 64, 64, dtype=torch.uint8), torch.zeros(4, 3)), CUDA)
        found = loss(net, batch)["class"]
    assert found.device == CUDA


def test_a_segmenter_learns_there(fake):
    loss = MaskLoss({"dice": 1.0, "ce": 1.0, "focal": 1.0}, normalizer(CARD), WEIGHTS)
    with fake:
        net = small(3, pooled=False)
        batch = moved((torch.zeros(2, 3, 64, 64, dtype=torch.uint8), torch.zeros(2, 64, 64, dtype=torch.uint8)), CUDA)
        terms = loss(net, batch)
    assert {term.device for term in terms.values()} == {CUDA}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here: real runs of every training on cuda")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_training_runs_on_a_real_one(case, tmp_path):
    options = case.given(case.write(tmp_path / "data", *case.images), tmp_path / "run", device="cuda")
    case.train(options)
    assert {path.name for path in options.out.iterdir()} >= {"best.safetensors", "last.pt"}
