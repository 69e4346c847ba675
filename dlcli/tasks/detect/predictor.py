"""The loaded detector: opens the model in the runtime asked for, and predicts."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from dlcli.card import ModelCard
from dlcli.class_names import aliases_of
from dlcli.console import QUIET
from dlcli.imaging.drawing.fonts.labels import DrawnLabels
from dlcli.imaging.geometry import Placement
from dlcli.records import Boxes
from dlcli.tasks.contract import Output, Predictor, TaskSummary
from dlcli.tasks.detect.detector import Detector, Forward, Limits
from dlcli.tasks.detect.options import DetectOptions
from dlcli.tasks.detect.result import Detections
from dlcli.tasks.detect.tiles import detect_in_tiles
from dlcli.tasks.drawing import pen_of
from dlcli.tasks.labels import chosen_classes
from dlcli.tasks.network import open_network
from dlcli.tasks.network_input import enough_for
from dlcli.tasks.outputs import CLASSES
from dlcli.tasks.redaction import redaction_of

OUTPUTS = ("logits", "offsets")  # of the network


def load(options: DetectOptions, threads: int, workers: int) -> "DetectPredictor":
    """Open the model. UsageError for a class it does not know, MissingError where there is no such model."""
    network = open_network(options, "detect", OUTPUTS, threads, workers)
    return DetectPredictor(options, network.card, network.forward, network.model)


class DetectPredictor(Predictor):
    def __init__(self, options: DetectOptions, card: ModelCard, forward: Forward, model: str):
        chosen = chosen_classes(card.labels, options.classes, options.exclude_classes)
        limits = Limits(options.conf, options.iou, options.max_det, None if chosen is None else np.array(chosen))
        self.options, self.card = options, card
        self.detector = Detector(card, forward, limits)
        self.model, self.pre, self.labels = model, card.pre, card.labels
        self.aliases = aliases_of(card.labels)
        self.enough = None if options.tile or self.detector.whole else enough_for(card)
        self.pen, self.written, self.redaction = (
            pen_of(options),
            DrawnLabels(card.labels),
            redaction_of(options, card.labels),
        )

    def predict(self, pixels: "np.ndarray", placement: Placement | None) -> Detections:
        options = self.options
        if options.tile:
            boxes = detect_in_tiles(
                *(self.detector.boxes, pixels, options.tile_size, options.tile_overlap, options.iou),
                console=self.console or QUIET,
            )
        else:
            boxes = self.detector.boxes(pixels)
        if placement is not None:
            boxes = replace(boxes, xyxy=placement.to_source(boxes.xyxy))
            boxes = boxes[((boxes.xyxy[:, 2:] - boxes.xyxy[:, :2]) > 0).all(1)]
        found = self.detector.limit(boxes)
        return Detections(found.boxes, found.truncated, self.card.labels, self.pen, self.written, self.redaction)

    def answer(self, pixels: "np.ndarray", placement: Placement | None) -> Boxes:
        return self.predict(pixels, placement).boxes

    def summarize(self) -> TaskSummary:
        return TaskSummary(notes=self.written.notes())

    def run_outputs(self, saves: tuple[str, ...]) -> Iterator[Output]:
        if "yolo" in saves:
            from dlcli.data.yolo.writer import yolo_classes

            yield CLASSES, yolo_classes(self.labels).encode()

    def final_outputs(self, saves: tuple[str, ...], records: Iterable[dict[str, Any]]) -> Iterator[Output]:
        if "coco" in saves:
            from dlcli.tasks.detect.annotation_files import of_run

            yield of_run(records, self.labels)
