"""Class masks and regions: COCO's run lengths, polygons to pixels, overlap.

What an empty mask counts as, the one rule of losses and metrics: a class that neither the truth nor the prediction
holds has no value and is left out of the mean over classes. Where a value is needed for such a pair by itself, it is
a full match: Dice 1, IoU 1.
"""

from collections.abc import Sequence

import numpy as np

Mask = np.ndarray  # bool or uint8 [H, W]
LARGEST_MASK = 1 << 30  # pixels: a few bytes of run lengths can claim any size
_BITS, _MORE, _FIRST = 5, 32, 48  # of a character in COCO's strings: payload bits, "more follow", the code of zero


def rle_counts(mask: Mask) -> np.ndarray:
    """int64 [R]: lengths of the runs of 0 and 1 in turn, 0 first (its run may be empty), column after column.

    mask: bool or 0/1 [H, W].
    """
    flat = np.asarray(mask, bool).ravel(order="F")
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    starts_with_one = [0] if flat.size and flat[0] else []
    edges = np.concatenate([[0], starts_with_one, changes, [flat.size]]).astype(np.int64)
    return np.diff(edges)


def counts_by_class(mask: np.ndarray) -> dict[int, np.ndarray]:
    """For each class in a mask uint8 [H, W], ascending, the `rle_counts` of its pixels; one pass for all of them."""
    flat = mask.ravel(order="F")
    if not flat.size:
        return {}
    starts = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1])
    ends = np.append(starts[1:], flat.size)
    values = flat[starts]
    found = {}
    for class_id in np.flatnonzero(np.bincount(values)):
        mine = values == class_id
        edges = np.stack([starts[mine], ends[mine]], 1).ravel()
        counts = np.diff(edges, prepend=0)
        rest = flat.size - int(edges[-1])
        found[int(class_id)] = np.append(counts, rest) if rest else counts
    return found


def mask_of_counts(counts: np.ndarray, height: int, width: int) -> Mask:
    """bool [height, width], the way back. ValueError: the runs do not fill the mask, or it is over LARGEST_MASK."""
    if height * width > LARGEST_MASK:
        raise ValueError(f"run lengths: {width} x {height} pixels are more than the {LARGEST_MASK} of the largest mask")
    counts = np.asarray(counts, np.int64)
    if (counts < 0).any() or counts.sum() != height * width:
        raise ValueError(f"run lengths: expected {height * width} pixels in all, got {counts.sum()}")
    values = np.arange(len(counts)) % 2 == 1
    return np.repeat(values, counts).reshape(width, height).T


