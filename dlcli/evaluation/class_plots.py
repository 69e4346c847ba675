"""What an evaluation of classes draws: confusion matrix, precision over recall, the worst images."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dlcli.data.classes import ClassTarget
from dlcli.errors import ImageError
from dlcli.evaluation.confusion_plot import draw_confusion
from dlcli.evaluation.curve_plot import Curve
from dlcli.evaluation.curve_plot import draw_curves as curves_plot
from dlcli.evaluation.evaluate import Evaluation, ScoredImage
from dlcli.evaluation.plot_file import write_plot
from dlcli.imaging.drawing.contact_sheet import Tile, contact_sheet
from dlcli.imaging.reader import read_image
from dlcli.imaging.writer import encode_image
from dlcli.metrics.classification import ClassificationScores
from dlcli.records import Source
from dlcli.units import show_score

NAMES = ("confusion.png", "curves.png", "worst.png")  # of the files
WORST = 20  # images on the sheet


def write_plots(done: Evaluation[ClassTarget], folder: Path) -> list[Path]:
    """confusion.png (images of one class each), curves.png and worst.png in the folder, which is made.

    MissingError without matplotlib.
    """
    scores, written = done.scores, []
    if scores.confusion.any():
        title = f"{done.model} on {scores.images} images, top-1 {scores.top1:.4f}"
        written.append(folder / "confusion.png")
        write_plot(written[-1], confusion_of(scores, done.labels, title))
    written.append(folder / "curves.png")
    write_plot(written[-1], draw_curves(done))
    worst = worst_tiles(done)
    if worst:
        written.append(folder / "worst.png")
        sheet = contact_sheet(worst, f"{done.model}: wrong, and least sure of the truth")
        write_plot(written[-1], encode_image(sheet, ".png"))
    return written


def confusion_of(scores: ClassificationScores, labels: Sequence[str], title: str) -> bytes:
    """PNG of the classes of the set, over images of one class; what else was found is "(other)"."""
    names, square, note = [labels[number] for number in scores.present], scores.confusion[:, :-1], ""
    if scores.confusion[:, -1].any():
        names, note = [*names, "(other)"], "(other): a class of the model that this set does not have"
        square = np.concatenate([scores.confusion, np.zeros((1, len(names)), np.int64)])
    return draw_confusion(square, names, title, "images", note)


def worst_images(done: Evaluation[ClassTarget], count: int) -> list[ScoredImage[ClassTarget]]:
    """The wrong ones whose true class got the least, worst first; [] where all are right."""
    wrong = [image for image in done.images if image.item.target and image.score.best not in image.item.target]
    return sorted(wrong, key=lambda image: image.score.value)[:count]


def worst_tiles(done: Evaluation[ClassTarget], count: int = WORST) -> list[Tile]:
    """The worst images with their names, their true class and what was found."""
    return tiles_of(done.labels, worst_images(done, count))


def tiles_of(labels: Sequence[str], images: Sequence[ScoredImage[ClassTarget]]) -> list[Tile]:
    """Each image with its name, its true class and what was found; images that are gone are left out."""
    tiles = []
    for image in images:
        try:
            pixels = read_image(Source.of_file(image.item.path)).pixels
        except ImageError:  # gone since it was scored
            continue
        tiles.append(Tile(pixels, _words(labels, image)))
    return tiles


def draw_curves(done: Evaluation[ClassTarget]) -> bytes:
    """PNG: precision over recall of every class of the set, one against the rest; the weakest are named."""
    scores = done.scores
    counted = [place for place in range(len(scores.ap)) if scores.truths[place]]
    curves = [Curve(done.labels[scores.present[i]], scores.ap[i], *done.metric.curve(i)) for i in counted]
    return curves_plot(curves, f"{done.model} on {scores.images} images, mAP {scores.map:.4f}")


def _words(labels: Sequence[str], image: ScoredImage[ClassTarget]) -> tuple[str, ...]:
    score = image.score
    truth = " | ".join(labels[class_id] for class_id in image.item.target)
    name = "/".join(image.item.path.parts[-2:])
    return (
        name,
        f"is {truth} {show_score(score.value)}",
        f"got {labels[score.best]} {show_score(score.best_value)}",
    )
