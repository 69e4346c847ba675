"""Average precision of a detector over a labelled set."""

from collections.abc import Callable

import numpy as np

from dlcli.data.detection_set import DetectionSet
from dlcli.imaging.reader import read_picture
from dlcli.metrics.detection import DetectionMetric, DetectionScores
from dlcli.records import Boxes, Source
from dlcli.tasks.detect.predict import Limits

EVAL_LIMITS = Limits(conf=0.01, iou=0.5, max_det=300)


def evaluate_detector(
    detect: Callable[[np.ndarray], Boxes], data: DetectionSet, progress: Callable[[int, int], None] | None = None
) -> DetectionScores:
    """Run `detect` (uint8 [H, W, 3] -> Boxes) over every picture of the set."""
    metric = DetectionMetric(len(data.labels))
    for i, picture in enumerate(data.pictures):
        pixels = read_picture(Source.of_file(picture.path)).pixels
        metric.add(detect(pixels), picture.xyxy, picture.class_ids, picture.ignore, picture.crowd)
        if progress:
            progress(i + 1, len(data.pictures))
    return metric.value()
