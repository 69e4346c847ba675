"""Which epoch is the best, and when a run has waited long enough for a better one."""

import math

import pytest

from dlcli.training.optimization.stopping import best_epoch, is_over


def rows(*metrics):
    """None: that epoch was not validated."""
    return [
        {"epoch": float(epoch)} | ({} if metric is None else {"map50": metric})
        for epoch, metric in enumerate(metrics, 1)
    ]


@pytest.mark.parametrize(
    ("metrics", "best"),
    [
        ((0.2, None, 0.4, 0.4), 3),
        ((-3.0, -1.0, -2.0), 2),
        ((math.nan, 0.1, math.nan), 2),
        ((math.nan, math.nan), 1),
        ((None, None), None),
        ((), None),
    ],
    ids=["the first of equals", "below zero", "a number beats none", "no number at all", "never measured", "no epoch"],
)
def test_the_best_epoch(metrics, best):
    assert best_epoch(rows(*metrics), "map50") == best
    assert best_epoch(rows(*metrics), "") is None


def test_the_least_distance_is_best():
    history = [{"epoch": epoch, "frechet": value} for epoch, value in enumerate((3.0, math.nan, 1.0, 2.0), 1)]
    assert best_epoch(history, "frechet") == 3
    assert is_over(history, "frechet", 1)
    assert not is_over(history[:3], "frechet", 1)


@pytest.mark.parametrize(
    ("metrics", "patience", "over"),
    [
        ((0.5, 0.4), 2, False),
        ((0.5, 0.4, 0.5), 2, True),
        ((0.5, 0.4, 0.6), 2, False),
        ((0.5, None, None, None), 2, False),
        ((0.5, None, None, 0.3), 2, True),
        ((0.5, 0.4, 0.3, 0.2), 0, False),
        ((), 1, False),
        ((None,), 1, False),
    ],
    ids=["waits", "an equal one is none", "better", "not measured yet", "measured late", "off", "start", "unmeasured"],
)
def test_patience(metrics, patience, over):
    assert is_over(rows(*metrics), "map50", patience) is over
