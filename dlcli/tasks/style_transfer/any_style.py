"""Any image as a style: the encoder of an any-style model reads its vector off it, once, before the first image."""

import numpy as np

from dlcli.card import ModelCard
from dlcli.errors import DataError
from dlcli.runtime.session import Session
from dlcli.runtime.tensor import to_tensor
from dlcli.tasks.style_transfer.colors import Palette, scaled
from dlcli.tasks.style_transfer.mixture import Mixture
from dlcli.tasks.style_transfer.options import StyleOptions, shares
from dlcli.tasks.style_transfer.styles import read_style

AREA = 320 * 384  # pixels of a style as the encoder sees it: strokes keep the size that they have there
STYLE_STEP = 16  # its sides are multiples of that
IDLE = 32  # pixels a side of what one half of the network gets while the other one works
MOST_VECTOR = 4096


def vector_size(card: ModelCard, path: str) -> int | None:
    """Numbers in the vector of a style; None where the card is of a painter with named styles. DataError: damaged."""
    size = card.decoding.get("vector")
    if size is not None and (type(size) is not int or not 0 < size <= MOST_VECTOR):
        raise DataError(f"{path}: expected a vector of 1 to {MOST_VECTOR} numbers, got {size!r:.60}; export it again")
    return size


def read_mixture(options: StyleOptions, session: Session, vector: int, path: str) -> Mixture:
    """The vectors of the styles in their shares, and their colors. Errors as for styles.read_style; DataError: NaN."""
    mixed, palettes = np.zeros((1, vector), np.float32), []
    for name, share in zip(options.style or [], shares(options), strict=True):
        pixels = for_encoder(read_style(name))
        image = to_tensor(pixels, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
        found = session.run(idle_image(), np.zeros_like(mixed), image)[1]
        if found.shape != mixed.shape or not np.isfinite(found).all():
            raise DataError(f"{path}: expected a style as {vector} numbers, got {list(found.shape)}; export it again")
        mixed += np.float32(share) * found
        palettes.append((Palette.of(pixels), share))
    return Mixture(mixed, tuple(palettes))


def for_encoder(pixels: np.ndarray) -> np.ndarray:
    """uint8 [H, W, 3] -> about AREA pixels of the same shape, each side a multiple of STYLE_STEP and at least IDLE."""
    height, width = pixels.shape[:2]
    scale = (AREA / (height * width)) ** 0.5
    sides = (max(IDLE, round(side * scale / STYLE_STEP) * STYLE_STEP) for side in (width, height))
    return scaled(pixels, *sides)


def idle_image() -> np.ndarray:
    """float32 [1, 3, IDLE, IDLE]: nothing to see."""
    return np.zeros((1, 3, IDLE, IDLE), np.float32)
