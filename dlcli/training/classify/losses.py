"""Losses of the classifiers: plain functions of logits and soft targets, and what a recipe puts together of them."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcli.frozen import dataclass
from dlcli.training.classify.mixing import Mixing
from dlcli.training.classify.options import ClassifyLoss
from dlcli.training.loop import LossTerms

GAMMA = 2.0
LARGEST_WEIGHT = 100.0  # of a class's yes answers: a class seen twice in 10,000 images would drown the others


def cross_entropy(logits: Tensor, targets: Tensor, smoothing: float = 0.0, weights: Tensor | None = None) -> Tensor:
    """One class of many: -sum of w t' log softmax(x) over classes and images, divided by the sum of w t -> scalar.

    logits [B, C]; targets [B, C], each row adding up to 1, mixed classes allowed; weights [C], default 1.
    Label smoothing (arXiv:1512.00567): t' = (1 - smoothing) t + smoothing / C.
    """
    spread = (1 - smoothing) * targets + smoothing / logits.shape[1]
    share = targets if weights is None else targets * weights
    cost = spread if weights is None else spread * weights
    return -(cost * F.log_softmax(logits, 1)).sum() / share.sum()


def binary_cross_entropy(
    logits: Tensor, targets: Tensor, smoothing: float = 0.0, weights: Tensor | None = None
) -> Tensor:
    """Multi-label, a sigmoid per class: -w t' log p - (1 - t') log(1 - p), p = sigmoid(x), its mean -> scalar.

    logits, targets [B, C], targets in [0, 1]; weights [C], default 1, weighs the answers yes.
    Smoothing as in cross_entropy, between two answers: t' = (1 - smoothing) t + smoothing / 2.
    -log p = softplus(-x) and -log(1 - p) = softplus(x) hold without overflow.
    """
    spread = (1 - smoothing) * targets + smoothing / 2
    yes = spread if weights is None else spread * weights
    return (yes * F.softplus(-logits) + (1 - spread) * F.softplus(logits)).mean()


def focal_cross_entropy(
    logits: Tensor, targets: Tensor, smoothing: float = 0.0, weights: Tensor | None = None, gamma: float = GAMMA
) -> Tensor:
    """One class of many, easy images counting less: each term of cross_entropy times (1 - p)^gamma (arXiv:1708.02002).

    p: the softmax's probability of the term's class; weights take the place of alpha. gamma 0 is cross_entropy.
    """
    spread = (1 - smoothing) * targets + smoothing / logits.shape[1]
    share = targets if weights is None else targets * weights
    cost = spread if weights is None else spread * weights
    log_p = F.log_softmax(logits, 1)
    return -(cost * (1 - log_p.exp()) ** gamma * log_p).sum() / share.sum()


def focal_binary(
    logits: Tensor, targets: Tensor, smoothing: float = 0.0, weights: Tensor | None = None, gamma: float = GAMMA
) -> Tensor:
    """Multi-label: the answer yes of binary_cross_entropy times (1 - p)^gamma, the answer no times p^gamma."""
    spread = (1 - smoothing) * targets + smoothing / 2
    yes = spread if weights is None else spread * weights
    p = torch.sigmoid(logits)
    hit, miss = (1 - p) ** gamma * F.softplus(-logits), p**gamma * F.softplus(logits)
    return (yes * hit + (1 - spread) * miss).mean()


LOSSES = {  # by --loss, and whether an image may have several classes
    (ClassifyLoss.CE, False): cross_entropy,
    (ClassifyLoss.CE, True): binary_cross_entropy,
    (ClassifyLoss.FOCAL, False): focal_cross_entropy,
    (ClassifyLoss.FOCAL, True): focal_binary,
}


def class_weights(counts: Tensor) -> Tensor:
    """For cross_entropy: inversely to how often a class is seen, float32 [C], such that their mean over images is 1.

    counts: images of each class, all above 0 [C]. w = N / (C n).
    """
    return (counts.sum() / (len(counts) * counts)).float()


def yes_weights(counts: Tensor, images: int) -> Tensor:
    """For binary_cross_entropy: the answers no for each answer yes, at most LARGEST_WEIGHT, float32 [C].

    counts: images of each class, all above 0 [C], of `images` in all.
    """
    return ((images - counts) / counts).clamp(1 / LARGEST_WEIGHT, LARGEST_WEIGHT).float()


@dataclass(frozen=True)
class LabelLoss:
    """The loss that a training chose, of one class of many, or with multi_label a question for each class."""

    multi_label: bool
    smoothing: float = 0.0
    weights: Tensor | None = None
    name: ClassifyLoss = ClassifyLoss.CE

    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        """logits, targets [B, C] -> scalar."""
        loss = LOSSES[self.name, self.multi_label]
        weights = self.weights.to(logits.device) if self.weights is not None else None
        return loss(logits, targets, self.smoothing, weights)


def balancing_weights(targets: Tensor, multi_label: bool) -> Tensor:
    """The weights for the loss over float32 [N, C], what the images of a set are."""
    counts = targets.sum(0)
    return yes_weights(counts, len(targets)) if multi_label else class_weights(counts)


def multi_hot(class_ids: tuple[int, ...], classes: int) -> Tensor:
    """Class ids -> float32 [C], 1 where the image has the class."""
    target = torch.zeros(classes)
    target[list(class_ids)] = 1
    return target


@dataclass(frozen=True)
class BatchLoss:
    """Called with the network and a batch of ClassSamples: {"class": scalar}. mean, std: as in the card."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    mixing: Mixing
    loss: LabelLoss

    def __call__(self, net: nn.Module, batch: tuple[Tensor, Tensor]) -> LossTerms:
        pixels, targets = batch
        x, targets = self.mixing(self.normalized(pixels), targets)
        return {"class": self.loss(net(x).float(), targets)}

    def normalized(self, pixels: Tensor) -> Tensor:
        """uint8 [B, 3, H, W] -> the network's input, in channels-last order."""
        mean, std = (
            pixels.new_tensor(values, dtype=torch.float32).view(1, 3, 1, 1) for values in (self.mean, self.std)
        )
        return ((pixels.float() - mean) / std).contiguous(memory_format=torch.channels_last)
