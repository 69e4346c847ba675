"""An image before and after on one sheet, each over its histogram, for people to judge what the steps did."""

import cv2
import numpy as np
from PIL import Image, ImageDraw

from dlcli.frozen import dataclass
from dlcli.imaging.depth import to_8_bit
from dlcli.imaging.drawing.fonts.letters import Letters
from dlcli.imaging.drawing.palette import Color
from dlcli.imaging.geometry import fit
from dlcli.imaging.steps.enhance import stretch

PANEL, GRAPH = 480, 150  # pixels: the widest and highest an image is shown, the height of a histogram
_MARGIN, _LINE, _TEXT, _SMALL = 20, 26, 15, 12
_PAPER, _INK, _SOFT, _FRAME = (250, 250, 248), (32, 34, 38), (110, 114, 120), (214, 214, 210)
_CHANNELS: tuple[Color, ...] = ((214, 57, 47), (38, 150, 76), (44, 98, 206))
_LUMA: Color = (196, 198, 202)
_LEGEND = dict(zip(("red", "green", "blue", "luma"), (*_CHANNELS, _LUMA), strict=True))
_SMOOTH = 1.5  # values: stretching contrast leaves every other value empty, which would be drawn as a comb
_CLIPPED = 0.98  # of the bins, by height, that the graph shows whole; a lone spike does not flatten the rest


@dataclass(frozen=True)
class _Side:
    """What one half of the sheet shows. histogram: float64 [4, 256], shares of R, G, B and luma."""

    title: str
    note: str
    image: Image.Image
    histogram: np.ndarray


def before_after(before: np.ndarray, after: np.ndarray, steps: str) -> np.ndarray:
    """RGB uint8 [h, w, 3]: both images at one scale rule (fitted, never enlarged), their histograms at one scale.

    before, after: RGB [H, W, 3], uint8 or uint16, of any sizes; uint16 is shown stretched to its own percentiles, since
    images of few of their levels would be black, and counted as it is. steps: the --pre chain, written beside "after".
    """
    sides = (_side("before", before, ""), _side("after", after, steps))
    height = max(side.image.height for side in sides)
    size = 2 * PANEL + 3 * _MARGIN, height + GRAPH + 3 * _LINE + 3 * _MARGIN
    sheet = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(sheet, "RGBA")
    top = max(float(np.quantile(side.histogram, _CLIPPED)) for side in sides) or 1.0
    for i, side in enumerate(sides):
        left = _MARGIN + i * (PANEL + _MARGIN)
        _write(draw, left, _MARGIN // 2, side.title, _INK)
        _write(draw, left, _MARGIN // 2 + _LINE, side.note, _SOFT)
        at = left + (PANEL - side.image.width) // 2, _MARGIN + 2 * _LINE + (height - side.image.height) // 2
        sheet.paste(side.image, at)
        _graph(draw, left, size[1] - GRAPH - _LINE - _MARGIN, side.histogram, top)
        _scale(draw, left, size[1] - _LINE - _MARGIN + _LINE // 4)
    return np.array(sheet)


def histogram(pixels: np.ndarray) -> np.ndarray:
    """float64 [4, 256]: the share of pixels at each value of R, G, B and luma; 16 bits are counted as 8."""
    pixels = np.ascontiguousarray(to_8_bit(pixels))
    planes = [*cv2.split(pixels), cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)]
    return np.stack([np.bincount(plane.ravel(), minlength=256) / plane.size for plane in planes])


def _side(name: str, pixels: np.ndarray, note: str) -> _Side:
    height, width = pixels.shape[:2]
    bits = 8 * pixels.itemsize
    shown = to_8_bit(stretch(pixels)) if bits == 16 else pixels
    if max(height, width) > PANEL:
        shown, _ = fit(shown, (PANEL, PANEL))
    title = f"{name}  {width} x {height}, {bits} bits{', shown stretched' if bits == 16 else ''}"
    return _Side(title, note, Image.fromarray(np.ascontiguousarray(shown)), histogram(pixels))


def _write(draw: ImageDraw.ImageDraw, left: int, top: int, text: str, color: Color) -> None:
    letters = Letters(_TEXT)
    letters.draw(draw, (left, top), letters.shortened(text, PANEL), color)


def _scale(draw: ImageDraw.ImageDraw, left: int, top: int) -> None:
    """The values below a graph, 0 to 255, and in its middle which line is which channel."""
    letters = Letters(_SMALL)
    letters.draw(draw, (left, top), "0", _SOFT)
    letters.draw(draw, (left + PANEL - letters.length("255"), top), "255", _SOFT)
    gap, mark = 14, 10
    wide = sum(mark + 4 + letters.length(name) + gap for name in _LEGEND) - gap
    x: float = left + (PANEL - wide) / 2
    for name, color in _LEGEND.items():
        middle = top + letters.height // 2
        draw.rectangle((x, middle - 3, x + mark - 1, middle + 3), fill=color)
        letters.draw(draw, (x + mark + 4, top), name, _SOFT)
        x += mark + 4 + letters.length(name) + gap


def _graph(draw: ImageDraw.ImageDraw, left: int, top: int, shares: np.ndarray, highest: float) -> None:
    """Luma as a filled shape, the channels as lines, smoothed; black is at the left end, white at the right.

    A peak that is higher than the graph has a small triangle in its color at the upper edge.
    """
    shares = cv2.GaussianBlur(shares, (0, 0), _SMOOTH, sigmaY=1e-3, borderType=cv2.BORDER_REFLECT)  # along values only
    draw.rectangle((left, top, left + PANEL - 1, top + GRAPH - 1), fill=(255, 255, 255), outline=_FRAME)
    for quarter in (1, 2, 3):
        x = left + PANEL * quarter // 4
        draw.line((x, top + 1, x, top + GRAPH - 2), fill=_FRAME)
    xs = left + 1 + np.arange(256) * (PANEL - 3) / 255
    ys = top + GRAPH - 2 - np.clip(shares / highest, 0, 1) * (GRAPH - 6)  # [4, 256]
    floor = top + GRAPH - 2
    outline = [(xs[0], floor), *zip(xs, ys[3], strict=True), (xs[-1], floor)]
    draw.polygon([(float(x), float(y)) for x, y in outline], fill=(*_LUMA, 170))
    for color, heights in zip(_CHANNELS, ys, strict=False):
        draw.line([(float(x), float(y)) for x, y in zip(xs, heights, strict=True)], fill=(*color, 220), width=2)
    for color, values in zip((*_CHANNELS, _SOFT), shares, strict=True):
        for value in _clipped_peaks(values, highest):
            peak = float(xs[value])
            draw.polygon([(peak, top + 2), (peak - 5, top + 10), (peak + 5, top + 10)], fill=color)


def _clipped_peaks(shares: np.ndarray, highest: float) -> list[int]:
    """The values, of 0 to 255, at which float64 [256] is largest in each run of values above `highest`."""
    over = np.concatenate([[False], shares > highest, [False]])
    edges = np.flatnonzero(over[1:] != over[:-1]).reshape(-1, 2)  # [runs, 2], the first and the one after the last
    return [int(first + shares[first:end].argmax()) for first, end in edges]
