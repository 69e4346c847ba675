"""How far made images are from real ones: the Fréchet distance of what EfficientNet-Lite0 sees in them."""

from collections.abc import Iterable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from dlcli.nets.efficientnet_lite import load_imagenet

SIDE = 128  # pixels; smaller images are enlarged to it
MEAN, STD = 127.0, 128.0  # of Lite0, in values of 0 to 255


class Features:
    """The 1,280 numbers before the classes of the network that the bundled classifier `imagenet` is."""

    def __init__(self) -> None:
        self.net = load_imagenet().eval().requires_grad_(False)

    def of(self, batches: Iterable[Tensor]) -> np.ndarray:
        """Batches of images float32 [B, 3, S, S] in [-1, 1] -> float32 [N, 1280]."""
        with torch.inference_mode():
            return np.concatenate([self._of_batch(images.cpu()) for images in batches])

    def _of_batch(self, images: Tensor) -> np.ndarray:
        x = F.interpolate((images + 1) * 127.5, (SIDE, SIDE), mode="bilinear", align_corners=False)
        return self.net.head(self.net.backbone((x - MEAN) / STD)[-1]).mean((2, 3)).numpy()
