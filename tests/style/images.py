"""Small images and features for the tests of style transfer."""

import cv2
import numpy as np
import torch
from torch import Tensor

from dlcli.models.store import BUNDLED
from dlcli.nets.lite_features import LiteFeatures
from dlcli.style.features import load_lite_features
from tests.program import SAMPLES

WEIGHTS = BUNDLED / "imagenet.safetensors"


def sample(name: str, side: int) -> Tensor:
    """A sample image, its longer side `side`: float32 [1, 3, H, W] in [0, 1]."""
    pixels = cv2.imread(str(SAMPLES / f"{name}.jpg"))[:, :, ::-1]
    scale = side / max(pixels.shape[:2])
    pixels = cv2.resize(np.ascontiguousarray(pixels), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255


def lite() -> LiteFeatures:
    return load_lite_features(WEIGHTS)
