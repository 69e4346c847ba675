"""One epoch of the loop: the order of the maths, sums, and a loss that is no number."""

import math

import pytest
import torch
from torch import nn
from torch.optim import AdamW

from dlcli.errors import ExitCode
from dlcli.training.loop import DivergedError, Every, TrainingState, train_epoch
from dlcli.training.optim import average_of, weight_groups


def state(steps=4):
    torch.manual_seed(0)
    net = nn.Linear(2, 1)
    optimizer = AdamW(weight_groups(net, None, 0.1, 0.0, 0.0))
    return TrainingState(net, average_of(net, 0.999), optimizer, steps, warmup=0, clip=10.0)


def loss_of(net, batch):
    return {"square": (net(batch) - 3).square().mean(), "weight": net.weight.square().sum() * 0.01}


def batches(count=4):
    return list(torch.randn(count, 5, 2, generator=torch.Generator().manual_seed(1)))


def same(one, other):
    return all(
        torch.equal(a, b) for a, b in zip(one.net.state_dict().values(), other.net.state_dict().values(), strict=True)
    )


def test_it_learns_and_counts():
    ours, before = state(40), state(40).net.weight.clone()
    means = []
    train_epoch(ours, batches(40), loss_of, lambda: means.append(ours.means()["square"]))
    assert (ours.step, ours.total) == (40, 40)
    assert means[-1] < means[0]
    assert not torch.equal(ours.net.weight, before)
    assert not torch.equal(ours.ema.module.weight, ours.net.weight)


def test_means_are_those_of_the_whole_epoch_after_a_resume():
    whole, first, second = state(), state(), state()
    train_epoch(whole, batches(), loss_of, lambda: None)
    train_epoch(first, batches()[:2], loss_of, lambda: None)
    second.restore(first.to_dict())
    train_epoch(second, batches()[2:], loss_of, lambda: None)
    assert second.means() == whole.means()
    assert same(second, whole)


def test_an_epoch_that_ends_begins_the_next():
    ours = state()
    train_epoch(ours, batches(), loss_of, lambda: None)
    ours.end_epoch({"epoch": 1.0})
    assert (ours.epoch, ours.step, ours.total, ours.sums, ours.history) == (1, 0, 4, {}, [{"epoch": 1.0}])


def test_a_loss_that_is_no_number_stops_before_the_weights_change():
    ours, before = state(), state().net.weight.clone()
    with pytest.raises(
        DivergedError, match=r"the square loss is nan at step 1 \(epoch 1\), learning rate 0\.1$"
    ) as caught:
        train_epoch(ours, [torch.full((1, 2), math.nan)], loss_of, lambda: None)
    assert caught.value.exit_code == ExitCode.STOPPED
    assert torch.equal(ours.net.weight, before)


def test_a_gradient_that_is_no_number_stops_too():
    def steep(net, batch):
        return {"root": (net.weight * 0).sum().sqrt() * 0}  # the root's slope at 0 is infinite

    with pytest.raises(DivergedError, match="the gradient is nan"):
        train_epoch(state(), batches(), steep, lambda: None)


def test_every_is_due_once_in_its_time(monkeypatch):
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    clock, never = Every(1), Every(0)
    assert not clock.due()
    now = 161.0
    assert clock.due()
    assert not clock.due()
    assert not never.due()
