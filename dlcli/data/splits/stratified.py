"""Parts of a set in which every class has its share, and copies of an image lie in one part.

Iterative stratification (K. Sechidis, G. Tsoumakas, I. Vlahavas, "On the Stratification of Multi-Label Data", ECML PKDD
2011), over groups of images in place of single ones: the rarest class is dealt out first, each group to the part that
lacks most of that class.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def stratified_parts(
    classes: Sequence[Sequence[int]], groups: Sequence[int] | NDArray[np.int64], shares: Sequence[float], seed: int
) -> NDArray[np.int64]:
    """int64 [N]: the part, 0 to P - 1, of each image.

    classes: ids of the classes in each image, any number. groups: of each image, equal for those that must not be
    parted. shares: of each part, above 0, of any sum. The result depends on the order of the images and the seed.
    """
    rows = np.unique(np.asarray(groups, np.int64), return_inverse=True)[1]  # [N], 0 to U - 1
    count, known = int(rows.max(initial=-1)) + 1, 1 + max((max(ids, default=-1) for ids in classes), default=-1)
    held = np.zeros((count, known), np.int64)  # images of each class in each group
    for row, ids in zip(rows, classes, strict=True):
        held[row, sorted(set(ids))] += 1
    sizes = np.bincount(rows, minlength=count)  # [U]
    return _dealt(held, sizes, np.asarray(shares, np.float64), np.random.default_rng(seed))[rows]


def _dealt(
    held: NDArray[np.int64], sizes: NDArray[np.int64], shares: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """int64 [U]: the part of each group. held: [U, C]. sizes: [U]. shares: [P]."""
    share = shares / shares.sum()
    lacks, room = np.outer(share, held.sum(0)), share * sizes.sum()  # [P, C], [P]
    part = np.full(len(sizes), -1, np.int64)
    order = rng.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]  # what is hard to place comes first
    while (left := order[part[order] < 0]).size:
        rarest = _rarest(held[left].sum(0))
        for group in left if rarest is None else left[held[left, rarest] > 0]:
            wish = lacks[:, rarest] if rarest is not None else room
            part[group] = _neediest(wish, room, rng)
            lacks[part[group]] -= held[group]
            room[part[group]] -= sizes[group]
    return part


def _rarest(left: NDArray[np.int64]) -> int | None:
    """The class of which the fewest images are left; None: of none is any left."""
    return int(np.argmin(np.where(left > 0, left, np.iinfo(np.int64).max))) if left.any() else None


def _neediest(wish: NDArray[np.float64], room: NDArray[np.float64], rng: np.random.Generator) -> int:
    """The part with the largest wish; of equals the one with most room; of equals one at random."""
    found = np.flatnonzero(wish >= wish.max() - 1e-9)
    found = found[room[found] >= room[found].max() - 1e-9]
    return int(rng.choice(found))
