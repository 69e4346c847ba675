"""What an evaluation of boxes draws: confusion matrix, precision over recall, the worst images."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dlcli.data.boxes import BoxTarget
from dlcli.errors import ImageError
from dlcli.evaluation.confusion_plot import draw_confusion
from dlcli.evaluation.curve_plot import Curve, draw_curves
from dlcli.evaluation.evaluate import Answer, Evaluation, ScoredImage
from dlcli.evaluation.plot_file import write_plot
from dlcli.imaging.drawing.box_sheet import BoxRow, draw_sheet
from dlcli.imaging.reader import read_image
from dlcli.imaging.writer import encode_image
from dlcli.metrics.box_confusion import IOU, SCORE
from dlcli.records import Boxes, Source

NAMES = ("confusion.png", "curves.png", "worst.png")  # of the files
WORST = 8  # images on the sheet
RULE = f"boxes with a score of {SCORE} and more, matched at IoU {IOU}"
Images = Sequence[ScoredImage[BoxTarget]]


def write_plots(done: Evaluation[BoxTarget], folder: Path) -> list[Path]:
    """confusion.png, curves.png and worst.png in the folder, which is made; MissingError without matplotlib.

    No worst.png where every image is right.
    """
    scores, written = done.scores, [folder / name for name in NAMES[:2]]
    title = f"{done.model} on {scores.images} images, mAP50 {scores.map50:.4f}"
    write_plot(written[0], confusion_of(done.metric.confusion, done.labels, title))
    counted = [number for number in range(len(done.labels)) if scores.truths[number]]
    curves = [Curve(done.labels[number], scores.ap50[number], *done.metric.curve(number)) for number in counted]
    write_plot(written[1], draw_curves(curves, f"{title}, IoU {IOU}"))
    worst = sorted((i for i in done.images if i.score.value < 1), key=lambda image: image.score.value)[:WORST]
    rows = sheet_rows(done.answer, worst)
    if rows:
        written.append(folder / NAMES[2])
        write_plot(written[2], encode_image(draw_sheet(rows, done.labels, SCORE), ".png"))
    return written


def confusion_of(confusion: np.ndarray, labels: Sequence[str], title: str) -> bytes:
    """PNG of int64 [C + 1, C + 1], of the classes that are in the truth or were found; see metrics/box_confusion.py."""
    there = np.flatnonzero(confusion.sum(0) + confusion.sum(1))
    kept = np.union1d(there[there < len(labels)], [len(labels)])
    names = [labels[number] if number < len(labels) else "(none)" for number in kept]
    note = f"(none): a truth that was missed, or a box where there is no truth; {RULE}"
    return draw_confusion(confusion[np.ix_(kept, kept)], names, title, "boxes", note)


def sheet_rows(answer: Answer, images: Images) -> list[BoxRow]:
    """Each image with its truth and the answer, which is asked for again; images that are gone are left out."""
    rows = []
    for image in images:
        try:
            pixels = read_image(Source.of_file(image.item.path)).pixels
        except ImageError:  # gone since it was scored
            continue
        target, found = image.item.target, answer(pixels)
        truth = Boxes(target.xyxy, np.ones(len(target.xyxy), np.float32), target.class_ids)
        right = "nothing to find" if np.isnan(image.score.value) else f"F1 {image.score.value:.2f}"
        rows.append(BoxRow(pixels, truth, found[found.scores >= SCORE], f"{image.item.path.name}  {right}"))
    return rows
