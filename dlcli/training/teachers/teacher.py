"""A trained network that a student learns from: found, loaded, and asked about the student's own inputs."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcli.card import ModelCard
from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.messages import listed
from dlcli.nets.weights import load_weights
from dlcli.tasks.torch_predict import card_and_weights, new_network
from dlcli.training.init import find_weights
from dlcli.training.teachers.library import GIVEN_AS, is_of_library, library_teacher


@dataclass(frozen=True)
class Teacher:
    """net: never learns. card: its own. student: the card of the network that learns.

    rows: int64 [C], where the teacher has each of the student's classes.
    resizes: it takes inputs of its card's size only; else of any size.
    """

    net: nn.Module
    card: ModelCard
    student: ModelCard
    rows: Tensor
    resizes: bool = True

    def __call__(self, x: Tensor) -> Any:
        """What the network gives for the student's input, float32 [B, 3, H, W] as the student's card has it."""
        mean, std, own_mean, own_std = (
            torch.tensor(values, device=x.device).view(1, 3, 1, 1)
            for values in (self.student.mean, self.student.std, self.card.mean, self.card.std)
        )
        pixels = x * std + mean
        if self.resizes:
            pixels = F.interpolate(pixels, self.card.input[::-1], mode="bilinear", align_corners=False, antialias=True)
        with torch.no_grad():
            return self.net.to(x.device)((pixels - own_mean) / own_std)


def load_teacher(name: str, student: ModelCard, resizes: bool = True, answers: bool = True) -> Teacher:
    """name: as --teacher has it. answers: they are learned from, so that it has to know the student's classes.

    MissingError: no such weights. UsageError: of another task, other scores, or without some of the student's classes.
    DataError: the file cannot be used.
    """
    card, net = library_teacher(name, student.task) if is_of_library(name) else _own_teacher(name)
    if card.task != student.task:
        raise UsageError(f"{GIVEN_AS} {name}: expected a model for {student.task}, got one for {card.task}")
    if answers:
        _refuse_other(name, card, student)
    net.eval().requires_grad_(False)
    rows = torch.tensor([card.labels.index(label) for label in student.labels if answers])
    return Teacher(net, card, student, rows, resizes)


def _own_teacher(name: str) -> tuple[ModelCard, nn.Module]:
    card, path = card_and_weights(find_weights(name, GIVEN_AS))
    net = new_network(card, path)
    load_weights(path, net)
    return card, net


def _refuse_other(name: str, card: ModelCard, student: ModelCard) -> None:
    missing = [label for label in student.labels if label not in card.labels]
    if missing:
        raise UsageError(
            f"{GIVEN_AS} {name}: does not know {len(missing)} of the {len(student.labels)} classes: {listed(missing)}; "
            f"it knows {listed(card.labels)}; name a teacher of these classes"
        )
    ours, theirs = (each.decoding.get("scores") for each in (student, card))
    if ours != theirs:
        raise UsageError(f"{GIVEN_AS} {name}: gives {theirs} scores, and what is trained {ours}; name another teacher")
