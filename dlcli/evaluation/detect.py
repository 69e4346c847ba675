"""Average precision of a detector over a labelled set; `dlcli eval detect`, training and export call this."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dlcli.data.detection_set import DetectionSet, LabelledPicture
from dlcli.data.layouts import read_detection_set
from dlcli.errors import PictureError
from dlcli.evaluation.drop_bad_files import Progress, Ready, Say, looked_at, usable_set
from dlcli.imaging.reader import read_picture
from dlcli.imaging.steps.chain import apply_steps, parse_steps
from dlcli.metrics.detection import DetectionMetric, DetectionScores
from dlcli.records import Boxes, Source
from dlcli.runtime.threads import default_threads
from dlcli.tasks.detect.detector import Limits
from dlcli.tasks.detect.options import DetectOptions
from dlcli.tasks.detect.predictor import DetectWorker, load

EVAL_LIMITS = Limits(conf=0.01, iou=0.5, max_det=300)
Detect = Callable[[np.ndarray], Boxes]


@dataclass(frozen=True)
class Evaluation:
    """scores: with class ids that index `labels`, the model's. model: as records name it, "voc@sha256:1f0c...".

    metric: what the scores come from, for intervals.
    """

    scores: DetectionScores
    labels: tuple[str, ...]
    model: str
    metric: DetectionMetric


def evaluate(
    options: DetectOptions,
    data: Path,
    split: str | None,
    threads: int | None = None,
    say: Say | None = None,
    progress: Progress | None = None,
    ready: Ready | None = None,
) -> Evaluation:
    """Score the shipped predictor, as `options` set it, on a split of a labelled set.

    The set's classes are taken by name, so it may have fewer than the model, in any order. threads: pictures looked at
    at a time, default the processors that this process may use; the scores do not depend on it. say: is told of each
    bad file, which is left out; None: bad files raise DataError with their names. ready: is given the model's labels
    before any picture is looked at. Errors of a missing model or class as for `dlcli detect`.
    """
    count = threads or default_threads()
    worker = load(options, 1, count)
    labels = worker.card.labels
    if ready:
        ready(labels)
    dataset = usable_set(read_detection_set(data, split, labels), say)
    metric = score_pictures(whole_way(worker), dataset, progress, count, say)
    return Evaluation(metric.value(), labels, worker.model, metric)


def whole_way(worker: DetectWorker) -> Detect:
    """From the pixels of a picture file to boxes in it, through the --pre chain that the model was trained with."""
    steps = parse_steps(worker.pre)

    def detect(pixels: np.ndarray) -> Boxes:
        return worker.predict(*apply_steps(pixels, steps)).boxes

    return detect


def evaluate_detector(
    detect: Detect, data: DetectionSet, progress: Progress | None = None, threads: int = 1, say: Say | None = None
) -> DetectionScores:
    """The scores alone; see score_pictures."""
    return score_pictures(detect, data, progress, threads, say).value()


def score_pictures(
    detect: Detect, data: DetectionSet, progress: Progress | None = None, threads: int = 1, say: Say | None = None
) -> DetectionMetric:
    """Run `detect` (uint8 [H, W, 3] RGB -> Boxes in its pixels) over every picture of the set, in its order.

    threads: callers of `detect` at a time. say: is told of each picture that cannot be read, which is then left out;
    None: the first raises DataError.
    """
    metric = DetectionMetric(len(data.labels))

    def look(picture: LabelledPicture) -> Boxes | PictureError:
        try:
            return detect(read_picture(Source.of_file(picture.path)).pixels)
        except PictureError as error:
            return error

    for picture, found in looked_at(look, data.pictures, progress, threads, say):
        metric.add(found, picture.xyxy, picture.class_ids, picture.ignore, picture.crowd)
    return metric
