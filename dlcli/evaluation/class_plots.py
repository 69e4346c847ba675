"""What an evaluation of classes draws: confusion matrix, precision over recall, the worst images."""

from io import BytesIO
from pathlib import Path

import numpy as np

from dlcli.data.classes import ClassTarget
from dlcli.errors import ImageError
from dlcli.evaluation.confusion_plot import draw_confusion, need_matplotlib
from dlcli.evaluation.evaluate import Evaluation, ScoredImage
from dlcli.evaluation.plot_file import write_plot
from dlcli.imaging.drawing.contact_sheet import Tile, contact_sheet
from dlcli.imaging.reader import read_image
from dlcli.imaging.writer import encode_image
from dlcli.records import Source

NAMES = ("confusion.png", "curves.png", "worst.png")  # of the files
WORST = 20  # images on the sheet
NAMED = 12  # curves with a name of their own; with more classes the weakest


def write_plots(done: Evaluation[ClassTarget], folder: Path) -> list[Path]:
    """confusion.png (images of one class each), curves.png and worst.png in the folder, which is made.

    MissingError without matplotlib.
    """
    scores, written = done.scores, []
    if scores.confusion.any():
        title = f"{done.model} on {scores.images} images, top-1 {scores.top1:.4f}"
        labels = [done.labels[number] for number in scores.present]
        square = scores.confusion[:, :-1]
        if scores.confusion[:, -1].any():
            labels.append("(other)")
            square = np.concatenate([scores.confusion, np.zeros((1, len(labels)), np.int64)])
        written.append(folder / "confusion.png")
        write_plot(written[-1], draw_confusion(square, labels, title, "images"))
    written.append(folder / "curves.png")
    write_plot(written[-1], draw_curves(done))
    worst = worst_tiles(done)
    if worst:
        written.append(folder / "worst.png")
        sheet = contact_sheet(worst, f"{done.model}: wrong, and least sure of the truth")
        write_plot(written[-1], encode_image(sheet, ".png"))
    return written


def worst_images(done: Evaluation[ClassTarget], count: int) -> list[ScoredImage[ClassTarget]]:
    """The wrong ones whose true class got the least, worst first; [] where all are right."""
    wrong = [image for image in done.images if image.item.target and image.score.best not in image.item.target]
    return sorted(wrong, key=lambda image: image.score.value)[:count]


def worst_tiles(done: Evaluation[ClassTarget], count: int = WORST) -> list[Tile]:
    """The worst images with their names, their true class and what was found."""
    tiles = []
    for image in worst_images(done, count):
        try:
            pixels = read_image(Source.of_file(image.item.path)).pixels
        except ImageError:  # gone since it was scored
            continue
        tiles.append(Tile(pixels, _words(done, image)))
    return tiles


def draw_curves(done: Evaluation[ClassTarget]) -> bytes:
    """PNG: precision over recall of every class of the set, one against the rest; the weakest are named."""
    need_matplotlib("a plot of curves")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    scores = done.scores
    figure = Figure(figsize=(8, 6), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    order = [place for place in np.argsort(scores.ap, kind="stable") if scores.truths[place]]
    for rank, place in enumerate(order):
        precision, recall = done.metric.curve(int(place))
        first = np.append(precision[0], precision), np.append(0.0, recall)
        if rank < NAMED:
            label = f"{done.labels[scores.present[place]]} {scores.ap[place]:.3f}"
            axes.plot(first[1], first[0], label=label, color=f"C{rank % 10}", zorder=3, linewidth=1.6)
        else:
            axes.plot(first[1], first[0], color="0.75", zorder=2, linewidth=0.8)
    more = f", the weakest {NAMED} of {len(order)}" if len(order) > NAMED else ""
    axes.legend(title=f"average precision{more}", loc="lower left", fontsize=8, title_fontsize=8)
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.005), ylim=(0, 1.01))
    axes.set_title(f"{done.model} on {scores.images} images, mAP {scores.map:.4f}", fontsize=11)
    axes.grid(alpha=0.3)
    buffer = BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _words(done: Evaluation[ClassTarget], image: ScoredImage[ClassTarget]) -> tuple[str, ...]:
    score = image.score
    truth = " | ".join(done.labels[class_id] for class_id in image.item.target)
    name = "/".join(image.item.path.parts[-2:])
    return name, f"is {truth} {score.value:.0%}", f"got {done.labels[score.best]} {score.best_value:.0%}"
