"""Groups of classes: what is read, what is refused, which labels a word stands for."""

import pytest

from dlcli.errors import UsageError
from dlcli.tasks.groups import NO_GROUPS, Groups

LABELS = ("cat", "dog", "car")


def test_a_group_stands_for_its_classes_whatever_their_case():
    groups = Groups.parse(["animals= Cat , dog"])
    assert groups.meant("Animals") == {"cat", "dog"}
    assert groups.meant("CAR") == {"car"}
    assert [groups.of(label) for label in LABELS] == ["animals", "animals", "car"]
    assert [NO_GROUPS.of(label) for label in LABELS] == list(LABELS)
    groups.check(LABELS)
    groups.check(())  # nobody knows the model's


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["animals"], "expected NAME=CLASS,CLASS"),
        (["=cat"], "expected NAME=CLASS,CLASS"),
        (["animals= , "], "expected NAME=CLASS,CLASS"),
        (["a=cat", "A=dog"], "there is a group A already"),
        (["a=cat", "b=cat"], "cat is in a already"),
    ],
)
def test_what_is_no_group(texts, words):
    with pytest.raises(UsageError, match=words):
        Groups.parse(texts)


@pytest.mark.parametrize(
    ("text", "words"), [("a=cat,dgo", "no label dgo; did you mean dog"), ("car=cat", "of that name")]
)
def test_what_the_model_cannot_mean(text, words):
    with pytest.raises(UsageError, match=words):
        Groups.parse([text]).check(LABELS)
