"""Accuracy of a classifier over labelled pictures; `dlcli eval classify`, training and export call this."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dlcli.card import ModelCard
from dlcli.data.class_check import check_classification_set, without_pictures
from dlcli.data.class_layouts import read_classification_set
from dlcli.data.classification_set import ClassificationSet, ClassPicture
from dlcli.errors import PictureError
from dlcli.evaluation.drop_bad_files import Progress, Ready, Say, looked_at, usable
from dlcli.imaging.reader import read_picture
from dlcli.imaging.steps.chain import apply_steps, parse_steps
from dlcli.metrics.classification import ClassificationMetric, ClassificationScores
from dlcli.records import Source
from dlcli.runtime.threads import default_threads
from dlcli.tasks.classify.classifier import Classifier
from dlcli.tasks.classify.options import ClassifyOptions
from dlcli.tasks.classify.predictor import load

Classify = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Look:
    """One picture as the model saw it. score: of its best true class. best: the class id with the highest score."""

    picture: ClassPicture
    score: float
    best: int
    best_score: float

    @property
    def right(self) -> bool:
        return self.best in self.picture.class_ids


@dataclass(frozen=True)
class Evaluation:
    """scores: with class ids that index `labels`, the model's. model: as records name it, "imagenet@sha256:1f0c...".

    metric: what the scores come from, for curves and intervals. looks: a picture each, in the set's order.
    """

    scores: ClassificationScores
    labels: tuple[str, ...]
    model: str
    multi_label: bool
    metric: ClassificationMetric
    looks: tuple[Look, ...]

    def worst(self, count: int) -> list[Look]:
        """The wrong ones whose true class got the least, worst first; () where all are right."""
        wrong = [look for look in self.looks if not look.right and look.picture.class_ids]
        return sorted(wrong, key=lambda look: look.score)[:count]


def evaluate(
    options: ClassifyOptions,
    data: Path,
    split: str | None,
    aliases: Mapping[str, str] | None = None,
    threads: int | None = None,
    say: Say | None = None,
    progress: Progress | None = None,
    ready: Ready | None = None,
) -> Evaluation:
    """Score the shipped predictor, as `options` set it, on a split of labelled pictures.

    The set's classes are taken by name, by a WordNet id that the model's card has, or as `aliases` say, so it may have
    fewer than the model, in any order. threads: pictures looked at at a time, default the processors that this process
    may use; the scores do not depend on it. say: is told of each bad file, which is left out; None: bad files raise
    DataError with their names. ready: is given the model's labels before any picture is looked at. Errors of a missing
    model or class as for `dlcli classify`.
    """
    count = threads or default_threads()
    worker = load(options, 1, count)
    card, classifier = worker.card, worker.classifier
    if ready:
        ready(card.labels)
    dataset = read_classification_set(data, split, card.labels, card_aliases(card) | dict(aliases or {}))
    classify = whole_way(classifier, card.pre)
    metric, looks = score_pictures(classify, usable_pictures(dataset, say), progress, count, say)
    return Evaluation(metric.value(), card.labels, worker.model, classifier.multi_label, metric, looks)


def card_aliases(card: ModelCard) -> dict[str, str]:
    """Other words for the labels that the card has: WordNet ids, as folders of ImageNet are named."""
    words = card.decoding.get("wnids", [])
    return dict(zip(words, card.labels, strict=False)) if isinstance(words, list) else {}


def usable_pictures(data: ClassificationSet, say: Say | None = None) -> ClassificationSet:
    """The set without its bad files, as usable_set does it for boxes. Only headers are read."""
    return usable(data, check_classification_set(data, decode=False), data.source, without_pictures, say)


def whole_way(classifier: Classifier, pre: str) -> Classify:
    """From the pixels of a picture file to scores, through the --pre chain that the model was trained with."""
    steps = parse_steps(pre)
    return lambda pixels: classifier(apply_steps(pixels, steps)[0])


def evaluate_classifier(
    classify: Classify,
    data: ClassificationSet,
    progress: Progress | None = None,
    threads: int = 1,
    say: Say | None = None,
) -> ClassificationScores:
    """The scores alone; see score_pictures."""
    return score_pictures(classify, data, progress, threads, say)[0].value()


def score_pictures(
    classify: Classify,
    data: ClassificationSet,
    progress: Progress | None = None,
    threads: int = 1,
    say: Say | None = None,
) -> tuple[ClassificationMetric, tuple[Look, ...]]:
    """Run `classify` (uint8 [H, W, 3] RGB -> scores float [classes]) over every picture of the set, in its order.

    threads: callers of `classify` at a time. say: is told of each picture that cannot be read, which is then left
    out; None: the first raises DataError.
    """
    metric, looks = ClassificationMetric(data.present), []

    def look(picture: ClassPicture) -> np.ndarray | PictureError:
        try:
            return classify(read_picture(Source.of_file(picture.path)).pixels)
        except PictureError as error:
            return error

    for picture, found in looked_at(look, data.pictures, progress, threads, say):
        metric.add(found, picture.class_ids)
        looks.append(_look(picture, found))
    return metric, tuple(looks)


def _look(picture: ClassPicture, scores: np.ndarray) -> Look:
    best = int(np.argmax(scores))
    truth = float(scores[list(picture.class_ids)].max()) if picture.class_ids else 0.0
    return Look(picture, truth, best, float(scores[best]))
