"""Anchors: the grid, and offsets between anchors and boxes in both directions. Their matching: matching.py."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlcli.card import ModelCard
from dlcli.errors import DataError
from dlcli.frozen import dataclass
from dlcli.ops.boxes import Floats, cxcywh_to_xyxy, xyxy_to_cxcywh


@dataclass(frozen=True)
class AnchorGrid:
    """The anchors of one input size.

    width, height: the network's input in pixels. strides: pixels a cell, level by level. sides: the base side
    of each level's anchors, in pixels. scales multiply it. ratios: height over width at equal area.
    variances: what offsets are divided by, one for the center and one for the size.
    """

    width: int
    height: int
    strides: tuple[int, ...] = (8, 16, 32, 64)
    sides: tuple[float, ...] = (24, 56, 112, 208)
    scales: tuple[float, ...] = (1.0, 1.41)
    ratios: tuple[float, ...] = (0.5, 1.0, 2.0)
    variances: tuple[float, float] = (0.1, 0.2)

    @property
    def per_cell(self) -> int:
        return len(self.scales) * len(self.ratios)

    @cached_property
    def cxcywh(self) -> Floats:
        """Every anchor, float32 [A, 4]: level by level, row by row, cell by cell, scale by scale, ratio by ratio."""
        levels = [self._level(stride, side) for stride, side in zip(self.strides, self.sides, strict=True)]
        return np.concatenate(levels).astype(np.float32)

    @cached_property
    def xyxy(self) -> Floats:
        """Every anchor, float32 [A, 4]; those at the edge stick out of the image."""
        return cxcywh_to_xyxy(self.cxcywh)

    def _level(self, stride: int, side: float) -> NDArray[np.float64]:
        columns, rows = -(-self.width // stride), -(-self.height // stride)
        y, x = np.mgrid[0:rows, 0:columns]
        centers = (np.stack([x, y], -1).reshape(-1, 1, 2) + 0.5) * stride  # [cells, 1, 2]
        root = np.sqrt(np.array(self.ratios))
        shapes = np.stack([1 / root, root], -1)  # [ratios, 2] width and height at area 1
        sizes = (side * np.array(self.scales)[:, None, None] * shapes).reshape(1, -1, 2)  # [1, K, 2]
        cells, kinds = len(centers), sizes.shape[1]
        return np.concatenate(
            [np.broadcast_to(centers, (cells, kinds, 2)), np.broadcast_to(sizes, (cells, kinds, 2))], -1
        ).reshape(-1, 4)

    def decoding(self) -> dict[str, Any]:
        """What a model card must hold so that `from_decoding` builds this grid again."""
        names = ("strides", "sides", "scales", "ratios", "variances")
        return {name: list(getattr(self, name)) for name in names}

    def at(self, width: int, height: int) -> "AnchorGrid":
        """The same anchors for another input size; the same object each time, so that its arrays are made once."""
        return self if (width, height) == (self.width, self.height) else _at(self, width, height)

    @property
    def count(self) -> int:
        """How many anchors there are, without making them."""
        return self.per_cell * sum(-(-self.width // stride) * -(-self.height // stride) for stride in self.strides)

    @classmethod
    def from_decoding(cls, width: int, height: int, decoding: Mapping[str, Any]) -> "AnchorGrid":
        """The grid of a model card. ValueError: it tells none."""
        names = ("strides", "sides", "scales", "ratios", "variances")
        for name in names:
            if not _are_positive(decoding.get(name), whole=name == "strides"):
                what = "whole numbers of 1 to 8192" if name == "strides" else "numbers above 0, at most 8192"
                raise ValueError(f"{name}: expected {what}, got {str(decoding.get(name))[:60]}")
        if len(decoding["strides"]) != len(decoding["sides"]) or len(decoding["variances"]) != 2:
            raise ValueError("expected a side for each of the strides, and two variances")
        return cls(width, height, **{name: tuple(decoding[name]) for name in names})


def _are_positive(values: Any, whole: bool) -> bool:
    """Whether it is a list of 1 to 64 numbers of a size that pixels can have."""
    kinds = (int,) if whole else (int, float)
    is_list = isinstance(values, list | tuple) and 0 < len(values) <= 64
    return is_list and all(type(value) in kinds and 0 < value <= 8192 for value in values)


@lru_cache(maxsize=32)
def _at(grid: AnchorGrid, width: int, height: int) -> AnchorGrid:
    return replace(grid, width=width, height=height)


def encode_boxes(boxes: Floats, anchors: Floats, variances: tuple[float, float] = (0.1, 0.2)) -> Floats:
    """Offsets from anchors to boxes: xyxy [N, 4], cxcywh [N, 4] -> float32 [N, 4] (Faster R-CNN, arXiv:1506.01497).

    ((cx - acx) / aw, (cy - acy) / ah) / variances[0], (log(w / aw), log(h / ah)) / variances[1].
    """
    target = xyxy_to_cxcywh(boxes)
    center = (target[:, :2] - anchors[:, :2]) / anchors[:, 2:] / variances[0]
    size = np.log(np.maximum(target[:, 2:], 1e-3) / anchors[:, 2:]) / variances[1]
    return np.concatenate([center, size], 1).astype(np.float32)


def decode_boxes(offsets: Floats, anchors: Floats, variances: tuple[float, float] = (0.1, 0.2)) -> Floats:
    """The inverse of encode_boxes: offsets [N, 4], cxcywh [N, 4] -> xyxy float32 [N, 4].

    A box grows to at most exp(4), about 55 times, its anchor's side, so that no offset overflows.
    """
    center = offsets[:, :2] * variances[0] * anchors[:, 2:] + anchors[:, :2]
    size = np.exp(np.minimum(offsets[:, 2:] * variances[1], 4.0)) * anchors[:, 2:]
    return cxcywh_to_xyxy(np.concatenate([center, size], 1).astype(np.float32))


def grid_of(card: ModelCard) -> AnchorGrid:
    """The anchors of dlcli's own detectors. DataError: the card does not tell them."""
    try:
        return AnchorGrid.from_decoding(*card.input, card.decoding)
    except ValueError as error:
        raise DataError(f"{card.name}: its card has no anchors: {error}; export the model again") from error
