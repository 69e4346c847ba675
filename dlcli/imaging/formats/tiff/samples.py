"""The samples of a TIFF's first page as numbers, just as they are stored: no color, no range, no turning.

Every strip and tile must be there and whole, or the page is refused: no value of the array that is handed back comes
from anywhere but the file.
"""

from collections.abc import Iterator

import numpy as np

from dlcli.imaging.fault import Fault
from dlcli.imaging.formats.tiff.layout import Layout, dtype_of
from dlcli.imaging.formats.tiff.unpack import NONE, can_unpack, unpack

_PLAIN, _DIFFERENCES, _FLOAT_BYTES = 1, 2, 3  # predictors
_LARGEST_BLOCK = 1 << 30  # bytes of a decoded strip or tile


def can_read(layout: Layout) -> bool:
    """Whether `read_samples` knows this compression, predictor and kind of samples."""
    dtype = dtype_of(layout)
    whole_bytes = layout.bits % 8 == 0
    predictors = {_PLAIN}
    if whole_bytes and dtype is not None:
        predictors |= {_FLOAT_BYTES} if dtype.kind == "f" else {_DIFFERENCES}
    return dtype is not None and can_unpack(layout.compression) and layout.predictor in predictors


def read_samples(data: bytes, layout: Layout, wanted: tuple[int, ...]) -> np.ndarray:
    """[H, W, len(wanted)] of `dtype_of(layout)`: the samples with these numbers. Fault: truncated or damaged."""
    check_blocks(data, layout)
    dtype = dtype_of(layout)
    assert dtype is not None
    out = np.empty((layout.height, layout.width, len(wanted)), dtype)
    across, down = -(-layout.width // layout.across), -(-layout.height // layout.down)
    for plane, channels, targets in _planes(layout, wanted):
        for place in range(across * down):
            top, left = place // across * layout.down, place % across * layout.across
            rows = layout.down if layout.tiled else min(layout.down, layout.height - top)
            block = _block(data, layout, plane * across * down + place, rows)
            here = out[top : top + rows, left : left + layout.across]
            here[..., targets] = block[: here.shape[0], : here.shape[1], channels]
    return out


def check_blocks(data: bytes, layout: Layout) -> None:
    """Fault: one of the strips or tiles of the page is not in the file, or not whole."""
    across, down = -(-layout.width // layout.across), -(-layout.height // layout.down)
    needed = across * down * (layout.samples if layout.apart else 1)
    if len(layout.blocks) < needed:
        raise Fault("damaged", f"its TIFF header lists {len(layout.blocks)} of {needed} strips or tiles")
    for number, (offset, length) in enumerate(layout.blocks[:needed], 1):
        if not length:
            raise Fault("unsupported", f"block {number:,} of {needed:,} is left out of the file, a sparse TIFF")
        if offset + length > len(data) and layout.compression != NONE:  # of those more may be stated than is needed
            raise Fault("truncated", f"TIFF data ends after {len(data):,} bytes, in block {number:,} of {needed:,}")


def _planes(layout: Layout, wanted: tuple[int, ...]) -> Iterator[tuple[int, list[int], list[int]]]:
    """(plane, channels of its blocks, where they go)."""
    if layout.apart:
        yield from ((number, [0], [target]) for target, number in enumerate(wanted))
    else:
        yield 0, list(wanted), list(range(len(wanted)))


def _block(data: bytes, layout: Layout, number: int, rows: int) -> np.ndarray:
    """[rows, across, samples of a block] of native numbers."""
    samples = 1 if layout.apart else layout.samples
    row = -(-layout.across * samples * layout.bits // 8)
    if row * rows > _LARGEST_BLOCK:
        raise Fault("too-large", f"one of its strips or tiles holds {row * rows:,} bytes")
    plain = np.frombuffer(unpack(data, layout, number, row, rows), np.uint8).reshape(rows, row)
    shape = (rows, layout.across, samples)
    if layout.bits % 8:
        return _of_bits(plain, layout.bits, layout.across * samples).reshape(shape)
    if layout.predictor == _FLOAT_BYTES:
        return _float_bytes(plain, layout, samples).reshape(shape)
    dtype = dtype_of(layout)
    assert dtype is not None
    stored = (
        plain.view(np.dtype(f"{layout.order}{dtype.kind}{dtype.itemsize}")).reshape(shape).astype(dtype, copy=False)
    )
    return np.cumsum(stored, axis=1, dtype=dtype) if layout.predictor == _DIFFERENCES else stored


def _of_bits(plain: np.ndarray, bits: int, count: int) -> np.ndarray:
    """uint8 [rows, bytes] of samples of 1 to 15 bits, packed from the high bit on -> [rows, count] of numbers."""
    numbers = np.zeros((len(plain), count), np.uint8 if bits <= 8 else np.uint16)
    for row, packed in zip(numbers, plain, strict=True):  # a row at a time: every bit takes a byte meanwhile
        unpacked = np.unpackbits(packed, count=count * bits).reshape(count, bits)
        for bit in range(bits):
            row <<= 1
            row |= unpacked[:, bit]
    return numbers


def _float_bytes(plain: np.ndarray, layout: Layout, samples: int) -> np.ndarray:
    """Bytes as differences, those of one rank together, the highest first (Adobe's technical note 3)."""
    rows, size = len(plain), layout.bits // 8
    summed = np.cumsum(plain.reshape(rows, -1, samples), axis=1, dtype=np.uint8)
    by_rank = summed.reshape(rows, size, -1)  # [rows, bytes of a number, numbers]
    numbers = np.ascontiguousarray(by_rank.transpose(0, 2, 1))
    return numbers.view(np.dtype(f">f{size}")).astype(np.dtype(f"f{size}"))
