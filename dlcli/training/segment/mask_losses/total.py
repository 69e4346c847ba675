"""The loss that `--loss` names: "dice", "dice+ce", "0.5*dice+ce" ..., over a batch of images with masks."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcli.errors import UsageError
from dlcli.training.loop import LossTerms
from dlcli.training.segment.mask_losses.cross_entropy import cross_entropy_loss
from dlcli.training.segment.mask_losses.dice import dice_loss
from dlcli.training.segment.mask_losses.focal import mask_focal_loss

NAMES = ("dice", "ce", "focal")
LOSS_STRIDE = 2  # of the image's rows and columns one in two is learned from: a quarter of the work


@dataclass(frozen=True)
class MaskLoss:
    """Called with the network and a batch: {"dice": scalar, "ce": scalar}, each times its weight.

    weights: name of a loss -> its weight. normalized: pixels uint8 [B, 3, H, W] -> the network's input.
    class_weights: float32 [C]. label_smoothing is of "ce", per_image and smooth are of "dice", gamma of "focal".
    """

    weights: dict[str, float]
    normalized: Callable[[Tensor], Tensor]
    class_weights: Tensor | None = None
    label_smoothing: float = 0.0
    per_image: bool = False
    smooth: float = 0.0
    gamma: float = 2.0

    def __call__(self, net: nn.Module, batch: tuple[Tensor, Tensor]) -> LossTerms:
        """batch: pixels uint8 [B, 3, H, W], classes uint8 [B, H, W]. The network gives logits [B, C, H/s, W/s]."""
        pixels, classes = batch
        first = int(torch.randint(LOSS_STRIDE, ()))
        logits = at_every(LOSS_STRIDE, first, net(self.normalized(pixels)).float(), classes.shape[-1])
        return self.terms(logits, classes[:, first::LOSS_STRIDE, first::LOSS_STRIDE].long())

    def terms(self, logits: Tensor, target: Tensor) -> LossTerms:
        """logits [B, C, h, w], target int64 [B, h, w]."""
        return {name: weight * self.one(name, logits, target) for name, weight in self.weights.items()}

    def one(self, name: str, logits: Tensor, target: Tensor) -> Tensor:
        if name == "dice":
            return dice_loss(logits, target, self.class_weights, self.per_image, self.smooth)
        if name == "focal":
            return mask_focal_loss(logits, target, self.class_weights, self.gamma)
        return cross_entropy_loss(logits, target, self.class_weights, self.label_smoothing)


def at_every(stride: int, first: int, logits: Tensor, side: int) -> Tensor:
    """Logits at the pixels first, first + stride, ...: [B, C, side/s, side/s] -> [B, C, side/stride, side/stride].

    Logits of every pixel are picked. Coarser ones are interpolated to the middle of stride x stride pixels, half a
    pixel before or after the one that is meant as `first` is 0 or 1; over the steps that evens out.
    """
    if logits.shape[-1] == side:
        return logits[:, :, first::stride, first::stride]
    if logits.shape[-1] * stride == side:
        return logits
    return F.interpolate(logits, size=(side // stride,) * 2, mode="bilinear", align_corners=False)


def parse_loss(text: str) -> dict[str, float]:
    """ "0.5*dice+ce" -> {"dice": 0.5, "ce": 1.0}. UsageError for anything else."""
    weights: dict[str, float] = {}
    for term in text.split("+"):
        number, star, name = term.rpartition("*")
        weight = _number(number) if star else 1.0
        name = name.strip()
        if name not in NAMES or name in weights or weight is None:
            raise UsageError(
                f"--loss {text}: expected {', '.join(NAMES)} or a sum of them, each once, such as dice+ce or "
                f"0.5*dice+ce; got {term.strip() or 'nothing'!r}"
            )
        weights[name] = weight
    return weights


def _number(text: str) -> float | None:
    """A weight above 0, None where the text is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0 else None
