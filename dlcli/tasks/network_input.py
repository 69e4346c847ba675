"""What a network is fed of an image, as its card says; predictors, export and training share it."""

import math

import numpy as np

from dlcli.card import ModelCard
from dlcli.imaging.geometry import Placement
from dlcli.imaging.model_input import placed_for
from dlcli.runtime.tensor import to_tensor

MARGIN = 2


def to_input(card: ModelCard, pixels: "np.ndarray") -> tuple["np.ndarray", Placement]:
    """What the network sees of uint8 [H, W, 3] RGB: float32 [1, 3, h, w], and the way back to the image.

    Export checks and calibrates with the same tensors.
    """
    inner, placement = placed_for(card, pixels)
    return to_tensor(inner, card.mean, card.std), placement


def enough_for(card: ModelCard) -> tuple[int, int]:
    """(width, height) that an image needs for the network to see what it would see of a larger one.

    Twice its input: what is shrunk to less than half is averaged over areas, and areas of averages are averages.
    """
    width, height = card.input
    return math.ceil(MARGIN * width / card.crop), math.ceil(MARGIN * height / card.crop)
