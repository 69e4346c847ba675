"""The classifier as a function of an image: resize, tensor, network, probabilities."""

from collections.abc import Callable

import numpy as np

from dlcli.card import ModelCard
from dlcli.errors import DataError
from dlcli.models.decodings import CLASS_SCORES, PROBABILITIES, SIGMOID, SOFTMAX
from dlcli.tasks.contract import SHOWN_SCORE
from dlcli.tasks.network_input import to_input

Forward = Callable[["np.ndarray"], "np.ndarray"]
NO_CHANCE = 1e-30
SUM_ERROR = 0.01  # of probabilities that a network gives itself, with float16 in mind


class Classifier:
    """uint8 [H, W, 3] RGB -> float64 [classes], each in [0, 1].

    forward: float32 [1, 3, h, w] -> logits float32 [classes]; ONNX Runtime's session, or torch.
    chosen: bool [classes], which are reported; None: all. Those have the probability that they have among all classes,
    the others 0. DataError: a card whose "scores" are unknown.
    """

    def __init__(self, card: ModelCard, forward: Forward, chosen: "np.ndarray | None" = None):
        self.card, self.forward, self.chosen = card, forward, chosen
        self.multi_label = is_multi_label(card)

    def __call__(self, pixels: "np.ndarray") -> "np.ndarray":
        tensor, _ = to_input(self.card, pixels)
        logits = self.forward(tensor)
        if logits.shape != (len(self.card.labels),) or not np.isfinite(logits).all():
            got = f"{list(logits.shape)}" if np.isfinite(logits).all() else "values that are not numbers"
            raise DataError(f"{self.card.name}: expected {len(self.card.labels)} logits, got {got}; train it again")
        if self.card.decoding.get("scores") == PROBABILITIES:
            logits = logits_of(logits, self.card.name)
        scores = sigmoid(logits) if self.multi_label else softmax(logits)
        return scores if self.chosen is None else np.where(self.chosen, scores, 0.0)

    def shares(self, scores: "np.ndarray") -> "np.ndarray | None":
        """What the chosen classes have of the probability of all that are chosen, float64 [classes].

        None where all are chosen, or an image may be of several classes, or the chosen ones have no chance at all.
        """
        if self.chosen is None or self.multi_label or not scores.sum() > 0:
            return None
        return np.asarray(scores / scores.sum())


def is_multi_label(card: ModelCard) -> bool:
    """Whether an image may be of several classes."""
    scores = card.decoding.get("scores", SOFTMAX)
    if scores not in CLASS_SCORES:
        raise DataError(f"{card.name}: expected scores by {' or '.join(CLASS_SCORES)} in its card, got {scores}")
    return bool(scores == SIGMOID)


def logits_of(probabilities: "np.ndarray", name: str) -> "np.ndarray":
    """float64 that `softmax` makes the same probabilities of; 0 counts as NO_CHANCE.

    DataError: they do not add up to 1."""
    wide = np.asarray(probabilities, np.float64)
    if wide.min() < 0 or abs(wide.sum() - 1) > SUM_ERROR:
        raise DataError(
            f"{name}: expected probabilities that add up to 1, got numbers of {wide.min():.4g} to {wide.max():.4g} "
            f"that add up to {wide.sum():.4g}; import it by --scores softmax or sigmoid"
        )
    return np.log(np.maximum(wide, NO_CHANCE))


def softmax(logits: "np.ndarray") -> "np.ndarray":
    """float64 of the same shape, the last axis sums to 1; -inf gives 0. At least one must be finite."""
    wide = np.asarray(logits, np.float64)
    powers = np.exp(wide - wide.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True))


def sigmoid(logits: "np.ndarray") -> "np.ndarray":
    """float64 of the same shape; -inf gives 0."""
    wide = np.asarray(logits, np.float64)
    small = np.exp(-np.abs(wide))  # never overflows
    return np.where(wide >= 0, 1 / (1 + small), small / (1 + small))


def best(scores: "np.ndarray", top: int, threshold: float) -> "np.ndarray":
    """Class ids int64, best first, at most `top`, each with at least `threshold` and more than 0."""
    order = np.argsort(-scores, kind="stable")[:top]
    return order[(scores[order] >= threshold) & (scores[order] > 0)]


def rounded_to_one(scores: "np.ndarray") -> "np.ndarray":
    """Probabilities float64 [classes] that sum to 1, with SHOWN_SCORE decimals, so that they still do.

    By largest remainders: each is off by less than one unit, and their order stays. A thousand classes rounded one by
    one would lose a hundredth.
    """
    unit = 10**SHOWN_SCORE
    whole = np.floor(scores * unit)
    left = round(unit - whole.sum())
    whole[np.argsort(whole - scores * unit, kind="stable")[:left]] += 1
    return np.asarray(whole / unit)
