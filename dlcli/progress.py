"""How far work has come: one line on a terminal that says what its numbers are. Rich is loaded with the first bar."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dlcli.signals import at_stop
from dlcli.units import clock, show_size

BYTES = "bytes"  # a unit: counts are shown as sizes
NARROWEST = 6  # columns of the bar itself
GAP = 1  # between two parts of the line


class Progress:
    """A bar that nobody sees."""

    def step(self, note: str = "", run_left: float | None = None) -> None:
        """One more is done. note: shown in place of the rate. run_left: seconds until the whole run ends, if known."""

    def at(self, done: int, total: int | None, note: str = "") -> None:
        """So many of so many are done. note: as for step."""

    def expect(self, total: int | None) -> None:
        """So many there will be; None: nobody knows."""


class RichBar(Progress):
    def __init__(self, bar: Any, task: Any):
        self.bar, self.number = bar, task

    def step(self, note: str = "", run_left: float | None = None) -> None:
        self.bar.update(self.number, advance=1, note=note, run_left=run_left)

    def at(self, done: int, total: int | None, note: str = "") -> None:
        self.bar.update(self.number, completed=done, total=total, note=note)

    def expect(self, total: int | None) -> None:
        self.bar.tasks[0].total = total  # `update` takes None for no change


@contextmanager
def rich_progress(
    console: Any, title: str, total: int | None = None, done: int = 0, unit: str = ""
) -> Iterator[Progress]:
    """A bar with count, rate, time so far and time left on a Rich console, gone when it is done.

    total: None where nobody knows; the bar itself is then left out. unit: BYTES for sizes.
    """
    from rich import progress as rich
    from rich.table import Column

    class Known(rich.BarColumn):
        """No bar where it would say nothing."""

        def render(self, task: Any) -> Any:
            return super().render(task) if task.total else ""

    class BarText(rich.ProgressColumn):
        max_refresh = 0.1

        def render(self, task: Any) -> Any:
            from rich.text import Text

            return Text(bar_text(task, console.width, unit), no_wrap=True)

    whole = Column(no_wrap=True)
    columns = (
        rich.TextColumn("{task.description}", table_column=whole, markup=False),
        Known(bar_width=None, table_column=Column(min_width=NARROWEST, ratio=1)),
        BarText(table_column=whole),
    )
    with rich.Progress(*columns, console=console, transient=True, expand=True) as bar, at_stop(lambda _: bar.stop()):
        yield RichBar(bar, bar.add_task(title, total=total, completed=done, first=done, note="", run_left=None))


def bar_text(task: Any, width: int, unit: str = "") -> str:
    """What stands behind the bar, such as "12/40  3.1/s  0:04 elapsed, 0:09 left", as much of it as has room.

    task: of Rich. width: columns of the terminal. The rate or note goes first, then the time so far.
    """
    parts = [_count(task, unit), task.fields["note"] or _rate(task, unit), _times(task, elapsed=True)]
    shorter = [[parts[0], parts[2]], [parts[0], _times(task, elapsed=False)]]
    for wanted in (parts, *shorter):
        text = "  ".join(part for part in wanted if part)
        if len(task.description) + NARROWEST + 2 * GAP + len(text) <= width:
            return text
    return text


def _count(task: Any, unit: str) -> str:
    if unit == BYTES:
        total = f" of {show_size(task.total)}" if task.total else ""
        return f"{show_size(task.completed)}{total}"
    if task.total is None:
        return f"{int(task.completed):,} done" if task.completed else ""
    return f"{int(task.completed):,}/{int(task.total):,}"


def _rate(task: Any, unit: str) -> str:
    """Since the bar began."""
    done, seconds = task.completed - task.fields["first"], task.elapsed or 0
    if done <= 0 or seconds <= 0:
        return ""
    return f"{show_size(done / seconds)}/s" if unit == BYTES else f"{done / seconds:.1f}/s"


def _left(task: Any) -> float | None:
    """Seconds, if it goes on as so far; None where that is not known."""
    done = task.completed - task.fields["first"]
    if not task.total or done <= 0 or task.elapsed is None:
        return None
    return float(task.elapsed * max(0, task.total - task.completed) / done)


def _times(task: Any, elapsed: bool) -> str:
    """elapsed: say the time so far as well."""
    left = _left(task)
    run_left = task.fields["run_left"]
    if run_left is not None:
        epoch = f"{clock(left)} left in epoch, " if left is not None and elapsed else ""
        return f"{epoch}{clock(run_left)} in run" if epoch else f"run {clock(run_left)} left"
    words = [f"{clock(task.elapsed or 0)} elapsed"] if elapsed or left is None else []
    return ", ".join([*words, *([f"{clock(left)} left"] if left is not None else [])])
