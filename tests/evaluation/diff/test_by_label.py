"""Changes label by label, the biggest first."""

from dlcli.evaluation.diff.by_label import biggest_first, label_lines
from dlcli.evaluation.diff.change import Change, Drift, Limits
from dlcli.evaluation.diff.compare import Difference


def lost(label: str, score: float) -> Change:
    return Change("lost", "box", label, {"label": label, "score": score}, None)


def moved(label: str, pixels: float) -> Change:
    side = {"label": label, "score": 0.5}
    return Change("moved", "box", label, side, side, pixels=pixels, iou=0.8)


def difference(*changes: tuple[str, Change]) -> Difference:
    keyed = [((name, None, None, None), change) for name, change in changes]
    return Difference("a", "b", "detect", Limits(), keyed, {"a": 3, "b": 3, "compared": 3, "same": 0}, Drift(), [])


def test_the_label_with_most_changes_and_its_biggest_come_first():
    found = difference(
        ("1.jpg", lost("cat", 0.9)),
        ("1.jpg", moved("dog", 3.0)),
        ("2.jpg", lost("dog", 0.3)),
        ("2.jpg", moved("dog", 12.5)),
        ("3.jpg", Change("failed", "image", "", "ok", "damaged")),
    )
    order = [(key[0], change.kind, change.pixels) for key, change in biggest_first(found)]
    assert order == [
        ("3.jpg", "failed", None),
        ("2.jpg", "moved", 12.5),
        ("1.jpg", "moved", 3.0),
        ("2.jpg", "lost", None),
        ("1.jpg", "lost", None),
    ]
    assert label_lines(found) == ["dog: 2 moved, 1 lost", "cat: 1 lost"]


def test_one_label_needs_no_table():
    assert label_lines(difference(("1.jpg", lost("cat", 0.9)))) == []
    assert label_lines(difference()) == []
