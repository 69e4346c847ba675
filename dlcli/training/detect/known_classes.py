"""What a detector's new output takes from the output of the detector that it starts from: classes of the same name."""

from pathlib import Path

import torch
from torch import Tensor

from dlcli.class_names import common_name
from dlcli.nets.anchor_detector import AnchorDetector
from dlcli.nets.weights import read_weights, read_weights_card

OUTPUT = ("head.class_out.weight", "head.class_out.bias")


def take_known_classes(net: AnchorDetector, labels: tuple[str, ...], path: Path) -> list[str]:
    """Copy the output rows of the classes that the detector of a .safetensors file has too; those classes' names.

    labels: the net's. None where the file tells no labels, has another number of anchors a cell, or holds no detector
    of this kind. VOC's names count as COCO's.
    """
    card, stored = read_weights_card(path), read_weights(path)
    if card is None or any(name not in stored for name in OUTPUT):
        return []
    theirs = {common_name(label): row for row, label in enumerate(card.labels)}
    pairs = [(row, theirs[common_name(label)]) for row, label in enumerate(labels) if common_name(label) in theirs]
    ours = net.state_dict()
    with torch.no_grad():
        for name in OUTPUT:
            if not _copy(ours[name], stored[name], (len(labels), len(card.labels)), pairs):
                return []
    return [labels[row] for row, _ in pairs]


def _copy(ours: Tensor, theirs: Tensor, counts: tuple[int, int], pairs: list[tuple[int, int]]) -> bool:
    """[K * classes, ...], anchor by anchor, as AnchorHead orders it. False: the shapes do not allow it."""
    target, source = ours.view(-1, counts[0], *ours.shape[1:]), None
    if len(theirs) == len(target) * counts[1] and theirs.shape[1:] == ours.shape[1:]:
        source = theirs.view(-1, counts[1], *theirs.shape[1:])
    if source is None:
        return False
    for row, their_row in pairs:
        target[:, row] = source[:, their_row].to(ours.dtype)
    return True
