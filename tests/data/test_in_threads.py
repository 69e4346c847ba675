"""Order and errors of many threads."""

import pytest

from dlcli.data.in_threads import in_threads


def test_outcomes_come_in_the_order_of_the_things():
    assert list(in_threads(lambda thing: thing * thing, range(50), 4)) == [number * number for number in range(50)]
    assert list(in_threads(str, [], 2)) == []


def test_errors_are_raised_at_their_turn():
    found = in_threads(lambda thing: 6 / thing, [3, 2, 0, 1], 2)
    assert [next(found), next(found)] == [2, 3]
    with pytest.raises(ZeroDivisionError):
        next(found)


def test_runtime_errors_stay():
    def broken(_):
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        list(in_threads(broken, [1], 2))
