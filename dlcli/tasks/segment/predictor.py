"""The loaded segmenter: opens the model in the runtime asked for, and predicts."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from dlcli.card import ModelCard
from dlcli.class_names import aliases_of
from dlcli.console import QUIET
from dlcli.imaging.drawing.fonts.labels import DrawnLabels
from dlcli.imaging.geometry import Placement
from dlcli.records import IndexMask
from dlcli.tasks.contract import Output, Predictor, TaskSummary
from dlcli.tasks.drawing import pen_of
from dlcli.tasks.labels import chosen_classes
from dlcli.tasks.memory import MemoryModel
from dlcli.tasks.network import open_network
from dlcli.tasks.outputs import CLASSES
from dlcli.tasks.redaction import redaction_of
from dlcli.tasks.segment.memory import SegmentMemory
from dlcli.tasks.segment.names import LEGEND
from dlcli.tasks.segment.options import SegmentOptions
from dlcli.tasks.segment.result import Segments, Showing, legend, yolo_numbers
from dlcli.tasks.segment.segmenter import Forward, Keep, Segmenter, background_of, kept
from dlcli.tasks.segment.tiles import segment_in_tiles

OUTPUTS = ("logits",)  # of the network


def load(options: SegmentOptions, threads: int, workers: int) -> "SegmentPredictor":
    """Open the model. UsageError for a class it does not know, MissingError where there is no such model."""
    network = open_network(options, "segment", OUTPUTS, threads, workers)
    return SegmentPredictor(options, network.card, network.forward, network.model)


class SegmentPredictor(Predictor):
    def __init__(self, options: SegmentOptions, card: ModelCard, forward: Forward, model: str):
        chosen = chosen_classes(card.labels, options.classes, options.exclude_classes)
        self.keep = Keep(None if chosen is None else np.array(chosen), options.min_share)
        self.options, self.card, self.background = options, card, background_of(card)
        self.segmenter = Segmenter(card, forward)
        self.model, self.pre, self.labels = model, card.pre, card.labels
        self.aliases = aliases_of(card.labels)
        self.written = DrawnLabels(card.labels)
        self.showing = Showing(
            pen_of(options),
            self.written,
            redaction_of(options, card.labels),
            options.cutout_by,
            options.cutout_size,
        )

    def predict(self, pixels: "np.ndarray", placement: Placement | None) -> Segments:
        if self.options.tile:
            options = self.options
            mask = segment_in_tiles(
                *(self.segmenter, pixels, options.tile_size, options.tile_overlap),
                merge=options.tile_merge,
                console=self.console or QUIET,
            )
            mask = mask if placement is None else _taken_back(mask, placement)
        else:
            mask = self.segmenter(pixels, placement)
        mask = kept(mask, self.keep, self.background)
        return Segments(IndexMask(mask), self.card.labels, self.background, self.showing)

    def memory_of(self, model: MemoryModel) -> MemoryModel:
        if not self.options.tile or not isinstance(model, SegmentMemory):
            return model
        classes, high, wide = self.segmenter.logits(np.zeros((1, 1, 3), np.uint8))[0].shape
        return replace(model, classes=classes, high=high, wide=wide)

    def answer(self, pixels: "np.ndarray", placement: Placement | None) -> "np.ndarray":
        return self.predict(pixels, placement).mask.values

    def summarize(self) -> TaskSummary:
        return TaskSummary(notes=self.written.notes())

    def run_outputs(self, saves: tuple[str, ...]) -> Iterator[Output]:
        if "index" in saves:
            yield LEGEND, legend(self.card.labels)
        if "yolo" in saves:
            from dlcli.data.yolo.writer import yolo_classes

            numbers = yolo_numbers(len(self.labels), self.background)
            yield CLASSES, yolo_classes([self.labels[class_id] for class_id in numbers]).encode()

    def final_outputs(self, saves: tuple[str, ...], records: Iterable[dict[str, Any]]) -> Iterator[Output]:
        if "coco" in saves:
            from dlcli.tasks.detect.annotation_files import of_run

            yield of_run(records, self.labels, self.background)


def _taken_back(mask: "np.ndarray", placement: Placement) -> "np.ndarray":
    """uint8 [H, W] of the image's own size, from a mask of what --pre made of it: the nearest pixel."""
    sx, sy = placement.scale_x, placement.scale_y
    matrix = np.array([[sx, 0, sx / 2 + placement.dx - 0.5], [0, sy, sy / 2 + placement.dy - 0.5]])
    size = placement.source_width, placement.source_height
    how = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(mask, matrix, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
