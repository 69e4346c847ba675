"""Bars: one at a time, with a note in place of the rate. Names that could steer a terminal or stop the program."""

import io

import pytest

from dlcli.console import BAD, GOOD, Console, colored, fitted, printable
from dlcli.progress import Progress, RichBar


class Watched(Console):
    shows_progress = True


def test_a_bar_within_a_bar_is_not_shown():
    console = Watched()
    with console.progress("images", 3) as outer:
        with console.progress("steps", 100) as inner:
            inner.at(1, 100, "loss 0.1")
        assert (type(outer), type(inner)) == (RichBar, Progress)
    with console.progress("steps", 100) as alone:
        assert type(alone) is RichBar


def test_a_note_stands_in_place_of_the_rate():
    with Watched().progress("steps", 100) as bar:
        bar.at(5, 100, "loss 0.1")
        task = bar.bar.tasks[0]
        assert (task.completed, task.total, task.fields["note"]) == (5, 100, "loss 0.1")


def test_half_a_pair_of_surrogates_is_written_out():
    """A name that JSON can hold and UTF-8 cannot; bytes of a file's name that are no UTF-8 stay U+FFFD."""
    assert printable("\ud800a.jpg") == "\\xd800a.jpg"
    assert printable("\udcffa.jpg") == "\ufffda.jpg"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("env", "stream", "shown"),
    [
        ({}, Terminal, True),
        ({"NO_COLOR": "1"}, Terminal, False),
        ({"NO_COLOR": ""}, Terminal, True),  # no-color.org: when not empty
        ({"TERM": "dumb"}, Terminal, False),
        ({}, io.StringIO, False),
    ],
)
def test_color_is_for_terminals_that_want_it(monkeypatch, env, stream, shown):
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert colored("bad", BAD, stream()) == ("\x1b[31mbad\x1b[0m" if shown else "bad")


LONG = "9 images: 5 objects in 5 of them (4 cat, 1 dog) -> found/; pass  --fail-if 'count(dog) > 0 and no(cat)'"


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (40, [f"{LONG[:40]}", "  1 dog) -> found/; pass  --fail-if", "  'count(dog) > 0 and no(cat)'"]),
        (80, [f"{LONG[:74]}", "  'count(dog) > 0 and no(cat)'"]),
        (120, [LONG]),
        (20, [LONG]),
    ],
)  # fmt: skip
def test_a_terminal_breaks_lines_between_words(monkeypatch, width, shown):
    monkeypatch.setenv("COLUMNS", str(width))
    assert fitted(LONG, Terminal()).split("\n") == shown
    assert fitted(LONG, io.StringIO()) == LONG


def test_a_line_that_fits_stays_as_it_is(monkeypatch):
    """Letters of two columns count as two; a word that fits no line is not cut, but for the terminal itself."""
    monkeypatch.setenv("COLUMNS", "40")
    line = "  a" + "  b" * 12
    assert fitted(line, Terminal()) == line
    assert fitted("正" * 19 + " 方形", Terminal()) == "正" * 19 + "\n  方形"
    assert fitted("x" * 90, Terminal()) == "x" * 90
    assert fitted("ok       files: 40 images and labels can be used", Terminal()).endswith("\n         be used")


def test_what_is_bad_is_red_and_what_passed_green(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    err = Terminal()
    monkeypatch.setattr("sys.stderr", err)
    console = Console()
    console.failure("a.jpg: gone")
    console.error("first\n  second")
    console.say("pass", GOOD)
    console.say("12 images")
    lines = ["\x1b[31ma.jpg: gone\x1b[0m", "\x1b[31mfirst\x1b[0m", "  second", "\x1b[32mpass\x1b[0m", "12 images"]
    assert err.getvalue().splitlines() == lines


def test_quiet_prints_errors_and_what_programs_asked_for(monkeypatch):
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setattr("sys.stderr", err)
    console = Console(quiet=True)
    console.line("a.jpg: 1 cat")
    console.table("a.jpg", ["label"], [["cat"]])
    console.say("1 image")
    assert (out.getvalue(), err.getvalue()) == ("", "")
    console.data("{}")
    console.failure("b.jpg: gone")
    assert (out.getvalue(), err.getvalue()) == ("{}\n", "b.jpg: gone\n")
