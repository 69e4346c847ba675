"""PNG bytes to pixels: what readers stumble over without need is left out first, and 16 bits go their own way.

Layout: PNG specification, third edition (W3C, 2025).
"""

import zlib
from collections.abc import Iterator
from functools import partial

import cv2
import numpy as np

from dlcli.imaging.decoded import Decoded
from dlcli.imaging.depth import to_rgb
from dlcli.imaging.fault import Fault, SizeCheck
from dlcli.imaging.formats.decode_pillow import decode_with_pillow
from dlcli.imaging.formats.png_check import CRITICAL, png_bit_depth
from dlcli.imaging.value_range import ValueRange, scaled

_SIGNATURE = 8
_LARGEST_TEXT, _ALL_TEXTS = 1 << 20, 64 << 20  # bytes, inflated, that Pillow takes: of a chunk, of a file
_COMPRESSED, _TEXT = {b"zTXt", b"iTXt", b"iCCP"}, b"tEXt"
_GRAY, _COLOR = 0, 2  # color types that a key can belong to


def decode_png(data: bytes, check: SizeCheck, value_range: ValueRange | None = None) -> Decoded:
    """Upright RGB, uint16 where the file has 16 bits; raises Fault. value_range: for 16 bits."""
    if data[12:16] == b"CgBI":
        raise Fault(
            "unsupported", "it is a PNG of Apple's own kind (CgBI)", "convert it with Apple's tools: sips, or pngcrush"
        )
    readable, notes = readable_png(data)
    deep = partial(deep_pixels, value_range=value_range) if png_bit_depth(data) == 16 else None
    pixels, orientation = decode_with_pillow(_with_key_of_8_bits(readable), "PNG", check, deep)
    return Decoded(pixels, orientation, (*notes, *_animation(data)))


def readable_png(data: bytes) -> tuple[bytes, list[str]]:
    """Without the chunks beside the image that Pillow refuses to read past, and what has to be said of that.

    Those are texts and profiles that are longer than it takes, and chunks whose checksum is wrong.
    """
    keep, notes, texts, at = [data[:_SIGNATURE]], [], 0, _SIGNATURE
    for name, start, end in _chunks(data):
        broken = name not in CRITICAL and _ancillary(name) and not _sum_is_right(data, start, end)
        length = _inflated(data, name, start, end)
        texts += length
        if broken or length > _LARGEST_TEXT or texts > _ALL_TEXTS:
            keep.append(data[at:start])
            at = end
            texts -= length
        if broken:
            notes.append(f"its {name.decode('ascii', 'replace')} chunk has a wrong checksum and was left out")
    return (b"".join([*keep, data[at:]]) if at != _SIGNATURE else data), notes


def deep_pixels(data: bytes, value_range: ValueRange | None = None) -> np.ndarray:
    """Of a whole PNG of 16 bits -> uint16 RGB [H, W, 3]; transparency and the color key are laid over white.

    OpenCV sees the image alone: of an animation it would take frames, and of a color key it would say nothing.
    """
    image = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
    alone = b"".join([data[:_SIGNATURE], *(data[start:end] for name, start, end in _chunks(data) if name in image)])
    pixels = cv2.imdecode(np.frombuffer(alone, np.uint8), cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    if pixels is None or pixels.dtype != np.uint16 or pixels.shape[:2] != (height, width):
        raise Fault("damaged", "its PNG data cannot be decoded")
    pixels = pixels.reshape(height, width, -1)
    if pixels.shape[2] >= 3:
        pixels[..., :3] = pixels[..., 2::-1].copy()  # BGR(A) -> RGB(A)
    key = _key(data)
    behind = (pixels[..., : len(key)] == np.array(key, np.uint16)).all(axis=2) if key else None
    if value_range is not None:
        color = pixels[..., : pixels.shape[2] - _has_alpha(data)]
        color[...] = scaled(color, *value_range.limits(color))
    rgb = to_rgb(pixels)
    if behind is not None:
        rgb[behind] = np.iinfo(np.uint16).max
    return rgb


def _with_key_of_8_bits(data: bytes) -> bytes:
    """Gray of 2 or 4 bits becomes one of 8 in Pillow, which leaves the key as it was; here it becomes one too."""
    bits = png_bit_depth(data)
    place = next(((start, end) for name, start, end in _chunks(data) if name == b"tRNS"), None)
    if bits not in (2, 4) or data[25] != _GRAY or place is None or not _sum_is_right(data, *place):
        return data
    start, end = place
    value = int.from_bytes(data[start + 8 : end - 4], "big") * 255 // ((1 << bits) - 1)
    chunk = b"tRNS" + min(value, 65535).to_bytes(2, "big")
    return data[:start] + b"\0\0\0\2" + chunk + zlib.crc32(chunk).to_bytes(4, "big") + data[end:]


def _has_alpha(data: bytes) -> bool:
    return data[25] in (4, 6)


def _key(data: bytes) -> tuple[int, ...]:
    """The gray value or color that is transparent, of 16 bits; () where there is none."""
    samples = {_GRAY: 1, _COLOR: 3}.get(data[25], 0)
    body = next((data[start + 8 : end - 4] for name, start, end in _chunks(data) if name == b"tRNS"), b"")
    if len(body) < 2 * samples:
        return ()
    return tuple(int.from_bytes(body[2 * i : 2 * i + 2], "big") for i in range(samples))


def _animation(data: bytes) -> list[str]:
    """On the image of an animation that is not one of its frames: others show it only where nothing moves."""
    control = frames = 0
    for name, start, _ in _chunks(data):
        if name == b"acTL":
            frames = int.from_bytes(data[start + 8 : start + 12], "big")
        control += name == b"fcTL"
        if name == b"IDAT":
            break
    return (
        [f"the still image was read, which is none of the {frames:,} frames of its animation"]
        if frames and not control
        else []
    )


def _inflated(data: bytes, name: bytes, start: int, end: int) -> int:
    """Bytes of a text or profile, counted a little beyond what is taken."""
    if name == _TEXT:
        return end - start
    if name not in _COMPRESSED:
        return 0
    body = data[start + 8 : end - 4]
    packed = body.find(b"\x78", body.find(b"\0"))  # of iTXt behind its languages; else the stream's first byte
    try:
        return (
            len(body)
            if packed < 0
            else max(len(body), len(zlib.decompressobj().decompress(body[packed:], _LARGEST_TEXT + 1)))
        )
    except zlib.error:
        return len(body)


def _ancillary(name: bytes) -> bool:
    return bool(name[0] & 0x20)


def _sum_is_right(data: bytes, start: int, end: int) -> bool:
    return zlib.crc32(memoryview(data)[start + 4 : end - 4]) == int.from_bytes(data[end - 4 : end], "big")


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(name, where it begins, where it ends with its sum) of each whole chunk."""
    at = _SIGNATURE
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            return
        yield data[at + 4 : at + 8], at, end
        at = end
