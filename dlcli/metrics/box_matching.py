"""Which found boxes of one image found a truth: by COCO's words and by PASCAL VOC's.

Both give each found box HIT, MISS or LEFT_OUT. Where they differ: for COCO a found box takes the best truth that is
still free and prefers a counted one to an ignored one; for VOC it stands or falls with the truth it overlaps most,
so a second box on one truth is a MISS, and a box whose best truth is difficult is left out.
"""

import numpy as np

from dlcli.ops.boxes import box_area, box_intersection

HIT, MISS, LEFT_OUT = 1, 0, -1


def overlaps(found: np.ndarray, truth: np.ndarray, crowd: np.ndarray) -> np.ndarray:
    """Intersection over union; over the found box's own area where the truth is a crowd (COCO's maskApi bbIou).

    found: [N, 4], truth: [M, 4], both xyxy with x2/y2 exclusive, so no pixel is added to a side (VOC's boxes, which
    include their last pixel, have the same areas once converted). crowd: bool [M].
    Returns float64 [N, M]: a ratio like 11/20 must not fall on the other side of 0.55, as in float32 it can.
    Boxes that only touch or have no area overlap by 0.
    """
    found, truth = found.astype(np.float64), truth.astype(np.float64)
    shared = box_intersection(found, truth)  # [N, M]
    own = box_area(found)[:, None]  # [N, 1]
    whole = np.where(crowd[None, :], own, own + box_area(truth)[None, :] - shared)  # [N, M]
    return np.divide(shared, whole, out=np.zeros_like(shared), where=shared > 0)


def coco_statuses(overlap: np.ndarray, ignore: np.ndarray, crowd: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """COCOeval.evaluateImg: int8 [T, N] of HIT, MISS or LEFT_OUT.

    overlap: float64 [N, M], rows best score first; below 0 where a pair may not match (another class).
    ignore: bool [M], crowds among them. crowd: bool [M], may be matched any number of times. thresholds: [T].
    Of equal overlaps the later truth wins, as there.
    """
    order = np.argsort(ignore, kind="stable")  # counted truths before ignored ones
    limits = [min(float(threshold), 1 - 1e-10) for threshold in thresholds]
    options = _options(overlap[:, order], min(limits))
    ignored, shared = ignore[order].tolist(), crowd[order].tolist()
    statuses = np.full((len(limits), len(overlap)), MISS, dtype=np.int8)
    for level, limit in enumerate(limits):
        taken: set[int] = set()
        for row, pairs in options.items():
            truth = _coco_choice(pairs, limit, taken, ignored)
            if truth >= 0:
                statuses[level, row] = LEFT_OUT if ignored[truth] else HIT
                if not shared[truth]:
                    taken.add(truth)
    return statuses


def voc_statuses(overlap: np.ndarray, ignore: np.ndarray, crowd: np.ndarray, threshold: float) -> np.ndarray:
    """VOCevaldet.m: int8 [N] of HIT, MISS or LEFT_OUT; arguments as for coco_statuses.

    VOC knows no crowds. Here they take no part in the choice, but a box that would be a MISS because it overlaps no
    truth enough is LEFT_OUT where it lies in a crowd. Of equal overlaps the earlier truth wins, as there.
    """
    statuses = np.full(len(overlap), MISS, dtype=np.int8)
    if not overlap.shape[1]:
        return statuses
    alone = np.where(crowd[None, :], -1.0, overlap)  # [N, M]
    best = alone.argmax(axis=1)  # [N]
    enough = alone[np.arange(len(best)), best] >= threshold  # [N]
    counted = np.flatnonzero(enough & ~ignore[best])
    _, first = np.unique(best[counted], return_index=True)  # rows are in the order of scores: the first one is it
    statuses[counted[first]] = HIT
    statuses[enough & ignore[best]] = LEFT_OUT
    statuses[~enough & (np.where(crowd[None, :], overlap, -1.0) >= threshold).any(axis=1)] = LEFT_OUT
    return statuses


def _options(overlap: np.ndarray, limit: float) -> dict[int, list[tuple[int, float]]]:
    """For each found box that overlaps anything enough: its (truth, overlap) pairs. Few do, so plain lists are fast."""
    rows, columns = np.nonzero(overlap >= limit)
    options: dict[int, list[tuple[int, float]]] = {}
    for row, column, value in zip(rows.tolist(), columns.tolist(), overlap[rows, columns].tolist(), strict=True):
        options.setdefault(row, []).append((column, value))
    return options


def _coco_choice(pairs: list[tuple[int, float]], limit: float, taken: set[int], ignored: list[bool]) -> int:
    """The truth that a found box takes, -1 for none; pairs hold counted truths before ignored ones."""
    best = -1
    for truth, value in pairs:
        if truth in taken:
            continue
        if best >= 0 and ignored[truth] and not ignored[best]:
            break
        if value >= limit:
            best, limit = truth, value
    return best
