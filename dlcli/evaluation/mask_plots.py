"""What an evaluation of masks draws: the confusion matrix, and images with their truth and the answer."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dlcli.data.mask_file import read_mask
from dlcli.data.masks import MaskTarget
from dlcli.evaluation.confusion_plot import draw_confusion
from dlcli.evaluation.evaluate import Answer, Evaluation, ScoredImage
from dlcli.evaluation.plot_file import write_plot
from dlcli.imaging.drawing.mask_sheet import SheetRow, draw_sheet
from dlcli.imaging.reader import read_image
from dlcli.imaging.writer import encode_image
from dlcli.records import Source

NAMES = ("confusion.png", "worst.png")  # of the files
Images = Sequence[ScoredImage[MaskTarget]]


def write_plots(done: Evaluation[MaskTarget], folder: Path) -> list[Path]:
    """confusion.png and worst.png in the folder, which is made. MissingError without matplotlib."""
    value = done.scores.miou
    title = f"{done.model} on {done.scores.images} images, mIoU {'-' if np.isnan(value) else f'{value:.4f}'}"
    written = [folder / name for name in NAMES]
    write_plot(written[0], draw_confusion(done.scores.confusion, done.labels, title))
    write_plot(written[1], encode_image(worst_sheet(done), ".png"))
    return written


def worst_sheet(done: Evaluation[MaskTarget], count: int = 8) -> np.ndarray:
    """uint8 [h, w, 3]: the images with the lowest mIoU, the worst first, each with its truth and the answer."""
    scored = [image for image in done.images if not np.isnan(image.score.value)]
    worst = sorted(scored, key=lambda image: image.score.value)[:count]
    return sheet_of(done.answer, worst, done.labels, done.background)


def sheet_of(answer: Answer, images: Images, labels: Sequence[str], background: int | None) -> np.ndarray:
    """uint8 [h, w, 3]: each image with its truth and the answer, which is asked for again."""
    rows = []
    for image in images:
        pixels = read_image(Source.of_file(image.item.path)).pixels
        caption = f"{image.item.path.name}  mIoU {image.score.value:.2f}"
        rows.append(SheetRow(pixels, read_mask(image.item), answer(pixels), caption))
    return draw_sheet(rows, labels, background)
