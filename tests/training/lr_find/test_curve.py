"""The curve of a range test, on losses of which the steepest place is known."""

import math

import numpy as np
import pytest

from dlcli.training.lr_find.curve import HIGHEST, LOWEST, RangeCurve, proposal, rates


def curve_of(loss_at, steps=100, noise=0.0):
    rng, curve = np.random.default_rng(0), RangeCurve()
    for rate in rates(steps):
        curve = curve.and_then(rate, loss_at(math.log10(rate)) + noise * rng.standard_normal())
        if curve.is_over:
            break
    return curve


def falls_at(where):
    """A loss that falls by a logistic curve, steepest at 10^where, and rises at last."""
    return lambda log: 2 - 1.5 / (1 + math.exp(-4 * (log - where))) + max(0.0, log - where - 1.5) * 3


def test_rates_rise_by_one_factor():
    found = np.array(rates())
    assert (len(found), found[0], found[-1]) == (100, pytest.approx(LOWEST), pytest.approx(HIGHEST))
    assert np.allclose(found[1:] / found[:-1], found[1] / found[0])


@pytest.mark.parametrize("where", [-4, -2.5, -1])
@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_the_steepest_place_is_found(where, noise):
    found = proposal(curve_of(falls_at(where), noise=noise))
    assert found is not None
    assert math.log10(found) == pytest.approx(where, abs=0.2)


@pytest.mark.parametrize(
    "loss", [lambda log: 2.0, lambda log: 2.0 + log / 10], ids=["the same at all rates", "rises with the rate"]
)
def test_a_loss_that_never_falls_has_no_proposal(loss):
    assert proposal(curve_of(loss)) is None


def test_too_few_steps_tell_nothing():
    assert proposal(curve_of(falls_at(-5), steps=9)) is None


def test_it_ends_where_the_loss_is_far_above_its_lowest():
    curve = curve_of(lambda log: 1.0 if log < -2 else 9.0)
    assert math.log10(curve.rates[-1]) == pytest.approx(-2, abs=0.5)
    assert RangeCurve((1e-7,), (math.nan,)).is_over
    assert not RangeCurve((1e-7,), (5.0,)).is_over
