"""Resizing, letterboxing and tiling, each with the exact way back for boxes; predictors and evaluation share it."""

import math

import cv2
import numpy as np

from dlcli.frozen import dataclass


@dataclass(frozen=True)
class Placement:
    """Where a source image lies in a changed one: placed = source * scale + offset, along each axis.

    source_width, source_height: the source's size in pixels, to which boxes are clipped on the way back.
    """

    scale_x: float
    scale_y: float
    dx: float
    dy: float
    source_width: int
    source_height: int

    def to_placed(self, xyxy: np.ndarray) -> np.ndarray:
        """Boxes [N, 4] xyxy of the source -> float32 [N, 4] of the changed image. N may be 0."""
        return (np.asarray(xyxy, np.float64).reshape(-1, 4) * self._scale() + self._offset()).astype(np.float32)

    def to_source(self, xyxy: np.ndarray) -> np.ndarray:
        """Boxes [N, 4] xyxy of the changed image -> float32 [N, 4] of the source, clipped to it. N may be 0.

        A box that lies wholly in the padding comes back with zero area.
        """
        boxes = (np.asarray(xyxy, np.float64).reshape(-1, 4) - self._offset()) / self._scale()
        limits = [self.source_width, self.source_height, self.source_width, self.source_height]
        return np.clip(boxes, 0, limits).astype(np.float32)

    def then(self, after: "Placement") -> "Placement":
        """This change followed by `after`, whose source is this one's result."""
        return Placement(
            self.scale_x * after.scale_x,
            self.scale_y * after.scale_y,
            self.dx * after.scale_x + after.dx,
            self.dy * after.scale_y + after.dy,
            self.source_width,
            self.source_height,
        )

    def _scale(self) -> np.ndarray:
        return np.array([self.scale_x, self.scale_y, self.scale_x, self.scale_y])

    def _offset(self) -> np.ndarray:
        return np.array([self.dx, self.dy, self.dx, self.dy])


def unchanged(pixels: np.ndarray) -> Placement:
    """The placement that changes nothing."""
    height, width = pixels.shape[:2]
    return Placement(1.0, 1.0, 0.0, 0.0, width, height)


def stretch(pixels: np.ndarray, size: tuple[int, int], method: str = "smooth") -> tuple[np.ndarray, Placement]:
    """[H, W, C] -> [h, w, C] for size (w, h), the aspect not kept.

    method: "nearest" takes for each new pixel the old one at its middle, so that no new value comes up. "smooth": area
    averaging where a side becomes less than half and none grows (there bilinear sampling would skip pixels),
    bilinear elsewhere, which takes an eighth of the time; the same size gives the same array.
    """
    height, width = pixels.shape[:2]
    placement = Placement(size[0] / width, size[1] / height, 0.0, 0.0, width, height)
    if size == (width, height):
        return pixels, placement
    if method == "nearest":
        columns, rows = (
            (2 * np.arange(new) + 1) * old // (2 * new) for new, old in zip(size, (width, height), strict=True)
        )
        return np.ascontiguousarray(pixels[rows[:, None], columns]), placement
    shrinks = size[0] <= width and size[1] <= height and (2 * size[0] < width or 2 * size[1] < height)
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR), placement


def fit(
    pixels: np.ndarray, size: tuple[int, int], max_stretch: float = 1.0, method: str = "smooth"
) -> tuple[np.ndarray, Placement]:
    """[H, W, C] -> the largest image of the same aspect inside size (w, h); each side at least 1 pixel.

    max_stretch: by how much, at most, the side that has room left is drawn out to fill it; 1 keeps the aspect.
    The placement holds the true scale of each axis after rounding, so the way back is exact.
    """
    height, width = pixels.shape[:2]
    scale = min(size[0] / width, size[1] / height) * max_stretch
    inner = max(1, min(size[0], round(width * scale))), max(1, min(size[1], round(height * scale)))
    return stretch(pixels, inner, method)


def resize(pixels: np.ndarray, w: int, h: int | None = None, method: str = "smooth") -> tuple[np.ndarray, Placement]:
    """The --pre step: to w x h exactly; without h, so that the longer side is w and the aspect is kept."""
    return fit(pixels, (w, w), method=method) if h is None else stretch(pixels, (w, h), method)


def letterbox(
    pixels: np.ndarray, size: tuple[int, int], fill: int | tuple[int, int, int] = 114, max_stretch: float = 1.0
) -> tuple[np.ndarray, Placement]:
    """[H, W, 3] -> [h, w, 3] for size (w, h): the image fitted (see `fit`), centered, the rest `fill`.

    fill: one value or RGB, in [0, 255] also for uint16 pixels, where it is multiplied by 257.
    """
    inner, placement = fit(pixels, size, max_stretch)
    height, width = inner.shape[:2]
    if (width, height) == size:
        return inner, placement
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    unit = 257 if pixels.dtype == np.uint16 else 1
    canvas = np.empty((size[1], size[0], 3), pixels.dtype)
    canvas[:] = np.asarray(fill) * unit
    canvas[top : top + height, left : left + width] = inner
    shift = Placement(1.0, 1.0, left, top, width, height)
    return canvas, placement.then(shift)


def center_crop(pixels: np.ndarray, size: tuple[int, int], share: float = 1.0) -> tuple[np.ndarray, Placement]:
    """[H, W, C] -> [h, w, C] for size (w, h): the middle of the image in that aspect, then resized (see `stretch`).

    share: of the largest such middle, in (0, 1]; 0.875 with size 224 is "shorter side to 256, middle 224". What lies
    outside is lost. The middle has whole pixels, so its aspect may be off by half a pixel.
    """
    height, width = pixels.shape[:2]
    scale = min(width / size[0], height / size[1]) * share
    inner = max(1, min(width, round(size[0] * scale))), max(1, min(height, round(size[1] * scale)))
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    placed, placement = stretch(pixels[top : top + inner[1], left : left + inner[0]], size)
    return placed, Placement(1.0, 1.0, -left, -top, width, height).then(placement)


def tile_grid(width: int, height: int, size: int, overlap: float = 0.2) -> list[tuple[int, int, int, int]]:
    """Squares of side `size` that cover an image, row by row, as (x1, y1, x2, y2), x2/y2 exclusive.

    Neighbors share at least `overlap` (in [0, 1)) of a side and are spread evenly. A side shorter than `size` gives
    tiles as short as the side.
    """
    if size < 1 or not 0 <= overlap < 1:
        raise ValueError(f"tile_grid: expected size >= 1 and overlap in [0, 1), got {size} and {overlap}")
    columns, rows = tile_starts(width, size, overlap), tile_starts(height, size, overlap)
    return [(x, y, min(x + size, width), min(y + size, height)) for y in rows for x in columns]


def tile_starts(length: int, size: int, overlap: float) -> list[int]:
    """Where pieces of `size` begin that cover 0 to `length`, spread evenly; [0] where one is enough."""
    if length <= size:
        return [0]
    step = max(1, math.floor(size * (1 - overlap)))
    count = math.ceil((length - size) / step)  # moves after the first tile
    return [(length - size) * i // count for i in range(count + 1)]
