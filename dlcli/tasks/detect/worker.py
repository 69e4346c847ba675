"""The loaded detector: opens the model in the runtime asked for, and predicts."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from dlcli.card import ModelCard
from dlcli.errors import DataError
from dlcli.imaging.geometry import Placement
from dlcli.models.digest import file_digest, short_id
from dlcli.models.store import find_model
from dlcli.runtime.session import open_session
from dlcli.tasks.contract import PredictorDefaults
from dlcli.tasks.detect.predict import Detector, Forward, Limits
from dlcli.tasks.detect.result import Detections
from dlcli.tasks.detect.task import DetectOptions
from dlcli.tasks.detect.tiles import detect_in_tiles
from dlcli.tasks.labels import chosen_classes
from dlcli.tasks.runtimes import resolve


def load(options: DetectOptions, threads: int, workers: int) -> "DetectWorker":
    """Open the model. UsageError for a class it does not know, MissingError where there is no such model."""
    runtime, path = resolve(options, "detect")
    if runtime == "torch":
        from dlcli.tasks.detect.torch_predict import load_torch_forward

        card, forward = load_torch_forward(path, threads, options.device)
        return DetectWorker(
            options, card, forward, short_id(card.name, file_digest(path)) if path.is_file() else card.name
        )
    model = find_model(options.model, "detect")
    return DetectWorker(options, model.card, onnx_forward(model.path, threads, workers, options.device), model.id)


def onnx_forward(path: Path, threads: int, workers: int, device: str = "auto") -> Forward:
    """The network in ONNX Runtime, as the predictor calls it."""
    session = open_session(path, threads, device, workers)
    names = session.output_names
    if not {"logits", "offsets"} <= set(names):
        raise DataError(f"{path}: expected the outputs logits and offsets, got {', '.join(names)}")
    logits, offsets = names.index("logits"), names.index("offsets")

    def forward(tensor: "np.ndarray") -> tuple["np.ndarray", "np.ndarray"]:
        out = session.run(tensor)
        return out[logits][0], out[offsets][0]

    return forward


class DetectWorker(PredictorDefaults):
    """See tasks.contract.Predictor."""

    def __init__(self, options: DetectOptions, card: ModelCard, forward: Forward, model: str):
        chosen = chosen_classes(card.labels, options.classes, options.exclude_classes)
        limits = Limits(options.conf, options.iou, options.max_det, None if chosen is None else np.array(chosen))
        self.options, self.card = options, card
        self.detector = Detector(card, forward, limits)
        self.model, self.pre = model, card.pre

    def predict(self, pixels: "np.ndarray", placement: Placement | None) -> Detections:
        options = self.options
        if options.tile:
            boxes = detect_in_tiles(self.detector.boxes, pixels, options.tile_size, options.tile_overlap, options.iou)
        else:
            boxes = self.detector.boxes(pixels)
        if placement is not None:
            boxes = replace(boxes, xyxy=placement.to_source(boxes.xyxy))
            boxes = boxes[((boxes.xyxy[:, 2:] - boxes.xyxy[:, :2]) > 0).all(1)]
        found = self.detector.limit(boxes)
        return Detections(found.boxes, found.truncated, self.card.labels)
