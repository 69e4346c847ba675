"""IoU, Dice and pixel accuracy of a segmenter over a labelled set; `eval segment`, training and export call this."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dlcli.data.mask_check import check_segmentation_set, without_masks
from dlcli.data.mask_file import read_mask
from dlcli.data.mask_layouts import read_segmentation_set
from dlcli.data.segmentation_set import BACKGROUND, MaskPicture, SegmentationSet
from dlcli.errors import DataError, PictureError
from dlcli.evaluation.drop_bad_files import Progress, Ready, Say, looked_at, usable
from dlcli.imaging.drawing.mask_sheet import SheetRow, draw_sheet
from dlcli.imaging.reader import read_picture
from dlcli.imaging.steps.chain import apply_steps, parse_steps
from dlcli.messages import listed
from dlcli.metrics.segmentation import SegmentationMetric, SegmentationScores, scores_of
from dlcli.records import Source
from dlcli.runtime.threads import default_threads
from dlcli.tasks.segment.options import SegmentOptions
from dlcli.tasks.segment.predictor import SegmentWorker, load

Segment = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class PictureScore:
    """miou: over the classes that the picture's truth or prediction holds; NaN where no pixel counts."""

    picture: MaskPicture
    miou: float


@dataclass(frozen=True)
class Evaluation:
    """scores: with class ids that index `labels`, the model's. model: as records name it. pictures: in the set's order.

    metric: what the scores come from, for intervals. segment: the way from pixels to a mask that was scored, for a look
    at some of the pictures.
    """

    scores: SegmentationScores
    labels: tuple[str, ...]
    background: int | None
    model: str
    pictures: tuple[PictureScore, ...]
    metric: SegmentationMetric
    segment: Segment


def evaluate(
    options: SegmentOptions,
    data: Path,
    split: str | None,
    threads: int | None = None,
    say: Say | None = None,
    progress: Progress | None = None,
    ready: Ready | None = None,
) -> Evaluation:
    """Score the shipped predictor, as `options` set it, on a split of a set with masks, at each picture's own size.

    The set's classes are taken by name, so it may have fewer than the model, in any order. threads: pictures looked at
    at a time, default the processors that this process may use; the scores do not depend on it. say: is told of each
    bad file, which is left out; None: bad files raise DataError with their names. ready: is given the model's labels
    before any picture is looked at. Errors of a missing model or class as for `dlcli segment`.
    """
    count = threads or default_threads()
    worker = load(options, 1, count)
    labels = worker.card.labels
    if ready:
        ready(labels)
    dataset = read_segmentation_set(data, split, labels)
    problems = check_segmentation_set(dataset, decode=False)
    if problems:
        refuse_other_classes(data, split, labels)
    dataset = usable(dataset, problems, dataset.source, without_masks, say)
    segment = whole_way(worker)
    metric, pictures = score_pictures(segment, dataset, progress, count, say)
    return Evaluation(metric.value(), labels, worker.background, worker.model, pictures, metric, segment)


def refuse_other_classes(data: Path, split: str | None, known: tuple[str, ...]) -> None:
    """DataError: not one class of the set but the background is the model's; one sentence instead of one a file."""
    own = [label for label in read_segmentation_set(data, split).labels if label != BACKGROUND]
    if own and not set(own) & set(known):
        raise DataError(
            f"{data}: its classes, {listed(own)}, are none of the model's, {listed(known)}; name the model that was "
            "trained for them by --model"
        )


def usable_masks(data: SegmentationSet, say: Say | None = None) -> SegmentationSet:
    """The set without its bad files, as usable_set does it for boxes. Headers of pictures and all masks are read."""
    return usable(data, check_segmentation_set(data, decode=False), data.source, without_masks, say)


def whole_way(worker: SegmentWorker) -> Segment:
    """From the pixels of a picture file to its mask, through the --pre chain that the model was trained with."""
    steps = parse_steps(worker.pre)

    def segment(pixels: np.ndarray) -> np.ndarray:
        return worker.predict(*apply_steps(pixels, steps)).mask.values

    return segment


def evaluate_segmenter(
    segment: Segment, data: SegmentationSet, progress: Progress | None = None, threads: int = 1, say: Say | None = None
) -> tuple[SegmentationScores, tuple[PictureScore, ...]]:
    """The scores, and each picture's; see score_pictures."""
    metric, pictures = score_pictures(segment, data, progress, threads, say)
    return metric.value(), pictures


def score_pictures(
    segment: Segment, data: SegmentationSet, progress: Progress | None = None, threads: int = 1, say: Say | None = None
) -> tuple[SegmentationMetric, tuple[PictureScore, ...]]:
    """Run `segment` (uint8 [H, W, 3] RGB -> uint8 [H, W] of classes) over every picture of the set, in its order.

    threads: callers of `segment` at a time. say: is told of each picture that cannot be read, which is then left out;
    None: the first raises DataError.
    """
    metric, pictures = SegmentationMetric(len(data.labels)), []

    def look(picture: MaskPicture) -> tuple[np.ndarray, np.ndarray] | PictureError:
        try:
            pixels = read_picture(Source.of_file(picture.path)).pixels
        except PictureError as error:
            return error
        return segment(pixels), read_mask(picture)

    for picture, found in looked_at(look, data.pictures, progress, threads, say):
        pictures.append(PictureScore(picture, scores_of(metric.add(*found)).miou))
    return metric, tuple(pictures)


def worst_sheet(done: Evaluation, count: int = 8) -> np.ndarray:
    """uint8 [h, w, 3]: the pictures with the lowest mIoU, the worst first, each with its truth and its prediction."""
    scored = [item for item in done.pictures if not np.isnan(item.miou)]
    return picture_sheet(done, sorted(scored, key=lambda item: item.miou)[:count])


def picture_sheet(done: Evaluation, pictures: Sequence[PictureScore]) -> np.ndarray:
    """The same of the pictures given, looked at anew."""
    return sheet_of(done.segment, pictures, done.labels, done.background)


def sheet_of(
    segment: Segment, pictures: Sequence[PictureScore], labels: Sequence[str], background: int | None
) -> np.ndarray:
    """uint8 [h, w, 3]: each picture with its truth and its prediction."""
    rows = []
    for item in pictures:
        pixels = read_picture(Source.of_file(item.picture.path)).pixels
        caption = f"{item.picture.path.name}  mIoU {item.miou:.2f}"
        rows.append(SheetRow(pixels, read_mask(item.picture), segment(pixels), caption))
    return draw_sheet(rows, labels, background)
