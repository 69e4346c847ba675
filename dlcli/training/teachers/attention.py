"""Where two networks look: maps of their features' strength, and how far a student's are from a teacher's.

S. Zagoruyko, N. Komodakis, "Paying More Attention to Attention" (arXiv:1612.03928): activation-based attention transfer
with sums of squares. It needs no layer of its own, whatever the two networks' channels.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from dlcli.errors import UsageError

STRIDES = (4, 8, 16, 32)  # pixels of the input that a value of a map stands for
Maps = dict[int, Tensor]  # stride -> features [B, C, h, w]


@contextmanager
def watching(net: nn.Module) -> Iterator[Maps]:
    """While open, a call of the network leaves the last features of each stride that its encoder gives.

    Strides of which there are no features, as in a plain transformer, are left out.
    """
    maps: Maps = {}
    sizes: list[tuple[int, ...]] = []

    def measure(_module: nn.Module, given: Any) -> None:
        sizes.append(tuple(given[0].shape[2:]))

    def keep(_module: nn.Module, _given: Any, features: Any) -> None:
        if not isinstance(features, Tensor) or features.ndim != 4 or 1 in features.shape[2:]:
            return
        stride = next((one for one in STRIDES if features.shape[2:] == tuple(-(-side // one) for side in sizes[-1])), 0)
        if stride and stride >= max(maps, default=0):
            maps[stride] = features

    encoder = encoder_of(net)
    hooks = [encoder.register_forward_pre_hook(measure)]
    hooks += [module.register_forward_hook(keep) for module in encoder.modules()]
    try:
        yield maps
    finally:
        for hook in hooks:
            hook.remove()


def encoder_of(net: nn.Module) -> nn.Module:
    """What narrows the image: the backbone or encoder of a network that has one, else all of it."""
    whole: Any = getattr(net, "module", net)  # of a DistributedDataParallel
    for owner in (whole, getattr(whole, "net", None)):
        for name in ("backbone", "encoder"):
            found = getattr(owner, name, None)
            if isinstance(found, nn.Module):
                return found
    return whole  # type: ignore[no-any-return]


def attention(features: Tensor) -> Tensor:
    """[B, C, h, w] -> [B, h * w]: the mean square over channels, of norm 1 in each image."""
    return F.normalize(features.float().square().mean(1).flatten(1), dim=1)


def attention_apart(ours: Mapping[int, Tensor], theirs: Mapping[int, Tensor]) -> Tensor:
    """Squared distance of the maps, 0 to 2, its mean over images and the strides that both have -> scalar.

    A teacher's features are averaged to the student's size. UsageError: no stride that both have.
    """
    common = sorted(ours.keys() & theirs.keys())
    if not common:
        raise UsageError(
            "--feature-weight: student and teacher have no feature maps of one stride, "
            f"{sorted(ours) or 'none'} and {sorted(theirs) or 'none'}; leave it out"
        )
    each = [_apart(ours[stride], theirs[stride]) for stride in common]
    return sum(each[1:], each[0]) / len(each)


def _apart(ours: Tensor, theirs: Tensor) -> Tensor:
    height, width = ours.shape[2:]
    pooled = F.adaptive_avg_pool2d(theirs, (height, width))
    return (attention(ours) - attention(pooled)).square().sum(1).mean()
