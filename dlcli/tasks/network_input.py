"""What a network sees of a picture, as its card says; predictors, export and training share it."""

import numpy as np

from dlcli.card import ModelCard
from dlcli.imaging.geometry import Placement, centre_crop, letterbox, stretch
from dlcli.runtime.tensor import to_tensor


def placed(card: ModelCard, pixels: "np.ndarray") -> tuple["np.ndarray", Placement]:
    """uint8 [H, W, 3] RGB -> [h, w, 3] of the card's input size, and where the picture lies in it."""
    if card.resize == "letterbox":
        return letterbox(pixels, card.input, card.fill, card.max_stretch)
    if card.resize == "crop":
        return centre_crop(pixels, card.input, card.crop)
    return stretch(pixels, card.input)


def to_input(card: ModelCard, pixels: "np.ndarray") -> tuple["np.ndarray", Placement]:
    """What the network sees of uint8 [H, W, 3] RGB: float32 [1, 3, h, w], and the way back to the picture.

    Export checks and calibrates with the same tensors.
    """
    inner, placement = placed(card, pixels)
    return to_tensor(inner, card.mean, card.std), placement
