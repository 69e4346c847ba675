"""The small charts of a run's page."""

import math

import pytest

from dlcli.training.runs.report.charts import BOTTOM, LEFT, RIGHT, TOP, charts_of, ticks

ROWS = [{"epoch": 1.0, "class": 2.0}, {"epoch": 2.0, "class": 1.0, "map50": 0.5}, {"epoch": 3.0, "class": math.nan}]


@pytest.mark.parametrize(
    ("low", "high", "whole", "expected"),
    [
        (0.0, 1.0, False, [0.0, 0.5, 1.0]),
        (0.12, 0.41, False, [0.2, 0.3, 0.4]),
        (-3.0, 3.0, False, [-2.0, 0.0, 2.0]),
        (1, 3, True, [1.0, 2.0, 3.0]),
        (1, 100, True, [50.0, 100.0]),
    ],
)
def test_ticks_are_round(low, high, whole, expected):
    assert ticks(low, high, whole) == pytest.approx(expected)


def test_a_chart_for_each_measure_without_what_is_no_number():
    loss, metric = charts_of(ROWS, best_epoch=2)
    assert (loss.name, loss.low, loss.high, loss.last) == ("class", "1", "2", "1")
    assert [dot.text for dot in loss.dots] == ["epoch 1: 2", "epoch 2: 1"]
    assert loss.best == loss.dots[1]
    assert [dot.text for dot in metric.dots] == ["epoch 2: 0.5"]


def test_larger_values_are_higher_and_later_epochs_to_the_right():
    (chart,) = charts_of([{"epoch": float(n), "x": float(n)} for n in range(1, 6)], None)
    across, up = [dot.x for dot in chart.dots], [dot.y for dot in chart.dots]
    assert across == sorted(across)
    assert up == sorted(up, reverse=True)
    assert (across[0], across[-1]) == (LEFT, RIGHT)
    assert TOP <= min(up) < max(up) <= BOTTOM
    assert chart.best is None


@pytest.mark.parametrize("value", [0.0, 5.0, -2.0])
def test_equal_values_lie_in_the_middle(value):
    (chart,) = charts_of([{"epoch": 1.0, "x": value}], 1)
    assert chart.dots[0].y == pytest.approx((TOP + BOTTOM) / 2)


def test_no_number_no_chart():
    assert charts_of([], None) == charts_of([{"epoch": 1.0, "x": math.inf}], 1) == []
