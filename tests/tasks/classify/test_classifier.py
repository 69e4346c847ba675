"""Scores from logits, and which classes are told."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlcli.card import ModelCard
from dlcli.errors import DataError
from dlcli.tasks.classify.classifier import Classifier, best, rounded_to_one, sigmoid, softmax

LOGITS = arrays(np.float32, st.integers(1, 30), elements=st.floats(-1000, 1000, width=32))


def card(count=4, scores="softmax", **more):
    labels = tuple(f"c{i}" for i in range(count))
    given = {"name": "m", "task": "classify", "labels": labels, "input": (8, 6), "mean": (0, 0, 0), "std": (1, 1, 1)}
    return ModelCard(**(given | {"decoding": {"scores": scores}} | more))


def classifier(logits, chosen=None, **more):
    return Classifier(card(len(logits), **more), lambda _: np.array(logits, np.float32), chosen)


PIXELS = np.zeros((5, 7, 3), np.uint8)


@settings(deadline=None)
@given(LOGITS)
def test_softmax_is_torchs_and_sums_to_one(logits):
    ours = softmax(logits)
    assert ours.sum() == pytest.approx(1, abs=1e-12)
    assert np.allclose(ours, torch.from_numpy(logits).double().softmax(0).numpy(), atol=1e-12)


@settings(deadline=None)
@given(LOGITS)
def test_sigmoid_is_torchs(logits):
    assert np.allclose(sigmoid(logits), torch.from_numpy(logits).double().sigmoid().numpy(), atol=1e-12)


def test_chosen_classes_keep_the_models_own_probability():
    every = classifier([1, 2, 3, 4])(PIXELS)
    chosen = classifier([1, 2, 3, 4], np.array([True, False, True, False]))
    some = chosen(PIXELS)
    assert every.sum() == pytest.approx(1)
    assert some == pytest.approx([every[0], 0, every[2], 0])
    total = every[0] + every[2]
    assert chosen.shares(some) == pytest.approx([every[0] / total, 0, every[2] / total, 0])
    assert classifier([1, 2, 3, 4]).shares(every) is None


def test_sigmoid_scores_do_not_depend_on_each_other():
    every = classifier([0, 2, -2], scores="sigmoid")(PIXELS)
    some = classifier([0, 2, -2], np.array([True, False, True]), scores="sigmoid")(PIXELS)
    assert every == pytest.approx([0.5, 1 / (1 + np.exp(-2)), 1 / (1 + np.exp(2))])
    assert some == pytest.approx([every[0], 0, every[2]])


def test_what_the_network_sees():
    """The middle of the image in the input's shape (half of the 16 x 12 that fit), mean and deviation taken out."""
    seen = []
    pixels = np.random.default_rng(0).integers(0, 256, (12, 32, 3), dtype=np.uint8)
    model = card(2, input=(8, 6), mean=(10, 20, 30), std=(2, 4, 5), resize="crop", crop=0.5)
    Classifier(model, lambda tensor: seen.append(tensor) or np.zeros(2, np.float32))(pixels)
    expected = (pixels[3:9, 12:20] - np.array([10.0, 20.0, 30.0])) / [
        2.0,
        4.0,
        5.0,
    ]
    assert np.allclose(seen[0][0].transpose(1, 2, 0), expected, atol=1e-6)


@pytest.mark.parametrize("logits", [[1, 2, 3], [1, 2, 3, float("nan")], [1, 2, 3, float("inf")]])
def test_a_network_that_does_not_fit_its_card(logits):
    with pytest.raises(DataError, match="expected 4 logits"):
        Classifier(card(4), lambda _: np.array(logits, np.float32))(PIXELS)


def test_a_card_with_unknown_scores():
    with pytest.raises(DataError, match="softmax or sigmoid"):
        Classifier(card(2, "margin"), lambda _: np.zeros(2, np.float32))


def test_best_first_and_ties_by_id():
    scores = np.array([0.1, 0.4, 0.0, 0.4, 0.1])
    assert best(scores, 5, 0).tolist() == [1, 3, 0, 4]  # what was left out has 0 and is never told
    assert best(scores, 2, 0).tolist() == [1, 3]
    assert best(scores, 5, 0.2).tolist() == [1, 3]
    assert best(scores, 5, 0.5).tolist() == []


@settings(deadline=None)
@given(LOGITS)
def test_rounded_probabilities_still_sum_to_one(logits):
    scores = softmax(logits)
    told = rounded_to_one(scores)
    assert sum(round(value * 10_000) for value in told.tolist()) == 10_000
    assert np.abs(told - scores).max() < 1e-4
    order = np.argsort(-scores, kind="stable")
    assert (np.diff(told[order]) <= 0).all()
    assert [round(value, 4) for value in told.tolist()] == told.tolist()
