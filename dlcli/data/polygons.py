"""The outlines of masks as polygons along the edges of pixels, from which ops.masks.polygon_mask draws the same mask.

A hole becomes part of its outline: a line of no width leads to it and back, as polygons of one ring are wont to do.
"""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

Point = tuple[int, int]
Ring = list[Point]
_TURNS = ((1, 0), (0, 1), (-1, 0), (0, -1))  # right, down, left, up


def mask_outlines(mask: np.ndarray) -> list[np.ndarray]:
    """bool [H, W] -> float64 [N, 2] for each piece whose pixels share sides, corners (x, y) on the edges of pixels."""
    count, pieces, boxes, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    found = []
    for piece in range(1, count):
        x, y, width, height = (int(v) for v in boxes[piece][:4])
        inside = pieces[y : y + height, x : x + width] == piece
        found.append(np.array(_outline(inside), np.float64) + np.array([x, y]))
    return found


def as_one(outlines: Sequence[np.ndarray]) -> np.ndarray:
    """One polygon [N, 2] of several that do not overlap, joined by lines of no width."""
    joined = outlines[0]
    for points in outlines[1:]:
        joined = np.concatenate([joined, joined[:1], points, points[:1]])
    return joined


def _outline(inside: np.ndarray) -> Ring:
    """The ring around one piece, bool [h, w], with the ways to its holes."""
    outer, *holes = sorted(_rings(inside), key=min)  # by x, then y: a hole lies to the right of what holds it
    for hole in holes:
        corner = min(hole)
        x, y = corner
        while x and inside[y, x - 1]:
            x -= 1
        start, place = hole.index(corner), outer.index((x, y))
        outer = [*outer[: place + 1], *hole[start:], *hole[:start], corner, *outer[place:]]
    return _straightened(outer)


def _rings(inside: np.ndarray) -> Iterator[Ring]:
    """Every closed way along the edges, the piece on its right hand; where two meet at a corner, it turns right."""
    ways = _edges(inside)
    while ways:
        start = point = next(iter(ways))
        direction = ways[start][0]
        ring: Ring = []
        while True:
            here = ways[point]
            turned = [(direction + turn) % 4 for turn in (1, 0, 3)]
            direction = next(way for way in turned if way in here) if ring else direction
            here.remove(direction)
            if not here:
                del ways[point]
            ring.append(point)
            point = (point[0] + _TURNS[direction][0], point[1] + _TURNS[direction][1])
            if point == start:
                break
        yield ring


def _edges(inside: np.ndarray) -> dict[Point, list[int]]:
    """The edges between inside and outside by their first corner, as directions with the inside to the right."""
    padded = np.pad(inside, 1)
    here = padded[1:-1, 1:-1]
    sides = (
        (0, here & ~padded[:-2, 1:-1], (0, 0)),  # outside is above: go right from the upper left corner
        (1, here & ~padded[1:-1, 2:], (1, 0)),  # to the right: go down from the upper right corner
        (2, here & ~padded[2:, 1:-1], (1, 1)),
        (3, here & ~padded[1:-1, :-2], (0, 1)),
    )
    ways: dict[Point, list[int]] = {}
    for direction, edges, (dx, dy) in sides:
        for y, x in np.argwhere(edges).tolist():
            ways.setdefault((x + dx, y + dy), []).append(direction)
    return ways


def _straightened(ring: Ring) -> Ring:
    """Less the corners at which the way goes straight on."""
    corners = []
    for before, point, after in zip([ring[-1], *ring[:-1]], ring, [*ring[1:], ring[0]], strict=True):
        first, second = (point[0] - before[0], point[1] - before[1]), (after[0] - point[0], after[1] - point[1])
        cross, along = first[0] * second[1] - first[1] * second[0], first[0] * second[0] + first[1] * second[1]
        if cross or along < 0:
            corners.append(point)
    return corners
