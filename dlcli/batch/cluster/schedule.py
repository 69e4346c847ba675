"""Groups of images to workers and their answers back in input order; a group whose worker is lost goes to another."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from dlcli.errors import DlcliError

AHEAD = 3  # groups a worker that may be under way or wait for their turn

Worker = TypeVar("Worker")
Group = TypeVar("Group")
Ticket = TypeVar("Ticket")
Answer = TypeVar("Answer")


class LostError(Exception):
    """The worker that a group was given to is gone."""


@dataclass
class Task(Generic[Worker, Group, Ticket]):
    group: Group
    worker: Worker
    ticket: Ticket


class Schedule(Generic[Worker, Group, Ticket, Answer]):
    """workers: those that live. give: a group to a worker. take: the answer; LostError: its worker is gone."""

    def __init__(
        self, workers: list[Worker], give: Callable[[Worker, Group], Ticket], take: Callable[[Ticket], Answer]
    ):
        self.workers, self.give, self.take = workers, give, take
        self.waiting: deque[Task[Worker, Group, Ticket]] = deque()

    def in_order(self, groups: Iterable[Group]) -> Iterator[tuple[Group, Answer]]:
        """Each group with its answer, in order. No more groups are asked for than workers have use for.

        DlcliError: no worker is left.
        """
        coming = iter(groups)
        more = True
        while more or self.waiting:
            while more and len(self.waiting) < AHEAD * len(self.workers):
                group = next(coming, None)
                more = group is not None
                if group is not None:
                    self.waiting.append(self._given(group))
            if not self.waiting:
                return
            try:
                answer = self.take(self.waiting[0].ticket)
            except LostError:
                self._replace(self.waiting[0].worker)
                continue
            yield self.waiting.popleft().group, answer

    def _given(self, group: Group) -> Task[Worker, Group, Ticket]:
        """To the worker that has least to do."""
        if not self.workers:
            raise DlcliError("every worker of the cluster is lost; see its logs, and go on with --resume")
        busy = [task.worker for task in self.waiting]
        worker = min(self.workers, key=busy.count)
        return Task(group, worker, self.give(worker, group))

    def _replace(self, lost: Worker) -> None:
        """All that a lost worker was given is given again, in place."""
        self.workers = [worker for worker in self.workers if worker is not lost]
        for number, task in enumerate(self.waiting):
            if task.worker is lost:
                self.waiting[number] = self._given(task.group)
