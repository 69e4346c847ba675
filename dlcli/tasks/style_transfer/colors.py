"""Colors of the content before it is painted and after: those of the style, its own, or some of each."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from dlcli.frozen import dataclass

RIDGE = 1e-5  # added to a covariance, so that a gray image has an inverse


@dataclass(frozen=True)
class Palette:
    """The mean [3] and the covariance [3, 3] of an image's RGB in [0, 1], float64."""

    mean: np.ndarray
    covariance: np.ndarray

    @classmethod
    def of(cls, pixels: np.ndarray) -> "Palette":
        """Of uint8 [H, W, 3]."""
        flat = pixels.reshape(-1, 3) / 255.0
        mean = flat.mean(0)
        flat -= mean
        return cls(mean, flat.T @ flat / len(flat) + RIDGE * np.eye(3))

    @classmethod
    def from_card(cls, style: Any) -> "Palette":
        """Of a style as a painter's card tells it. ValueError: it does not."""
        try:
            mean, covariance = (np.array(style[name], np.float64) for name in ("mean", "covariance"))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"expected a style with mean and covariance, got {style!r:.80}") from error
        if mean.shape != (3,) or covariance.shape != (3, 3) or not np.isfinite([*mean, *covariance.flat]).all():
            raise ValueError(f"expected 3 means and 3 x 3 covariances, got {style!r:.80}")
        return cls(mean, covariance)


def recolor(pixels: np.ndarray, palettes: Sequence[tuple[Palette, float]]) -> np.ndarray:
    """uint8 [H, W, 3] with its mean and covariance of color moved to those of the palettes, in their shares.

    The linear map of least change between two normal distributions: T = A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2
    (Monge-Kantorovitch; Pitie and Kokaram, 2007). Each palette's image is cut off at 0 and 1 before they are mixed.
    """
    own = Palette.of(pixels)
    root = _root(own.covariance)
    inverse = np.linalg.inv(root)
    mixed = np.zeros(pixels.shape, np.float32)
    for palette, share in palettes:
        move = inverse @ _root(root @ palette.covariance @ root) @ inverse
        shift = palette.mean - move @ own.mean
        moved = cv2.transform(pixels.astype(np.float32), np.column_stack([move, shift * 255]).astype(np.float32))
        mixed += np.float32(share) * moved.clip(0, 255)
    return np.rint(mixed).astype(np.uint8)


def _root(matrix: np.ndarray) -> np.ndarray:
    """The symmetric square root of a symmetric matrix without negative eigenvalues."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(values.clip(0))) @ vectors.T)


def keep_colors(painted: np.ndarray, content: np.ndarray) -> np.ndarray:
    """The lightness of `painted` with the colors of `content` (arXiv:1606.05897, section 3.2: luminance only).

    Both uint8 [H, W, 3] RGB of one size; so is the result. Y of YCrCb is the lightness, Cr and Cb are the colors.
    """
    luma, chroma = (cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb) for image in (painted, content))
    chroma[:, :, 0] = luma[:, :, 0]
    return np.asarray(cv2.cvtColor(chroma, cv2.COLOR_YCrCb2RGB))


def lay_over(content: np.ndarray, painted: np.ndarray, strength: float) -> np.ndarray:
    """content + strength * (painted - content), rounded. Both uint8 [H, W, 3] of one size, strength 0 to 1."""
    if strength == 1:
        return painted
    return np.asarray(cv2.addWeighted(painted, strength, content, 1 - strength, 0))


def scaled(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """uint8 [H, W, 3] at another size: area means to make it smaller, cubic to make it larger."""
    if pixels.shape[:2] == (height, width):
        return pixels
    shrinks = width * height < pixels.shape[0] * pixels.shape[1]
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC))
