"""Which device a training takes, and what moves there; losses on a fake GPU, trainings on a real one."""

from collections import namedtuple
from dataclasses import dataclass

import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from dlcli.card import ModelCard
from dlcli.errors import UsageError
from dlcli.training import device
from dlcli.training.classify.losses import BatchLoss, LabelLoss
from dlcli.training.classify.mixing import Mixing
from dlcli.training.device import CPU, available, described, moved, training_device
from dlcli.training.processes.rank import Rank
from dlcli.training.segment.losses import MaskLoss, normalizer
from tests.training.cases import CASES

CUDA = torch.device("cuda:0")
CARD = ModelCard(name="x", task="x", labels=("a", "b", "c"), input=(64, 64), mean=(1, 2, 3), std=(4, 5, 6))
WEIGHTS = torch.tensor([1.0, 2.0, 3.0])


@pytest.fixture
def two_gpus(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


def test_names_of_a_machine_with_gpus(two_gpus, monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _device: "H200")
    assert available()[:2] == ("cuda:0", "cuda:1")
    found = [str(training_device(name)) for name in ("auto", "cuda", "cuda:1", "cpu")]
    assert found == ["cuda:0", "cuda:0", "cuda:1", "cpu"]
    assert described(torch.device("cuda:1"), 8) == "cuda:1 (H200)"


def test_what_is_not_there_is_refused_with_what_is(two_gpus):
    for name in ("cuda:2", "tpu", "", "cuda:x"):
        with pytest.raises(UsageError, match=rf"--device {name}: expected one of auto, cuda:0, cuda:1, .*cpu on this"):
            training_device(name)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_cuda_is_refused_where_there_is_none():
    with pytest.raises(UsageError, match=r"--device cuda: expected one of auto, .*cpu on this machine"):
        training_device("cuda")


def test_words():
    assert [described(CPU, threads) for threads in (1, 2)] == ["cpu, 1 thread", "cpu, 2 threads"]


Pair = namedtuple("Pair", "first second")


@dataclass(frozen=True)
class Batch:
    contents: torch.Tensor
    styles: tuple[int, ...]


def test_every_tensor_of_a_batch_moves():
    """To torch's device for shapes alone: there is no other on every machine."""
    meta, x = torch.device("meta"), torch.ones(2)
    pair = moved(Pair(x, [x, "name"]), meta)
    assert isinstance(pair, Pair)
    assert (pair.first.device, pair.second[0].device, pair.second[1]) == (meta, meta, "name")
    batch = moved(Batch(x, (1, 2)), meta)
    assert (batch.contents.device, batch.styles) == (meta, (1, 2))
    assert moved({"x": (x,)}, meta)["x"][0].device == meta
    assert moved(pair, CPU) is pair


def test_random_numbers_of_the_cpu_are_kept_elsewhere():
    assert device.random_state_of(CPU) == {}
    device.restore_random_state(CPU, {device.RANDOM: torch.zeros(1)})


@pytest.fixture
def fake(monkeypatch):
    """They refuse two devices in one operation, as real ones do, and have no numbers, which the losses draw."""
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


def test_each_process_takes_a_gpu_of_its_own(monkeypatch):
    monkeypatch.setattr(device, "available", lambda: ("cuda:0", "cuda:1", "cpu"))
    for rank, name, expected in (
        (1, "auto", "cuda:1"),
        (1, "cuda", "cuda:1"),
        (0, "cuda", "cuda:0"),
        (1, "cpu", "cpu"),
    ):
        monkeypatch.setattr(device, "this_rank", lambda rank=rank: Rank(rank, 2, rank, 2))
        assert device.training_device(name) == torch.device(expected)
    with pytest.raises(UsageError, match="--device cuda:1: of several processes each takes a GPU of its own"):
        device.training_device("cuda:1")
    monkeypatch.setattr(device, "this_rank", lambda: Rank(2, 3, 2, 3))
    with pytest.raises(UsageError, match="3 processes on this machine, which has 2 GPUs"):
        device.training_device("auto")
