"""Pseudo-labels of a detector: images without labels get the boxes that a teacher finds there.

D.-H. Lee, "Pseudo-Label: The Simple and Efficient Semi-Supervised Learning Method for Deep Neural Networks" (ICML 2013
workshop); for boxes as in K. Sohn et al., "A Simple Semi-Supervised Learning Framework for Object Detection"
(arXiv:2005.04757): sure boxes are learned from, and of the others nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.data.boxes import BoxItem, BoxSet, GroundTruth, box_item
from dlcli.errors import DataError, UsageError
from dlcli.imaging.reader import read_image
from dlcli.messages import plural
from dlcli.nets.forward import torch_forward
from dlcli.nets.weights import load_weights
from dlcli.records import Boxes, Source
from dlcli.tasks.detect.detector import EVAL_LIMITS, Detector
from dlcli.tasks.torch_predict import card_and_weights, new_network
from dlcli.training.detect.options import DetectTraining
from dlcli.training.holding_out import Sets
from dlcli.training.init import find_weights
from dlcli.training.log import TrainLog
from dlcli.training.teachers.teacher import GIVEN_AS
from dlcli.training.unlabeled.images import unlabeled_images

LEAST = 0.1  # below this score a box is background


def with_pseudo_labels(options: DetectTraining, sets: Sets, log: TrainLog) -> Sets:
    """The sets; to the train set come the images below --unlabeled, with boxes of --teacher.

    UsageError: no teacher, one that knows none of the classes, or val images among them. DataError: no box was found,
    or an image cannot be read.
    """
    if options.unlabeled is None:
        return sets
    if not options.teacher:
        raise UsageError(f"--unlabeled {options.unlabeled}: who labels them? name a detector by {GIVEN_AS} RUN|MODEL")
    val = [item.path for item in sets.val.items]
    images = unlabeled_images(options.unlabeled, val, options.skip_bad, log)
    detector, rows = labeler(options.teacher, sets.train.labels)
    more = []
    with log.bar("labeling", len(images)) as bar:
        for path in images:
            more.append(labeled(path, detector, rows, options.pseudo_score))
            bar.step()
    return Sets(joined(options, sets.train, more, log), sets.val, sets.files)


def labeler(name: str, labels: tuple[str, ...]) -> tuple[Callable[[np.ndarray], Boxes], dict[int, int]]:
    """The detector called so, and the class id among `labels` of each of its own that is one of them."""
    card, path = card_and_weights(find_weights(name, GIVEN_AS))
    if card.task != "detect":
        raise UsageError(f"{GIVEN_AS} {name}: expected a model for detect, got one for {card.task}")
    rows = {card.labels.index(label): number for number, label in enumerate(labels) if label in card.labels}
    if not rows:
        raise UsageError(f"{GIVEN_AS} {name}: knows none of the {len(labels)} classes; name another detector")
    net = new_network(card, path)
    load_weights(path, net)
    return Detector(card, torch_forward(net), EVAL_LIMITS).boxes, rows


def labeled(path: Path, detector: Callable[[np.ndarray], Boxes], rows: dict[int, int], sure: float) -> BoxItem:
    """An image with boxes as its truth; those of LEAST to `sure` say of their class nothing.

    rows: see labeler. A box with a score and `ignore` is not learned, see samples.DetectionSamples.
    """
    pixels = read_image(Source.of_file(path)).pixels
    found = detector(pixels)
    boxes = [
        GroundTruth((x1, y1, x2, y2), rows[int(class_id)], ignore=score < sure, score=_kept(score, sure))
        for (x1, y1, x2, y2), class_id, score in zip(found.xyxy.tolist(), found.class_ids, found.scores, strict=True)
        if int(class_id) in rows and score >= LEAST
    ]
    return box_item(path, path.stem, (pixels.shape[1], pixels.shape[0]), boxes)


def _kept(score: Any, sure: float) -> float | None:
    """A sure box is wanted like a truth; the other's score says that it is a guess."""
    return None if score >= sure else float(score)


def joined(options: DetectTraining, train_set: BoxSet, more: list[BoxItem], log: TrainLog) -> BoxSet:
    """The train set with the images of which something is known. DataError: of none is."""
    useful = [item for item in more if len(item.target.xyxy)]
    if not useful:
        raise DataError(
            f"{GIVEN_AS} {options.teacher}: finds nothing in the {plural(len(more), 'image')} of {options.unlabeled}; "
            "name another teacher, or leave out --unlabeled"
        )
    sure = sum(int((~item.target.ignore).sum()) for item in useful)
    log.say(
        f"{options.unlabeled}: {plural(sure, 'box', 'boxes')} of {options.teacher} in {plural(len(useful), 'image')} "
        f"(score {options.pseudo_score:g} and above); {plural(len(more) - len(useful), 'image')} without any left out"
    )
    return replace(train_set, items=(*train_set.items, *useful))
