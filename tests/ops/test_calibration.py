"""Calibrated scores: the fit against torch's optimizer, and what it does to real detections."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlcli.ops.calibration import PLAIN, Calibration, calibration_error, calibration_of, fit_calibration, fit_scores


def drawn(scale: float, shift: float, count: int = 4000, seed: int = 0):
    """Logits, and which of them are right with the probability that the calibration says."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(-1, 1, count)
    return logits, rng.random(count) < Calibration(scale, shift).scores(logits)


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (3.0, -0.5), (0.5, 1.0)])
def test_the_fit_is_the_least_loss_that_torch_finds(scale, shift):
    logits, right = drawn(scale, shift)
    found = fit_calibration(logits, right)
    hits, misses = right.sum(), (~right).sum()
    target = torch.from_numpy(np.where(right, (hits + 1) / (hits + 2), 1 / (misses + 2)))
    pair = torch.tensor([1.0, 0.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([pair], max_iter=200, tolerance_grad=1e-10, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = torch.nn.functional.binary_cross_entropy_with_logits(
            pair[0] * torch.from_numpy(logits) + pair[1], target
        )
        value.backward()
        return value

    optimizer.step(loss)
    assert (found.scale, found.shift) == pytest.approx(pair.detach().numpy(), abs=1e-3)
    assert (found.scale, found.shift) == pytest.approx((scale, shift), abs=0.2)


def test_scores_come_to_mean_what_they_say():
    logits, right = drawn(3.0, -0.5)
    scores = PLAIN.scores(logits)
    fitted = fit_scores(scores, right)
    assert calibration_error(scores, right) > 0.15
    assert calibration_error(fitted.scores(logits), right) < 0.03


def test_the_error_by_hand():
    scores, right = np.array([0.05, 0.15, 0.95, 0.95, 1.0]), np.array([True, False, True, False, True])
    by_hand = (0.95 + 0.15 + 3 * abs((0.95 + 0.95 + 1) / 3 - 2 / 3)) / 5
    assert calibration_error(scores, right) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("logits", "right", "words"),
    [
        (np.arange(12.0), np.arange(12) < 3, "got 3 and 9"),
        (np.arange(40.0), np.arange(40) < 20, "train longer"),
        (np.zeros(0), np.zeros(0, bool), "got 0 and 0"),
    ],
)
def test_what_cannot_be_fitted_is_refused(logits, right, words):
    with pytest.raises(ValueError, match=words):
        fit_calibration(logits, right)
    with pytest.raises(ValueError, match=words):
        fit_scores(PLAIN.scores(logits), right)


def test_separated_boxes_do_not_run_away():
    found = fit_calibration(np.r_[np.full(20, -1.0), np.full(20, 1.0)], np.arange(40) >= 20)
    assert np.isfinite([found.scale, found.shift]).all()
    assert found.scale > 0


@given(st.floats(0.1, 20), st.floats(-5, 5), st.floats(0.001, 0.999))
def test_logits_are_the_inverse_of_scores(scale, shift, score):
    one = Calibration(scale, shift)
    assert one.scores(one.logits(np.array(score))) == pytest.approx(score, abs=1e-5)


@pytest.mark.parametrize("told", [3, [1], [0, 1], [-1.0, 0], ["1", 0], [True, 1], [1, 1e9], {"scale": 1}])
def test_a_card_with_another_thing_is_refused(told):
    with pytest.raises(ValueError, match="calibration: expected a scale above 0 and a shift"):
        calibration_of({"calibration": told})


def test_a_card_tells_it_or_not():
    assert calibration_of({}) == PLAIN
    assert calibration_of({"calibration": [3, -0.5]}) == Calibration(3.0, -0.5)
