"""What a detector's run shows while it learns: samples and the confusion matrix."""

from pathlib import Path

import numpy as np

from dlcli.data.boxes import BoxTarget
from dlcli.evaluation.box_plots import Images, confusion_of, sheet_rows
from dlcli.evaluation.evaluate import Answer, Scored
from dlcli.imaging.drawing.box_sheet import draw_sheet
from dlcli.imaging.writer import write_image
from dlcli.metrics.box_confusion import SCORE
from dlcli.training.labeled import evenly
from dlcli.whole_file import write_whole

SHOWN = 6  # images on a sheet of samples


def write_images(run: Path, epoch: int, answer: Answer, labels: tuple[str, ...], found: Scored[BoxTarget]) -> None:
    """RUN/samples/epoch-NN.png and RUN/confusion.png. The same images are shown in every epoch."""
    shown = [found.images[row] for row in evenly(len(found.images), SHOWN)]
    write_image(run / "samples" / f"epoch-{epoch:02}.png", drawn(answer, labels, shown))
    title = f"mAP50 {found.scores.map50:.3f} after epoch {epoch}"
    write_whole(run / "confusion.png", confusion_of(found.metric.confusion, labels, title))


def drawn(answer: Answer, labels: tuple[str, ...], images: Images) -> np.ndarray:
    """uint8 [h, w, 3]: each image with its true boxes and what was found."""
    return draw_sheet(sheet_rows(answer, images), labels, SCORE)
