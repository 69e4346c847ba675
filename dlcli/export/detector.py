"""`dlcli export RUN` of a detector."""

from pathlib import Path
from typing import ClassVar

import numpy as np
from torch import nn

from dlcli.card import ModelCard
from dlcli.data.detection_set import DetectionSet
from dlcli.data.layouts import detection_splits, read_detection_set
from dlcli.evaluation.detect import EVAL_LIMITS, Progress, evaluate_detector, whole_way
from dlcli.export.kind import Kind
from dlcli.export.options import ExportOptions
from dlcli.export.parity import Arrays
from dlcli.export.run import Exported, export_kind
from dlcli.models.run_folder import RunFolder
from dlcli.nets.factory import SECOND_STAGE, build_detector
from dlcli.tasks.detect.options import DetectOptions
from dlcli.tasks.detect.predictor import DetectWorker
from dlcli.training.log import TrainingReport


class DetectorKind(Kind):
    """Anchors: logits [1, A, classes] and offsets [1, A, 4]."""

    task: ClassVar[str] = "detect"
    outputs: ClassVar[tuple[str, ...]] = ("logits", "offsets")
    metric: ClassVar[str] = "mAP50"

    def refusal(self, run: RunFolder) -> str:
        if SECOND_STAGE not in run.card.decoding and run.options.get("net") != "fast-rcnn":
            return ""
        return (
            "a Fast R-CNN has no ONNX form, for what it computes depends on the boxes it proposes; use it by "
            f"`dlcli detect --model {run.path} --runtime torch`, or train with --net anchor to export"
        )

    def build(self, card: ModelCard) -> nn.Module:
        return build_detector(card)

    def look(self, place: Path, labels: tuple[str, ...]) -> None:
        detection_splits(place)

    def read(self, place: Path, split: str, labels: tuple[str, ...]) -> DetectionSet:
        return read_detection_set(place, split, labels)

    def measure(self, card: ModelCard, arrays: Arrays, data: DetectionSet, progress: Progress, threads: int) -> float:
        limits = DetectOptions(conf=EVAL_LIMITS.conf, iou=EVAL_LIMITS.iou, max_det=EVAL_LIMITS.max_det)

        def forward(tensor: "np.ndarray") -> tuple["np.ndarray", "np.ndarray"]:
            logits, offsets = arrays(tensor)
            return logits, offsets

        detect = whole_way(DetectWorker(limits, card, forward, card.name))
        return evaluate_detector(detect, data, progress, threads).map50


def export_run(options: ExportOptions, report: TrainingReport) -> Exported:
    """See export.run.export_kind."""
    return export_kind(DetectorKind(), options, report)
