"""`dlcli export RUN` of a segmenter."""

from pathlib import Path
from typing import ClassVar

import numpy as np
from torch import nn

from dlcli.card import ModelCard
from dlcli.data.mask_layouts import read_segmentation_set, segmentation_splits
from dlcli.data.segmentation_set import SegmentationSet
from dlcli.evaluation.segment import Progress, evaluate_segmenter, usable_masks, whole_way
from dlcli.export.kind import Kind
from dlcli.export.options import ExportOptions
from dlcli.export.parity import Arrays
from dlcli.export.run import Exported, export_kind
from dlcli.nets.build_segmenter import build_segmenter
from dlcli.tasks.segment.options import SegmentOptions
from dlcli.tasks.segment.predictor import SegmentWorker
from dlcli.training.log import TrainingReport


class SegmenterKind(Kind):
    """Logits [1, classes, h / stride, w / stride]."""

    task: ClassVar[str] = "segment"
    outputs: ClassVar[tuple[str, ...]] = ("logits",)
    metric: ClassVar[str] = "mIoU"

    def build(self, card: ModelCard) -> nn.Module:
        return build_segmenter(card)

    def look(self, place: Path, labels: tuple[str, ...]) -> None:
        segmentation_splits(place)

    def read(self, place: Path, split: str, labels: tuple[str, ...]) -> SegmentationSet:
        return read_segmentation_set(place, split, labels)

    def measure(
        self, card: ModelCard, arrays: Arrays, data: SegmentationSet, progress: Progress, threads: int
    ) -> float:
        def forward(tensor: "np.ndarray") -> "np.ndarray":
            return arrays(tensor)[0]

        segment = whole_way(SegmentWorker(SegmentOptions(), card, forward, card.name))
        return evaluate_segmenter(segment, usable_masks(data), progress, threads)[0].miou


def export_segmenter(options: ExportOptions, report: TrainingReport) -> Exported:
    """See export.run.export_kind."""
    return export_kind(SegmenterKind(), options, report)
