"""What a model sees of an image, before its numbers are normalized: one rule for predictors and `preprocess --for`."""

import numpy as np

from dlcli.card import ModelCard
from dlcli.imaging.geometry import Placement, center_crop, letterbox, stretch
from dlcli.stopwatch import Stage, stage


def placed_for(card: ModelCard, pixels: np.ndarray) -> tuple[np.ndarray, Placement]:
    """uint8 [H, W, 3] RGB -> uint8 [h, w, 3] of the card's input size, by its resize rule, and the way back."""
    with stage(Stage.PREPARING):
        if card.resize == "letterbox":
            return letterbox(pixels, card.input, card.fill, card.max_stretch)
        if card.resize == "crop":
            return center_crop(pixels, card.input, card.crop)
        return stretch(pixels, card.input)
