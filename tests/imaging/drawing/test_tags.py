"""Where tags stand, how large they are, and which of a crowd are left out."""

import numpy as np
import pytest

from dlcli.imaging.drawing.fonts.letters import Letters
from dlcli.imaging.drawing.tags import COVERED, LEAST, Label, _place, lay_out, with_score


def crowd(count: int, side: int) -> list[Label]:
    rng = np.random.default_rng(count)
    corners = rng.integers(0, side - 30, (count, 2)).tolist()
    return [Label((x, y, x + 30, y + 30), "person", "93%", (9, 9, 9)) for x, y in corners]


def overlapping(tags) -> int:
    """By painting each tag."""
    seen = np.zeros((4000, 4000), int)
    for tag in tags:
        x1, y1, x2, y2 = tag.area
        seen[y1:y2, x1:x2] += 1
    return int((seen > 1).sum())


def test_tags_stay_inside_and_off_each_other():
    size, tag = (200, 100), (60, 20)
    taken = []
    for box in [(0, 0, 50, 50), (180, 10, 200, 90), (0, 0, 50, 50), (0, 0, 50, 50)]:
        area = _place(box, tag, size, taken)
        assert 0 <= area[0] < area[2] <= 200
        assert 0 <= area[1] < area[3] <= 100
        taken.append(area)
    assert len(set(taken[:3])) == 3


def test_few_tags_have_the_size_asked_for():
    (tag,) = lay_out(crowd(1, 1000), (1000, 1000), 29)
    assert tag.letters.size == 29


def test_in_a_crowd_letters_shrink():
    tags = lay_out(crowd(20, 1000), (1000, 1000), 29)
    assert len(tags) == 20
    assert LEAST <= tags[0].letters.size < 29
    assert overlapping(tags) == 0


@pytest.mark.parametrize(("count", "side"), [(170, 500), (170, 3000), (300, 400)])
def test_in_a_throng_the_first_keep_theirs_and_little_is_covered(count, side):
    labels = crowd(count, side)
    tags = lay_out(labels, (side, side), max(10, round(0.029 * side)))
    covered = sum((x2 - x1) * (y2 - y1) for x1, y1, x2, y2 in (tag.area for tag in tags))
    assert 0 < len(tags) < count
    assert overlapping(tags) == 0
    assert covered <= COVERED * side * side
    assert tags[0].text == "person 93%"


def test_a_tag_that_would_hide_a_tiny_image_is_left_out():
    labels = [Label((4, 4, 44, 44), "cat", "93%", (9, 9, 9))]
    assert lay_out(labels, (48, 48), 10) == []
    assert len(lay_out(labels, (48, 48), 10, all_of_them=True)) == 1


def test_all_are_drawn_at_a_size_that_was_asked_for():
    tags = lay_out(crowd(170, 500), (500, 500), 12, all_of_them=True)
    assert len(tags) == 170
    assert {tag.letters.size for tag in tags} == {12}


def test_no_labels_no_tags():
    assert lay_out([], (10, 10), 12) == []


def test_a_long_name_loses_its_end_but_not_its_score():
    label = Label((0, 0, 9, 9), "a very long class name indeed", "93%", (0, 0, 0))
    short = with_score(label, Letters(12), 100)
    assert short.endswith("… 93%")
    assert Letters(12).length(short) <= 100
    assert with_score(label, Letters(12), 5) == "93%"
