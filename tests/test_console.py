"""Bars: one at a time, with a note in place of the rate. Names that could steer a terminal or stop the program."""

from dlcli.console import Console, Progress, RichBar, printable


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
        assert (task.completed, task.total, task.fields["rate"]) == (5, 100, "loss 0.1")


def test_half_a_pair_of_surrogates_is_written_out():
    """A name that JSON can hold and UTF-8 cannot; bytes of a file's name that are no UTF-8 stay U+FFFD."""
    assert printable("\ud800a.jpg") == "\\xd800a.jpg"
    assert printable("\udcffa.jpg") == "\ufffda.jpg"
