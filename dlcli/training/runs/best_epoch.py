"""What RUN keeps of its best epoch, for its page: the scores of each class, and the best and worst images."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.data.dataset import Kind
from dlcli.evaluation.evaluate import ScoredImage
from dlcli.evaluation.metric_names import METRICS_OF
from dlcli.evaluation.tables import TABLES
from dlcli.imaging.writer import write_image
from dlcli.training.plan import EpochEnd, Hook
from dlcli.whole_file import write_whole

CLASSES, BEST_IMAGES, WORST_IMAGES = "classes.csv", "best.png", "worst.png"
SHOWN = 6  # images on a sheet
Images = Sequence[ScoredImage[Any]]
Drawn = Callable[[EpochEnd, Images], np.ndarray]  # some images, with truth and answer -> uint8 [h, w, 3]


def best_epoch_hook(options: Any, kind: Kind[Any], labels: tuple[str, ...], drawn: Drawn) -> Hook:
    """RUN/classes.csv, best.png and worst.png, of each epoch that is the best so far.

    The details of its validation are an evaluate.Scored.
    """

    def write(end: EpochEnd) -> None:
        if not end.best or end.validation is None:
            return
        found = end.validation.details
        write_classes(options.out / CLASSES, kind, found.scores, labels)
        best, worst = extremes(found.images)
        for name, images in ((BEST_IMAGES, best), (WORST_IMAGES, worst)):
            if images:
                write_image(options.out / name, drawn(end, images))
            else:
                (options.out / name).unlink(missing_ok=True)

    return write


def extremes(images: Images, most: int = SHOWN) -> tuple[list[ScoredImage[Any]], list[ScoredImage[Any]]]:
    """The best, best first, and the worst, worst first, at most half of the images each; none without a score.

    Of equals the earlier one comes first. An image that is all right is none of the worst.
    """
    scored = [image for image in images if not np.isnan(image.score.value)]
    worst = sorted((image for image in scored if image.score.value < 1), key=lambda image: image.score.value)
    worst = worst[: min(most, (len(scored) + 1) // 2)]
    taken = {id(image) for image in worst}
    best = sorted((image for image in scored if id(image) not in taken), key=lambda image: -image.score.value)
    return best[:most], worst


def write_classes(path: Path, kind: Kind[Any], scores: Any, labels: tuple[str, ...]) -> None:
    """A row a class, as `dlcli eval` has it: its scores, empty where it has none, and how much truth there is of it."""
    table, amount = TABLES[kind.name], METRICS_OF[kind.name].amount
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["class", *table.columns(), amount])
    for place, entry in enumerate(table.classes(scores, labels)):
        values = [getattr(scores, name)[place] for name in table.columns()]
        writer.writerow([entry["label"], *("" if np.isnan(v) else f"{v:.4f}" for v in values), entry[amount]])
    write_whole(path, text.getvalue().encode("utf-8", "replace"))
