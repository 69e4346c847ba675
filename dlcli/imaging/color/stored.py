"""The color profile of a file, found in its bytes without pixels: ICC, or what a PNG says in chunks of its own.

PNG's own words for color: the third edition, 11.3.2 (cICP before iCCP before sRGB before gAMA and cHRM; ITU-T H.273).
"""

import struct
from functools import lru_cache
from io import BytesIO

import numpy as np

from dlcli.imaging.color.icc import Chromaticities, Curve, make_profile
from dlcli.imaging.color.srgb import CURVE, D65, PRIMARIES
from dlcli.imaging.formats.jpeg_header import jpeg_metadata
from dlcli.imaging.formats.png_metadata import color_chunks, inflated, profile_of
from dlcli.imaging.formats.tiff.directory import tag_bytes

ICC = 34675  # a TIFF's tag
_BT709 = Curve(kind=3, parameters=(1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081))
_CODED_PRIMARIES: dict[int, Chromaticities] = {
    1: PRIMARIES,
    9: (D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),  # ITU-R BT.2020
    12: (D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # Display P3
}
_CODED_CURVES = {
    **dict.fromkeys((1, 6, 14, 15), _BT709),
    4: Curve(parameters=(2.2,)),
    5: Curve(parameters=(2.8,)),
    8: Curve(),
    13: CURVE,
}
_HDR = {16, 18}  # transfer characteristics
_USUAL_GAMMA, _NEAR = 0.45455, 0.05  # a file gamma that stands for sRGB's curve, and by what share another may differ


def stored_profile(data: bytes, format_name: str) -> bytes:
    """The profile, b"" where there is none: the image is taken for sRGB then. format_name: as `format_of` says."""
    if format_name == "JPEG":
        return jpeg_metadata(data)[2]
    if format_name == "PNG":
        return png_profile(data)
    if format_name == "WEBP":
        return _webp_profile(data)
    if format_name == "TIFF":
        return tag_bytes(data, ICC)
    return _by_pillow(data, format_name) if format_name in ("HEIF", "AVIF") else b""


def png_profile(data: bytes) -> bytes:
    """As a profile also where the PNG says it by numbers, unless they say sRGB."""
    chunks = color_chunks(data)
    coded = chunks.get(b"cICP", b"")
    if len(coded) == 4 and coded[0] in _CODED_PRIMARIES and coded[1] in _CODED_CURVES:
        return _made(_CODED_PRIMARIES[coded[0]], _CODED_CURVES[coded[1]])
    if b"iCCP" in chunks:
        return inflated(profile_of(chunks[b"iCCP"]))
    if b"sRGB" in chunks or not chunks.keys() & {b"gAMA", b"cHRM"}:
        return b""
    return _by_numbers(chunks.get(b"gAMA", b""), chunks.get(b"cHRM", b""))


def is_hdr(data: bytes) -> bool:
    """Whether a PNG's samples are PQ or HLG, which go far beyond the white of sRGB."""
    coded = color_chunks(data).get(b"cICP", b"")
    return len(coded) == 4 and coded[1] in _HDR


@lru_cache(maxsize=16)
def _by_numbers(gamma: bytes, chromaticities: bytes) -> bytes:
    """gAMA and cHRM, b"" for one that is absent; a number is 100,000 times what it means."""
    given = int.from_bytes(gamma, "big") / 100_000 if len(gamma) == 4 else 0
    usual = not 0.01 < given < 100 or abs(given / _USUAL_GAMMA - 1) <= _NEAR
    curve = CURVE if usual else Curve(parameters=(1 / given,))
    points: Chromaticities = PRIMARIES
    if len(chromaticities) == 32:
        numbers = np.frombuffer(chromaticities, ">u4").astype(float) / 100_000
        points = tuple((float(x), float(y)) for x, y in numbers.reshape(4, 2))
    return _made(points, curve)


def _made(points: Chromaticities, curve: Curve) -> bytes:
    """b"" for sRGB, and where the points span no colors."""
    if curve == CURVE and np.allclose(points, PRIMARIES, atol=0.002):
        return b""
    try:
        return make_profile("as the PNG says", points, curve)
    except (np.linalg.LinAlgError, ZeroDivisionError, OverflowError, ValueError, struct.error):
        return b""


def _webp_profile(data: bytes) -> bytes:
    at = 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"ICCP":
            return data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
    return b""


def _by_pillow(data: bytes, format_name: str) -> bytes:
    from PIL import Image

    with Image.open(BytesIO(data), formats=[format_name]) as image:
        return image.info.get("icc_profile") or b""
