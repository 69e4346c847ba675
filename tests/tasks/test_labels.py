"""Classes as people type them."""

import pytest

from dlcli.errors import UsageError
from dlcli.tasks.labels import chosen_classes, nearest_or_known

LABELS = ("cat", "dog", "Potted plant", "7")


@pytest.mark.parametrize(
    ("only", "without", "expected"),
    [
        ("", "", None),
        ("dog", "", (False, True, False, False)),
        (" DOG , cat,", "", (True, True, False, False)),
        ("1", "", (False, True, False, False)),
        ("potted PLANT", "", (False, False, True, False)),
        ("7", "", (False, False, False, True)),  # a name before an id
        ("", "cat,1", (False, False, True, True)),
    ],
)
def test_choices(only, without, expected):
    assert chosen_classes(LABELS, only, without) == expected


@pytest.mark.parametrize(
    ("only", "without", "words"),
    [
        ("dgo", "", "--classes: no class dgo; did you mean dog?"),
        ("", "zebra", "--exclude-classes: no class zebra; the model knows: cat, dog"),
        ("4", "", "no class 4"),
        ("-1", "", "no class -1"),
        ("", "cat,dog,2,3", "leaves no class"),
    ],
)
def test_wrong_choices_say_what_is_there(only, without, words):
    with pytest.raises(UsageError, match=words.replace("?", r"\?")):
        chosen_classes(LABELS, only, without)


def test_long_lists_are_cut():
    with pytest.raises(UsageError, match=r"\(1000 in all\)"):
        chosen_classes(tuple(f"class {i}" for i in range(1000)), "zebra", "")


@pytest.mark.parametrize(("word", "label"), [("sofa", "couch"), ("Aeroplane", "airplane"), ("tvmonitor", "tv")])
def test_vocs_names_mean_cocos(word, label):
    assert chosen_classes(("cat", label), word, "") == (False, True)
    assert chosen_classes(("cat", word.lower()), label, "") == (False, True)


def test_a_class_of_that_name_comes_before_another_name():
    assert chosen_classes(("couch", "sofa"), "sofa", "") == (False, True)


def test_what_only_hints_names_the_other_name():
    assert nearest_or_known(("couch", "cat"), "sofa") == "it is called couch there"
