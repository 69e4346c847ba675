"""What a segmenter's run shows while it learns: samples, the confusion matrix, and the scores of each class."""

import csv
import io
from pathlib import Path

import numpy as np

from dlcli.data.masks import BACKGROUND
from dlcli.evaluation.confusion_plot import draw_confusion
from dlcli.evaluation.evaluate import Answer
from dlcli.evaluation.mask_plots import Images, sheet_of
from dlcli.imaging.writer import write_image
from dlcli.metrics.segmentation import SegmentationScores
from dlcli.training.labeled import evenly
from dlcli.whole_file import write_whole

SHOWN = 6  # images on a sheet of samples


def write_images(
    run: Path,
    epoch: int,
    segment: Answer,
    labels: tuple[str, ...],
    scores: SegmentationScores,
    images: Images,
) -> None:
    """RUN/samples/epoch-NN.png, RUN/confusion.png and RUN/classes.csv. The same images are shown in every epoch."""
    shown = [images[row] for row in evenly(len(images), SHOWN)]
    background = labels.index(BACKGROUND) if BACKGROUND in labels else None
    write_image(run / "samples" / f"epoch-{epoch:02}.png", sheet_of(segment, shown, labels, background))
    title = f"mIoU {scores.miou:.3f} after epoch {epoch}"
    write_whole(run / "confusion.png", draw_confusion(scores.confusion, labels, title))
    write_classes(run / "classes.csv", scores, labels)


def write_classes(path: Path, scores: SegmentationScores, labels: tuple[str, ...]) -> None:
    """A row a class with its IoU and Dice, empty where it has none."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["class", "iou", "dice"])
    for label, *values in zip(labels, scores.iou, scores.dice, strict=True):
        writer.writerow([label, *("" if np.isnan(value) else f"{value:.4f}" for value in values)])
    write_whole(path, text.getvalue().encode())
