"""What `dlcli diff` finds among classes with scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.evaluation.diff.class_lists import unlisted_bound
from tests.evaluation.diff.records import (
    kinds,
    scores,
)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (scores(cat=0.9, dog=0.05), scores(cat=0.9005, dog=0.0495), []),
        (scores(cat=0.9, dog=0.05), scores(cat=0.8, dog=0.05), [("class", "drifted", "cat")]),
        (
            scores(cat=0.5, dog=0.4995),
            scores(cat=0.4995, dog=0.5),
            [("class", "relabeled", "")],
        ),
        # the last of --top 2 changes places with the next one: no score need have changed
        (scores(cat=0.9, dog=0.0104), scores(cat=0.9, fox=0.0105), []),
        (scores(cat=0.9, dog=0.0204), scores(cat=0.9, fox=0.0105), [("class", "lost", "dog")]),
        # the sum leaves no room for a second dog of 0.35
        (scores(cat=0.6, dog=0.35), scores(cat=0.6, fox=0.35), [("class", "lost", "dog"), ("class", "new", "fox")]),
        # several classes an image
        (scores(cat=0.9, dog=0.6), scores(cat=0.9, fox=0.6), [("class", "lost", "dog"), ("class", "new", "fox")]),
        # cut by --threshold
        (scores(cat=0.5, dog=0.3), scores(cat=0.5), [("class", "lost", "dog")]),
        (scores(cat=0.5), scores(cat=0.5, dog=0.0009), []),
        (scores(), scores(cat=0.5), [("class", "new", "cat")]),
        (scores(), scores(), []),
    ],
)
def test_what_changed_among_classes(a, b, expected):
    assert kinds(a, b) == expected


@given(st.lists(st.floats(0, 1), min_size=3, max_size=12), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_a_class_cut_off_by_top_never_had_more_than_the_bound(logits, top, seed):
    probabilities = np.exp(4 * np.array(logits)) / np.exp(4 * np.array(logits)).sum()
    order = np.argsort(-probabilities)
    listed = {str(i): {"score": float(probabilities[i])} for i in order[:top]}
    assert all(probabilities[i] <= unlisted_bound(listed, listed) + 1e-12 for i in order[top:])
