"""`dlcli export RUN` of a classifier."""

from pathlib import Path
from typing import ClassVar

import numpy as np
from torch import nn

from dlcli.card import ModelCard
from dlcli.data.class_layouts import read_classification_set
from dlcli.data.classification_set import ClassificationSet
from dlcli.evaluation.classify import Progress, evaluate_classifier, whole_way
from dlcli.export.kind import Kind
from dlcli.export.options import ExportOptions
from dlcli.export.parity import Arrays
from dlcli.export.run import Exported, export_kind
from dlcli.nets.build_classifier import build_classifier
from dlcli.tasks.classify.classifier import Classifier, is_multi_label
from dlcli.training.log import TrainingReport


class ClassifierKind(Kind):
    """One vector a picture: logits [1, classes]. In eight bits throughout: only their order and distance count."""

    task: ClassVar[str] = "classify"
    outputs: ClassVar[tuple[str, ...]] = ("logits",)
    metric: ClassVar[str] = "top-1 (several classes a picture: mAP)"
    also_int8: ClassVar[tuple[str, ...]] = ("Relu", "MaxPool", "ReduceMean", "GlobalAveragePool", "Gemm")
    float_ends: ClassVar[bool] = False

    def build(self, card: ModelCard) -> nn.Module:
        return build_classifier(card)

    def look(self, place: Path, labels: tuple[str, ...]) -> None:
        read_classification_set(place, None, labels)

    def read(self, place: Path, split: str, labels: tuple[str, ...]) -> ClassificationSet:
        return read_classification_set(place, split, labels)

    def measure(
        self, card: ModelCard, arrays: Arrays, data: ClassificationSet, progress: Progress, threads: int
    ) -> float:
        def forward(tensor: "np.ndarray") -> "np.ndarray":
            return arrays(tensor)[0]

        scores = evaluate_classifier(whole_way(Classifier(card, forward), card.pre), data, progress, threads)
        return scores.map if is_multi_label(card) else scores.top1


def export_classifier(options: ExportOptions, report: TrainingReport) -> Exported:
    """See export.run.export_kind."""
    return export_kind(ClassifierKind(), options, report)