def box_of_counts(counts: np.ndarray, height: int, width: int) -> tuple[float, float, float, float]:
    """(x1, y1, x2, y2) around the pixels that are 1, x2/y2 exclusive; zeros where there is none. Makes no mask.

    ValueError: the runs do not fill a mask of height x width.
    """
    counts = np.asarray(counts, np.int64)
    if (counts < 0).any() or counts.sum() != height * width:
        raise ValueError(f"run lengths: expected {height * width} pixels in all, got {counts.sum()}")
    ends = np.cumsum(counts)[1::2]
    starts = (ends - counts[1::2])[counts[1::2] > 0]
    lasts = ends[counts[1::2] > 0] - 1
    if not len(starts):
        return 0.0, 0.0, 0.0, 0.0
    top, bottom = (starts % height).min(), (lasts % height).max() + 1
    if (starts // height != lasts // height).any():  # such a run holds the foot of a column and the head of the next
        top, bottom = 0, height
    return float(starts[0] // height), float(top), float(lasts[-1] // height + 1), float(bottom)


def rle_area(counts: np.ndarray) -> int:
    """Pixels that are 1."""
    return int(np.asarray(counts)[1::2].sum())


def rle_to_string(counts: np.ndarray) -> str:
    """COCO's compressed string of run lengths (rleToString in cocodataset/cocoapi).

    From the fourth on, a run is written as its difference to the one two before it; a number goes out in groups of
    five bits, lowest first, until the rest is the sign alone.
    """
    deltas = np.asarray(counts, np.int64).copy()
    deltas[3:] -= np.asarray(counts, np.int64)[1:-2]
    groups = 13  # of five bits, enough for 64
    shifts = _BITS * np.arange(groups)
    parts = (deltas[:, None] >> shifts) & 31  # [R, groups]
    rest = deltas[:, None] >> (shifts + _BITS)  # what is left after each group
    ends = np.where(parts & 16, rest == -1, rest == 0)
    last = ends.argmax(1)
    place = np.arange(groups)
    parts = parts + np.where(place < last[:, None], _MORE, 0) + _FIRST
    return parts[place <= last[:, None]].astype(np.uint8).tobytes().decode("ascii")


def text_to_counts(text: str) -> np.ndarray:
    """int64 [R], the way back. ValueError: the text is no such string."""
    codes = np.frombuffer(text.encode("ascii", "replace"), np.uint8).astype(np.int64) - _FIRST
    if ((codes < 0) | (codes > 63)).any() or (len(codes) and codes[-1] & _MORE):
        raise ValueError("run lengths: expected a string of COCO's compressed form")
    if not len(codes):
        return np.zeros(0, np.int64)
    ends = codes & _MORE == 0
    starts = np.flatnonzero(np.concatenate([[True], ends[:-1]]))
    place = np.arange(len(codes)) - np.repeat(starts, np.diff(np.append(starts, len(codes))))
    if place.max() > 8:
        raise ValueError("run lengths: a number of more than 45 bits")
    values = np.add.reduceat((codes & 31) << (_BITS * place), starts)
    negative = codes[ends] & 16 != 0
    values -= np.where(negative, 1 << (_BITS * (place[ends] + 1)), 0)
    counts = values.copy()
    counts[1::2] = np.cumsum(values[1::2])  # each is a difference to the one two before it,
    counts[2::2] = np.cumsum(values[2::2])  # the first three are not
    return counts


def polygon_mask(polygons: Sequence[np.ndarray], height: int, width: int) -> Mask:
    """bool [height, width]: pixels whose center lies inside one of the polygons; one that crosses itself by even-odd.

    polygons: float [N, 2] each, corners (x, y) in pixels, 0 the left and upper edge of the first pixel; at least
    three corners, else nothing is inside. What lies outside the mask is cut off.
    """
    mask = np.zeros((height, width), bool)
    for points in polygons:
        mask |= _inside(np.asarray(points, np.float64).reshape(-1, 2), height, width)
    return mask


def _inside(points: np.ndarray, height: int, width: int) -> Mask:
    """One polygon: along each row of centers, every edge that is crossed flips what follows."""
    flips = np.zeros((height, width + 1), np.uint8)
    for (x1, y1), (x2, y2) in zip(points, np.roll(points, -1, axis=0), strict=True):
        if y1 > y2:
            x1, y1, x2, y2 = x2, y2, x1, y1
        first, end = (int(np.clip(np.ceil(y - 0.5), 0, height)) for y in (y1, y2))
        if first >= end:
            continue
        rows = np.arange(first, end)
        x = x1 + (rows + 0.5 - y1) * (x2 - x1) / (y2 - y1)
        columns = np.clip(np.ceil(x - 0.5), 0, width).astype(np.int64)
        flips[rows, columns] ^= 1
    return np.bitwise_xor.accumulate(flips, axis=1)[:, :width].astype(bool)


def dice(first: Mask, second: Mask) -> float:
    """2 |A and B| / (|A| + |B|), in [0, 1]; 1 for two empty masks (Dice 1945; the rule in this file's head)."""
    a, b = np.asarray(first, bool), np.asarray(second, bool)
    total = int(np.count_nonzero(a)) + int(np.count_nonzero(b))
    return 2 * int(np.count_nonzero(a & b)) / total if total else 1.0


def iou(first: Mask, second: Mask) -> float:
    """|A and B| / |A or B|, in [0, 1]; 1 for two empty masks."""
    a, b = np.asarray(first, bool), np.asarray(second, bool)
    union = int(np.count_nonzero(a | b))
    return int(np.count_nonzero(a & b)) / union if union else 1.0
