"""metrics.csv, the curves, and lines without markup."""

import io

from PIL import Image
from rich.console import Console

from dlcli.progress import RichBar
from dlcli.training.log import TrainLog, draw_curves, write_history

HISTORY = [{"epoch": 1, "class": 2.0}, {"epoch": 2, "class": 1.0, "map50": 0.5}]


def test_a_measure_that_an_epoch_lacks_is_empty(tmp_path):
    write_history(tmp_path, HISTORY)
    assert (tmp_path / "metrics.csv").read_text() == "epoch,class,map50\n1,2.0,\n2,1.0,0.5\n"


def test_curves_are_an_image(tmp_path):
    draw_curves(tmp_path / "curves.png", HISTORY, {"loss": ("class", "box"), "AP": ("map50",)})
    assert Image.open(tmp_path / "curves.png").size == (1100, 396)


def test_lines_come_as_they_are_or_not_at_all():
    for quiet, expected in (
        (False, "[red]a[/red]/b.png\n"),
        (True, ""),
    ):
        told = io.StringIO()
        report = TrainLog(Console(file=told, width=20), quiet)
        report.say("[red]a[/red]/b.png")
        assert told.getvalue() == expected


def test_bars_are_those_of_every_command_and_show_on_a_terminal_alone():
    for quiet, terminal, shown in ((False, True, True), (False, False, False), (True, True, False)):
        told = io.StringIO()
        report = TrainLog(Console(file=told, force_terminal=terminal, width=100), quiet)
        with report.bar("painting", 10, 4) as bar:
            bar.step("loss 0.5")
        assert isinstance(bar, RichBar) == shown
        assert ("painting" in told.getvalue(), "loss 0.5" in told.getvalue()) == (shown, shown)
        assert ("5/10" in told.getvalue()) == shown
