"""What `dlcli diff` finds among boxes."""

import pytest

from dlcli.evaluation.diff.report import lines
from tests.evaluation.diff.records import (
    CAT,
    CUP,
    DOG,
    box,
    difference,
    images,
    kinds,
)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([DOG, CAT, CUP], []),
        ([CUP, DOG, CAT], []),  # the order says nothing
        ([box("dog", 0.9, 11, 10, 61, 60), CAT, CUP], []),  # by 1 px, as far as it may
        ([box("dog", 0.9, 11.01, 10, 60, 60), CAT, CUP], [("box", "moved", "dog")]),
        ([box("dog", 0.901, 10, 10, 60, 60), CAT, CUP], []),  # by 0.001, as far as it may
        ([box("dog", 0.8989, 10, 10, 60, 60), CAT, CUP], [("box", "drifted", "dog")]),
        ([box("dog", 0.7, 12, 10, 62, 60), CAT, CUP], [("box", "moved", "dog"), ("box", "drifted", "dog")]),
        ([box("fox", 0.9, 10, 10, 60, 60), CAT, CUP], [("box", "relabeled", "")]),
        ([CAT, CUP], [("box", "lost", "dog")]),
        ([DOG, CAT, CUP, box("fox", 0.3, 1, 2, 3, 4)], [("box", "new", "fox")]),
        ([DOG, CAT, CUP, DOG], [("box", "new", "dog")]),  # one box is matched once
        ([box("dog", 0.9, 20, 10, 70, 60), CAT, CUP], [("box", "lost", "dog"), ("box", "new", "dog")]),  # IoU 0.67
        ([], [("box", "lost", "dog"), ("box", "lost", "cat"), ("box", "lost", "cup")]),
    ],
)
def test_what_changed_among_boxes(found, expected):
    assert kinds(images([DOG, CAT, CUP]), images(found)) == expected


def test_a_change_says_by_how_much():
    [(_, moved), (_, drifted)] = difference(images([DOG]), images([box("dog", 0.75, 12, 13, 62, 63)]), iou=0.5).changes
    assert (moved.pixels, drifted.drift) == (3, -0.15)
    assert moved.iou == pytest.approx(48 * 47 / (2 * 2500 - 48 * 47))
    assert (moved.a, moved.b["box"]) == (DOG, [12, 13, 62, 63])


def test_a_box_that_moved_too_far_says_so():
    found = difference(images([DOG, CAT]), images([box("dog", 0.9, 20, 10, 70, 60), CUP]))
    assert [(change.kind, change.name, change.iou) for _, change in found.changes] == [
        ("lost", "dog", pytest.approx(40 / 60)),
        ("lost", "cat", None),
        ("new", "dog", pytest.approx(40 / 60)),
        ("new", "cup", None),
    ]
    assert lines(found)[0] == "0.jpg: lost: dog 0.90 at [10, 10, 60, 60], IoU 0.67 with one that is new"


def test_the_limits_are_the_users():
    moved, drifted = images([box("dog", 0.9, 13, 10, 63, 60)]), images([box("dog", 0.88, 10, 10, 60, 60)])
    assert kinds(images([DOG]), moved, iou=0.89) == [("box", "lost", "dog"), ("box", "new", "dog")]  # 47/53 = 0.887
    assert kinds(images([DOG]), moved, iou=0.88, pixels=2.9) == [("box", "moved", "dog")]
    assert kinds(images([DOG]), moved, iou=0.88, pixels=3) == []
    assert kinds(images([DOG]), drifted, tol=0.02) == []


def test_the_better_overlap_is_taken_first_whatever_the_scores():
    near, far = box("dog", 0.4, 10, 10, 61, 60), box("dog", 0.9, 10, 10, 63, 60)
    found = difference(images([DOG]), images([far, near]))
    assert [(change.kind, change.b) for _, change in found.changes] == [("drifted", near), ("new", far)]


def test_boxes_that_are_equal_go_by_the_closer_score():
    twins = [box("dog", 0.9, 10, 10, 60, 60), box("dog", 0.5, 10, 10, 60, 60)]
    assert kinds(images(twins), images(twins[::-1])) == []


def test_a_box_without_area_is_itself():
    assert kinds(images([box("dog", 0.9, 5, 5, 5, 9)]), images([box("dog", 0.9, 5, 5, 5, 9)])) == []
