"""Losses of class masks from logits, and the weighted sum of them that `--loss` names: "dice", "0.5*dice+ce" ..."""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcli.card import ModelCard
from dlcli.data.masks import VOID
from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.training.loop import LossTerms

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
        classes = self.class_weights.to(logits.device) if self.class_weights is not None else None
        if name == "dice":
            return dice_loss(logits, target, classes, self.per_image, self.smooth)
        if name == "focal":
            return mask_focal_loss(logits, target, classes, self.gamma)
        return cross_entropy_loss(logits, target, classes, self.label_smoothing)


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


def cross_entropy_loss(
    logits: Tensor,
    target: Tensor,
    class_weights: Tensor | None = None,
    label_smoothing: float = 0.0,
    ignore_index: int = VOID,
) -> Tensor:
    """Logits [B, C, H, W], target int64 [B, H, W] of classes or ignore_index -> scalar; 0 where no pixel counts.

    The mean of -sum_c q_c w_c log p_c over the pixels that count, each weighing class_weights [C] of its true class;
    q is 1 - label_smoothing for the true class plus label_smoothing / C for every one (arXiv:1512.00567).
    """
    losses = F.cross_entropy(
        logits,
        target,
        class_weights,
        ignore_index=ignore_index,
        label_smoothing=label_smoothing,
        reduction="none",
    )  # [B, H, W], weighted, 0 where ignored
    return weighted_mean(losses, target, class_weights, ignore_index)


def mask_focal_loss(
    logits: Tensor,
    target: Tensor,
    class_weights: Tensor | None = None,
    gamma: float = 2.0,
    ignore_index: int = VOID,
) -> Tensor:
    """Logits [B, C, H, W], target int64 [B, H, W] of classes or ignore_index -> scalar; 0 where no pixel counts.

    The mean of -w (1 - p)^gamma log p over the pixels that count (arXiv:1708.02002, for one class out of C: p is the
    softmax's probability of the true class, w its class_weights [C] in place of alpha). gamma 0 is cross-entropy.
    """
    counts = target != ignore_index
    true = torch.where(counts, target, 0).unsqueeze(1)  # [B, 1, H, W]
    log_p = logits.log_softmax(1).gather(1, true).squeeze(1)  # [B, H, W]
    losses = -((1 - log_p.exp()) ** gamma) * log_p * counts
    if class_weights is not None:
        losses = losses * class_weights[true.squeeze(1)]
    return weighted_mean(losses, target, class_weights, ignore_index)


def weighted_mean(losses: Tensor, target: Tensor, class_weights: Tensor | None, ignore_index: int) -> Tensor:
    """losses [B, H, W], weighted already and 0 where ignored; target int64 [B, H, W] -> scalar.

    The sum of the losses by the sum of the weights of the pixels that count; 0 where none does.
    """
    counts = target != ignore_index
    if class_weights is None:
        total = counts.sum().to(losses.dtype)
    else:
        total = (class_weights[torch.where(counts, target, 0)] * counts).sum()
    return losses.sum() / torch.where(total > 0, total, 1.0)


def dice_loss(
    logits: Tensor,
    target: Tensor,
    class_weights: Tensor | None = None,
    per_image: bool = False,
    smooth: float = 0.0,
    ignore_index: int = VOID,
) -> Tensor:
    """Soft Dice: 1 minus the overlap of probabilities with the truth (V-Net, arXiv:1606.04797).

    Logits [B, C, H, W], target int64 [B, H, W] of classes or ignore_index -> scalar in [0, 1].
    The mean of 1 - Dice over the classes that the truth holds, weighted by class_weights [C]. per_image: each
    image's classes by themselves, then the mean over images that have any; else the batch is one large mask.
    No pixel that counts at all: 0. smooth: see soft_dice.

    A class that neither mask holds has no value and is left out (ops/masks.py has the rule for the metric too).
    Probabilities are never quite 0, so here a class counts as absent where the truth does not hold it; what is wrongly
    taken for it is missing from the class that it truly is.
    """
    counts = (target != ignore_index).unsqueeze(1)  # [B, 1, H, W]
    true = torch.where(counts, target.unsqueeze(1), 0)
    truth = torch.zeros_like(logits).scatter_(1, true, counts.to(logits.dtype))  # [B, C, H, W] of 0 and 1
    seen = logits.softmax(1) * counts
    pixels = (2, 3) if per_image else (0, 2, 3)
    present = (truth.sum(pixels) > 0).to(logits.dtype)  # [B, C] or [C]
    weights = present if class_weights is None else present * class_weights
    losses = ((1 - soft_dice(seen, truth, pixels, smooth)) * weights).sum(-1)
    totals = weights.sum(-1)
    has_any = totals > 0
    means = losses / torch.where(has_any, totals, 1.0)  # [B] or a scalar
    return means.sum() / has_any.sum().clamp(min=1)


def soft_dice(x: Tensor, y: Tensor, dims: tuple[int, ...], smooth: float = 0.0) -> Tensor:
    """(2 sum(x y) + smooth) / (sum x + sum y + smooth) over `dims`; 1 where both are empty. x, y: in [0, 1].

    smooth: pixels that both are given; above 0 it makes small masks count less.
    """
    total = x.sum(dims) + y.sum(dims) + smooth
    shared = 2 * (x * y).sum(dims) + smooth
    return torch.where(total > 0, shared / torch.where(total > 0, total, 1.0), 1.0)


def normalizer(card: ModelCard) -> Callable[[Tensor], Tensor]:
    """uint8 [B, 3, H, W] -> float32 (x - mean) / std, in channels-last order, which convolutions on CPU like best."""

    def normalized(pixels: Tensor) -> Tensor:
        mean, std = (
            pixels.new_tensor(values, dtype=torch.float32).view(1, 3, 1, 1) for values in (card.mean, card.std)
        )
        return ((pixels.float() - mean) / std).contiguous(memory_format=torch.channels_last)

    return normalized


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
