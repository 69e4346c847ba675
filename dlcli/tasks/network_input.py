"""What a network is fed of an image, as its card says; predictors, export and training share it."""

import numpy as np

from dlcli.card import ModelCard
from dlcli.imaging.geometry import Placement
from dlcli.imaging.model_input import placed_for
from dlcli.runtime.tensor import to_tensor


def to_input(card: ModelCard, pixels: "np.ndarray") -> tuple["np.ndarray", Placement]:
    """What the network sees of uint8 [H, W, 3] RGB: float32 [1, 3, h, w], and the way back to the image.

    Export checks and calibrates with the same tensors.
    """
    inner, placement = placed_for(card, pixels)
    return to_tensor(inner, card.mean, card.std), placement
