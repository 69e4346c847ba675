"""Greedy matching against every possible matching and against SciPy's assignment."""

from itertools import combinations, permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from dlcli.evaluation.diff.matching import match_greedily, overlaps
from dlcli.ops.boxes import box_iou


def every_matching(rows, columns):
    """All one-to-one matchings of `rows` and `columns` things, the smaller ones too."""
    for size in range(min(rows, columns) + 1):
        for chosen in combinations(range(rows), size):
            for partners in permutations(range(columns), size):
                yield list(zip(chosen, partners, strict=True))


@given(
    st.lists(st.tuples(*[st.integers(0, 9)] * 2, *[st.integers(3, 9)] * 2), min_size=1, max_size=8),
    st.integers(0, 4),
    st.sampled_from([0.01, 0.2, 0.5]),
)
def test_greedy_matching_is_the_best_of_all_by_its_own_order(shapes, cut, limit):
    """Of every matching, the one whose overlaps, largest first, come first in the order of a dictionary."""
    xyxy = np.array([[x, y, x + w, y + h] for x, y, w, h in shapes], float)
    a, b = xyxy[:cut][:4], xyxy[cut:][:4]
    overlap = overlaps(a, b)
    matched = match_greedily(overlap, limit, *([(0.5, *row) for row in side.tolist()] for side in (a, b)))
    ranked = sorted((value for _, _, value in matched), reverse=True)
    possible = [
        sorted((overlap[pair] for pair in pairs), reverse=True)
        for pairs in every_matching(len(a), len(b))
        if all(overlap[pair] >= limit for pair in pairs)
    ]
    values = overlap[overlap >= limit]
    if len(set(values.tolist())) == len(values):  # with ties, which of them goes first decides what is left
        assert ranked == max(possible)
    assert ranked[:1] == max(possible)[:1]
    assert len(ranked) * 2 >= max(map(len, possible))
    np.testing.assert_allclose(overlap, np.where((a[:, None] == b[None]).all(2), 1, box_iou(a, b)), atol=1e-9)


def test_where_boxes_are_apart_greedy_is_optimal():
    """Boxes on a grid, moved and shuffled: SciPy's assignment of the largest total IoU is the same."""
    random = np.random.default_rng(0)
    corners = np.stack(np.meshgrid(np.arange(6), np.arange(5)), -1).reshape(-1, 2) * 40.0
    a = np.concatenate([corners, corners + random.uniform(20, 38, corners.shape)], 1)
    order = random.permutation(len(a))
    b = (a + random.uniform(-3, 3, a.shape))[order]
    overlap = overlaps(a, b)
    rows, columns = linear_sum_assignment(-overlap)
    kept = [(i, j) for i, j in zip(rows.tolist(), columns.tolist(), strict=True) if overlap[i, j] >= 0.3]
    matched = match_greedily(overlap, 0.3, *([(0.5, *row) for row in side.tolist()] for side in (a, b)))
    assert len(kept) == len(a)
    assert [(i, j) for i, j, _ in matched] == kept
