"""`dlcli export RUN` of detectors, classifiers and segmenters; a task's contract names the function for its runs."""

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from dlcli.card import ModelCard
from dlcli.data.dataset import Kind
from dlcli.data.kinds import BOXES, CLASSES, MASKS
from dlcli.export.exporter import Exporter
from dlcli.export.options import ExportOptions
from dlcli.export.parity import Arrays
from dlcli.export.run import Exported, export_network
from dlcli.metrics.detection import DetectionMetric
from dlcli.models.run_folder import RunFolder
from dlcli.nets.factory import SECOND_STAGE
from dlcli.ops.calibration import KEY, PLAIN, calibration_error, fit_scores
from dlcli.tasks.classify.classifier import is_multi_label
from dlcli.tasks.classify.options import ClassifyOptions
from dlcli.tasks.classify.predictor import ClassifyPredictor
from dlcli.tasks.detect.detector import EVAL_LIMITS
from dlcli.tasks.detect.options import DetectOptions
from dlcli.tasks.detect.predictor import DetectPredictor
from dlcli.tasks.segment.options import SegmentOptions
from dlcli.tasks.segment.predictor import SegmentPredictor
from dlcli.training.log import TrainLog


class DetectorExporter(Exporter):
    """Anchors: logits [1, A, classes] and offsets [1, A, 4]."""

    kind: ClassVar[Kind[Any]] = BOXES
    outputs: ClassVar[tuple[str, ...]] = ("logits", "offsets")
    metric: ClassVar[str] = "mAP50"

    def refusal(self, run: RunFolder) -> str:
        if SECOND_STAGE not in run.card.decoding and run.options.get("net") != "fast-rcnn":
            return ""
        return (
            "a Fast R-CNN has no ONNX form, for what it computes depends on the boxes it proposes; use it by "
            f"`dlcli detect --model {run.path} --runtime torch`, or train with --net anchor to export"
        )

    def predictor(self, card: ModelCard, arrays: Arrays) -> DetectPredictor:
        def forward(tensor: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            logits, offsets = arrays(tensor)
            return logits, offsets

        options = DetectOptions(conf=EVAL_LIMITS.conf, iou=EVAL_LIMITS.iou, max_det=EVAL_LIMITS.max_det)
        return DetectPredictor(options, card, forward, card.name)

    def measured(self, card: ModelCard, scores: Any) -> float:
        return float(scores.map50)

    def calibrated(self, card: ModelCard, metric: DetectionMetric) -> tuple[ModelCard, str]:
        scores, right = metric.hits()
        found = fit_scores(scores, right)
        before, after = (calibration_error(values, right) for values in (scores, found.scores(PLAIN.logits(scores))))
        words = f"scores calibrated (scale {found.scale:g}, shift {found.shift:g}): error {before:.3f} -> {after:.3f}"
        return replace(card, decoding={**card.decoding, KEY: [found.scale, found.shift]}), words


class ClassifierExporter(Exporter):
    """One vector an image: logits [1, classes]. In eight bits throughout: only their order and distance count."""

    kind: ClassVar[Kind[Any]] = CLASSES
    outputs: ClassVar[tuple[str, ...]] = ("logits",)
    metric: ClassVar[str] = "top-1 (several classes an image: mAP)"
    also_int8: ClassVar[tuple[str, ...]] = ("Relu", "MaxPool", "ReduceMean", "GlobalAveragePool", "Gemm")
    float_ends: ClassVar[bool] = False

    def predictor(self, card: ModelCard, arrays: Arrays) -> ClassifyPredictor:
        return ClassifyPredictor(ClassifyOptions(), card, lambda tensor: arrays(tensor)[0], card.name)

    def measured(self, card: ModelCard, scores: Any) -> float:
        return float(scores.map if is_multi_label(card) else scores.top1)


class SegmenterExporter(Exporter):
    """Logits [1, classes, h / stride, w / stride]."""

    kind: ClassVar[Kind[Any]] = MASKS
    outputs: ClassVar[tuple[str, ...]] = ("logits",)
    metric: ClassVar[str] = "mIoU"

    def predictor(self, card: ModelCard, arrays: Arrays) -> SegmentPredictor:
        return SegmentPredictor(SegmentOptions(), card, lambda tensor: arrays(tensor)[0], card.name)

    def measured(self, card: ModelCard, scores: Any) -> float:
        return float(scores.miou)


def export_detector(options: ExportOptions, report: TrainLog) -> Exported:
    """See export.run.export_network."""
    return export_network(DetectorExporter(), options, report)


def export_classifier(options: ExportOptions, report: TrainLog) -> Exported:
    """See export.run.export_network."""
    return export_network(ClassifierExporter(), options, report)


def export_segmenter(options: ExportOptions, report: TrainLog) -> Exported:
    """See export.run.export_network."""
    return export_network(SegmenterExporter(), options, report)
