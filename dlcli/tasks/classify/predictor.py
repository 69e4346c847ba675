"""The loaded classifier: opens the model in the runtime asked for, predicts, and sorts."""

import os
from typing import Any

import numpy as np

from dlcli.card import ModelCard
from dlcli.imaging.drawing.fonts.labels import DrawnLabels
from dlcli.imaging.geometry import Placement
from dlcli.records import Source
from dlcli.tasks.classify.classifier import Classifier, Forward, best, rounded_to_one
from dlcli.tasks.classify.options import ClassifyOptions
from dlcli.tasks.classify.result import Classes
from dlcli.tasks.classify.sort import Sorter
from dlcli.tasks.contract import Predictor, TaskSummary
from dlcli.tasks.drawing import pen_of
from dlcli.tasks.groups import Groups
from dlcli.tasks.labels import chosen_classes
from dlcli.tasks.network import open_network
from dlcli.tasks.network_input import enough_for

MULTI_LABEL_THRESHOLD = 0.5

OUTPUTS = ("logits",)  # of the network


def load(options: ClassifyOptions, threads: int, workers: int) -> "ClassifyPredictor":
    """Open the model. UsageError for a class it does not know, MissingError where there is no such model."""
    network = open_network(options, "classify", OUTPUTS, threads, workers)
    return ClassifyPredictor(options, network.card, network.forward, network.model)


def card_aliases(card: ModelCard) -> dict[str, str]:
    """Other words for the labels that the card has: WordNet ids, as folders of ImageNet are named."""
    words = card.decoding.get("wnids", [])
    return dict(zip(words, card.labels, strict=False)) if isinstance(words, list) else {}


class ClassifyPredictor(Predictor):
    def __init__(self, options: ClassifyOptions, card: ModelCard, forward: Forward, model: str):
        chosen = chosen_classes(card.labels, options.classes, options.exclude_classes)
        self.classifier = Classifier(card, forward, None if chosen is None else np.array(chosen))
        self.options, self.card = options, card
        usual = MULTI_LABEL_THRESHOLD if self.classifier.multi_label else 0.0
        self.threshold = usual if options.threshold is None else options.threshold
        self.sorter = Sorter(options, card.labels) if options.sort_into else None
        self.model, self.pre, self.labels = model, card.pre, card.labels
        self.aliases = card_aliases(card)
        self.enough = enough_for(card)
        self.pen, self.written = pen_of(options), DrawnLabels(card.labels)

    def predict(self, pixels: "np.ndarray", placement: Placement | None) -> Classes:
        scores = self.classifier(pixels)
        found = best(scores, self.options.top, self.threshold)
        sure = len(found) > 0
        if self.sorter is not None and not sure:  # into `unsure`, whose records say of what
            found = best(scores, self.options.top, 0.0)
        whole = self.classifier.chosen is None and not self.classifier.multi_label
        reported = rounded_to_one(scores) if whole else scores
        shares = self.classifier.shares(scores)
        among = None if shares is None else rounded_to_one(shares)[found]
        return Classes(found, reported[found], self.card.labels, among, sure, self.pen, self.written)

    def answer(self, pixels: "np.ndarray", placement: Placement | None) -> "np.ndarray":
        return self.classifier(pixels)

    def group(self, groups: Groups) -> None:
        if self.sorter is not None:
            self.sorter = Sorter(self.options, [groups.of(label) for label in self.labels])

    def after_save(self, source: Source, result: Classes) -> dict[str, Any]:
        if self.sorter is None:
            return {}
        number = int(result.class_ids[0]) if result.sure else None
        return {"sorted_to": self.sorter.put(source, number)}

    @property
    def apart(self) -> bool:
        return self.sorter is None

    def summarize(self) -> TaskSummary:
        return TaskSummary(notes=self.written.notes())

    def is_current(self, record: dict[str, Any]) -> bool:
        return self.sorter is None or os.path.lexists(record.get("sorted_to", ""))
