"""What is said of sets in which one class is nearly all, or one is missing."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from dlcli.data.classes import ClassSet
from dlcli.data.dataset import Item
from dlcli.data.kinds import CLASSES
from dlcli.training.class_shares import say_lopsided
from dlcli.training.log import TrainLog


def said(cats, dogs, labels=("cat", "dog")):
    told = io.StringIO()
    items = tuple(Item(Path(f"{n}.png"), (int(n >= cats),)) for n in range(cats + dogs))
    data = ClassSet("folders", labels, items)
    say_lopsided(CLASSES, data, TrainLog(Console(file=told, width=400), quiet=False))
    return told.getvalue()


@pytest.mark.parametrize(
    ("cats", "dogs", "begins"),
    [
        (99, 1, "99% of the examples are cat, so that a network that says nothing else looks good; add others"),
        (1, 99, "99% of the examples are dog"),
        (94, 6, ""),
        (5, 0, "no example to learn from of: dog; what is learned will never find one"),
        (0, 0, "no example to learn from of: cat, dog"),
    ],
)
def test_one_sentence_each(cats, dogs, begins):
    found = said(cats, dogs)
    assert found.startswith(begins)
    assert found.count("\n") == bool(begins)


def test_a_set_of_one_class_is_not_lopsided():
    assert said(5, 0, labels=("cat",)) == ""
