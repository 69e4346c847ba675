"""Results come in the order of the things, whatever the threads do."""

import threading
import time

import pytest

from dlcli.runtime.parallel import AHEAD, in_order


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_order_is_kept(threads):
    def work(number):
        time.sleep((7 - number) / 1000)
        return number * number

    assert list(in_order(work, range(7), threads)) == [(n, n * n) for n in range(7)]


@pytest.mark.parametrize("threads", [1, 3])
def test_no_things(threads):
    assert list(in_order(str, [], threads)) == []


def test_looks_only_a_little_ahead():
    begun: list[int] = []
    lock = threading.Lock()

    def work(number):
        with lock:
            begun.append(number)

    pairs = in_order(work, range(100), 2)
    next(pairs)
    assert len(begun) <= AHEAD * 2
    pairs.close()


@pytest.mark.parametrize("threads", [1, 2])
def test_errors_come_at_their_turn(threads):
    pairs = in_order(lambda n: 1 // (n - 3), range(6), threads)
    assert [next(pairs)[0] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ZeroDivisionError):
        next(pairs)
