"""Every group once and in order, whatever workers are lost, and never more groups than there is use for."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.batch.cluster.schedule import AHEAD, LostError, Schedule
from dlcli.errors import DlcliError


class Workers:
    """Doubles numbers; each worker dies after it has been asked for so many answers."""

    def __init__(self, lives: list[int]):
        self.lives = dict(enumerate(lives))
        self.given: list[tuple[int, int]] = []

    def give(self, worker: int, group: int) -> tuple[int, int]:
        self.given.append((worker, group))
        return worker, group

    def take(self, ticket: tuple[int, int]) -> int:
        worker, group = ticket
        if self.lives[worker] == 0:
            raise LostError
        self.lives[worker] -= 1
        return 2 * group

    def schedule(self) -> Schedule[int, int, tuple[int, int], int]:
        return Schedule(list(self.lives), self.give, self.take)


@given(st.integers(0, 40), st.lists(st.integers(0, 10), max_size=4))
def test_one_answer_each_in_order_while_a_worker_lives(count, lives):
    workers = Workers([*lives, 1_000])
    assert list(workers.schedule().in_order(range(count))) == [(i, 2 * i) for i in range(count)]


def test_groups_are_asked_for_as_they_are_used():
    asked = []

    def groups() -> Iterator[int]:
        for number in range(100):
            asked.append(number)
            yield number

    for number, _ in Workers([1_000, 1_000]).schedule().in_order(groups()):
        assert len(asked) <= number + 2 * AHEAD
    assert len(asked) == 100


def test_work_is_shared():
    workers = Workers([1_000, 1_000, 1_000])
    list(workers.schedule().in_order(range(30)))
    assert {worker for worker, _ in workers.given} == {0, 1, 2}


def test_no_worker_left_is_told():
    answers = Workers([2, 1]).schedule().in_order(range(9))
    assert [next(answers) for _ in range(3)] == [(0, 0), (1, 2), (2, 4)]
    with pytest.raises(DlcliError, match="every worker of the cluster is lost"):
        next(answers)
