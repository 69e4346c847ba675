"""What a segmenter's run shows while it learns: samples and the confusion matrix."""

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
    """RUN/samples/epoch-NN.png and RUN/confusion.png. The same images are shown in every epoch."""
    shown = [images[row] for row in evenly(len(images), SHOWN)]
    write_image(run / "samples" / f"epoch-{epoch:02}.png", drawn(segment, labels, shown))
    title = f"mIoU {scores.miou:.3f} after epoch {epoch}"
    write_whole(run / "confusion.png", draw_confusion(scores.confusion, labels, title))


def drawn(segment: Answer, labels: tuple[str, ...], images: Images) -> np.ndarray:
    """uint8 [h, w, 3]: each image with its truth and the answer."""
    return sheet_of(segment, images, labels, labels.index(BACKGROUND) if BACKGROUND in labels else None)
