"""Which device a training takes, and what moves there."""

from collections import namedtuple
from dataclasses import dataclass

import pytest
import torch

from dlcli.errors import UsageError
from dlcli.training import device
from dlcli.training.device import CPU, available, described, moved, training_device


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
