"""Holds out a share of the images to choose the weights by, where a data set has no list of its own for that."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray


def held_out(groups: Sequence[Hashable], share: float, seed: int) -> NDArray[np.bool_]:
    """Bool [N], True for what is held out: about `share` of each group, chosen by the seed.

    groups: what each image is, its class or set of classes. A group of one stays; a larger one keeps at least one
    and gives at least one. The choice depends on the order of the images and nothing else.
    """
    chosen = np.zeros(len(groups), np.bool_)
    rng = np.random.default_rng(seed)
    for members in _members(groups):
        count = min(max(1, round(share * len(members))), len(members) - 1)
        chosen[rng.permutation(members)[:count]] = True
    return chosen


def _members(groups: Sequence[Hashable]) -> list[list[int]]:
    """The rows of each group, groups in the order in which they first appear."""
    found: dict[Hashable, list[int]] = {}
    for row, group in enumerate(groups):
        found.setdefault(group, []).append(row)
    return list(found.values())
