"""Holding out: disjoint, stratified, by the seed."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.training.classify.holdout import held_out


@given(st.lists(st.sampled_from("abcde"), max_size=60), st.floats(0.01, 0.9), st.integers(0, 9))
def test_every_group_gives_its_share_and_keeps_some(groups, share, seed):
    chosen = held_out(groups, share, seed)
    whole, out = Counter(groups), Counter(g for g, c in zip(groups, chosen, strict=True) if c)
    for group, count in whole.items():
        if count == 1:
            assert out[group] == 0
        else:
            assert 1 <= out[group] < count
            assert abs(out[group] - share * count) <= 1


def test_the_seed_decides():
    groups = [("cat",), ("dog",)] * 20
    first = held_out(groups, 0.25, 1)
    assert first.sum() == 10
    np.testing.assert_array_equal(first, held_out(groups, 0.25, 1))
    assert (first != held_out(groups, 0.25, 2)).any()


@pytest.mark.parametrize(("count", "expected"), [(1, 0), (2, 1), (3, 1), (10, 2)])
def test_small_groups(count, expected):
    assert held_out(["x"] * count, 0.2, 0).sum() == expected
