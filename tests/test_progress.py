"""What a bar says in the columns that it has, and a real one on a terminal of 60, 80 and 120."""

import io
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from dlcli.progress import BYTES, bar_text, rich_progress


def task(done: float, total: float | None, seconds: float, **more: Any) -> SimpleNamespace:
    fields = {"first": 0, "note": "", "run_left": None} | more
    return SimpleNamespace(completed=done, total=total, elapsed=seconds, description="detect", fields=fields)


@pytest.mark.parametrize(
    ("given", "width", "expected"),
    [
        (task(10, 40, 20), 80, "10/40  0.5/s  0:20 elapsed, 1:00 left"),
        (task(10, 40, 20), 48, "10/40  0:20 elapsed, 1:00 left"),
        (task(10, 40, 20), 40, "10/40  1:00 left"),
        (task(0, 40, 3), 80, "0/40  0:03 elapsed"),  # nothing done yet: nobody knows how long it takes
        (task(8, None, 4), 80, "8 done  2.0/s  0:04 elapsed"),
        (task(0, None, 75, note="reading"), 80, "reading  1:15 elapsed"),
        (task(30, 40, 10, first=20), 80, "30/40  1.0/s  0:10 elapsed, 0:10 left"),  # of a run that goes on
        (task(5, 10, 5, note="class 1.20", run_left=4000), 80, "5/10  class 1.20  0:05 left in epoch, 1:06:40 in run"),
        (task(5, 10, 5, note="class 1.20", run_left=4000), 60, "5/10  0:05 left in epoch, 1:06:40 in run"),
        (task(5, 10, 5, run_left=4000), 40, "5/10  run 1:06:40 left"),
    ],
)
def test_what_has_room(given, width, expected):
    assert bar_text(given, width) == expected


def test_sizes_instead_of_counts():
    assert bar_text(task(12e6, 45e6, 4), 80, BYTES) == "12 MB of 45 MB  3 MB/s  0:04 elapsed, 0:11 left"
    assert bar_text(task(12e6, None, 4), 80, BYTES) == "12 MB  3 MB/s  0:04 elapsed"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_bar_fits_the_terminal_in_one_line(width):
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=width, no_color=True)
    with rich_progress(console, "epoch 12/30", 345) as bar:
        for _ in range(12):
            bar.step("region_class 1.234 region_box 0.234", run_left=7000)
    last = shown.getvalue().rpartition("epoch 12/30")[2]
    assert "12/345" in last
    assert "in run" in last or "run 1:56:40 left" in last
    assert all(len(line) <= width for line in shown.getvalue().replace("\r", "\n").split("\n") if "\x1b" not in line)
