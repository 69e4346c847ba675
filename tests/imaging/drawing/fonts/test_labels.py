"""Labels that no font can draw stand as class numbers, and that is said."""

from dlcli.imaging.drawing.fonts import letters
from dlcli.imaging.drawing.fonts.labels import DrawnLabels


def test_labels_that_can_be_drawn_stay_and_nothing_is_said():
    found = DrawnLabels(("dog", "Kreisfläche", "треугольник"))
    assert list(found) == ["dog", "Kreisfläche", "треугольник"]
    assert found.notes() == ()


def test_others_become_numbers_once_they_are_drawn(monkeypatch):
    monkeypatch.setattr(letters, "undrawable", lambda text: {"正"} & set(text))
    found = DrawnLabels(("dog", "正方形", "正"))
    assert found.notes() == ()
    assert (found[0], found[1]) == ("dog", "class 1")
    (note,) = found.notes()
    assert note.startswith("drawn with class numbers: 正方形 (class 1): no font")
    assert "正 (class 2)" not in note


def test_what_lacks_is_named(monkeypatch):
    monkeypatch.setattr(letters, "can_shape", lambda: False)
    letters.undrawable.cache_clear()
    found = DrawnLabels(("كلب",))
    assert found[0] == "class 0"
    assert "libfribidi0" in found.notes()[0]
    letters.undrawable.cache_clear()
