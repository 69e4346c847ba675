"""The curves of the learning rate against torch's own schedulers."""

import warnings

import pytest
import torch
from torch import nn
from torch.optim import SGD, lr_scheduler

from dlcli.errors import UsageError
from dlcli.training.optimization.names import ScheduleName
from dlcli.training.optimization.schedules import FLOOR, RateCurve, cosine, parse_drops, plateau

STEPS = 70


def torchs(make, steps=STEPS):
    """The rates that a scheduler gives to steps of peak 1."""
    optimizer = SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler, rates = make(optimizer), []
    with warnings.catch_warnings(action="ignore"):
        for _ in range(steps):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
    return rates


def ours(curve, warmup=0, steps=STEPS):
    return [curve.share(step, steps + warmup, warmup) for step in range(warmup, steps + warmup)]


@pytest.mark.parametrize("warmup", [0, 10])
@pytest.mark.parametrize(
    ("curve", "make"),
    [
        (RateCurve(), lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS, eta_min=FLOOR)),
        (
            RateCurve(ScheduleName.WARM_RESTARTS, cycles=3),  # of 10, 20 and 40 steps
            lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 10, T_mult=2, eta_min=FLOOR),
        ),
        (
            RateCurve(ScheduleName.STEP, drops=(0.5, 0.9), factor=0.2),
            lambda o: lr_scheduler.MultiStepLR(o, [35, 63], gamma=0.2),
        ),
        (RateCurve(ScheduleName.CONSTANT), lambda o: lr_scheduler.ConstantLR(o, factor=1.0)),
    ],
    ids=["cosine", "warm-restarts", "step", "constant"],
)
def test_they_are_torchs(curve, make, warmup):
    assert ours(curve, warmup) == pytest.approx(torchs(make), rel=1e-6)


@pytest.mark.parametrize("wait", [0, 1, 3])
def test_plateau_is_torchs(wait):
    metrics = [0.1, 0.3, 0.3, 0.2, 0.25, 0.31, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.5, 0.5]
    optimizer = SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, "max", 0.5, wait, threshold=0.0)
    for seen, metric in enumerate(metrics, 1):
        scheduler.step(metric)
        assert plateau(metrics[:seen], wait, 0.5) == pytest.approx(optimizer.param_groups[0]["lr"])
    curve = RateCurve(ScheduleName.PLATEAU, factor=0.5, wait=wait)
    assert curve.share(50, 100, 0, metrics) == plateau(metrics, wait, 0.5)
    assert curve.share(50, 100, 0) == 1


@pytest.mark.parametrize("shape", ScheduleName)
def test_every_one_rises_first_and_then_starts_at_the_peak(shape):
    curve = RateCurve(shape)
    assert [curve.share(step, 100, 4) for step in range(5)] == pytest.approx([0.25, 0.5, 0.75, 1, 1])


@pytest.mark.parametrize("shape", ScheduleName)
def test_shares_are_fractions_even_of_no_steps_and_beyond_the_end(shape):
    curve = RateCurve(shape)
    assert curve.share(0, 0, 0) == 1
    assert all(0 < curve.share(step, 50, 3) <= 1 for step in range(80))
    assert cosine(1.0) == FLOOR


def test_drops_are_read():
    assert parse_drops("0.5, 0.75") == (0.5, 0.75)
    for text in ("", "a", "0.5,0.2", "0,0.5", "1", "0.5,0.5"):
        with pytest.raises(UsageError, match=f"--lr-steps {text}: expected fractions of the run that rise"):
            parse_drops(text)
