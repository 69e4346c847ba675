"""Any format to pixels by Pillow, 16-bit color by OpenCV, which Pillow would narrow; called by the reader."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import cv2
import numpy as np
from PIL import (
    BmpImagePlugin,  # noqa: F401  imported here, from one thread, so that Image.open never has to
    GifImagePlugin,  # noqa: F401
    Image,
    JpegImagePlugin,  # noqa: F401
    MpoImagePlugin,  # noqa: F401
    PngImagePlugin,  # noqa: F401
    TiffImagePlugin,  # noqa: F401
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401
)

from dlcli.errors import ImageError
from dlcli.imaging.color.convert import cmyk_to_srgb
from dlcli.imaging.depth import to_rgb
from dlcli.imaging.fault import Fault, SizeCheck
from dlcli.imaging.formats.jpeg_scans import FEWEST, refuse_scans
from dlcli.imaging.formats.png_check import png_bit_depth, png_fault
from dlcli.imaging.formats.stored_metadata import stored_orientation
from dlcli.imaging.formats.tiff_header import JPEG_IN_TIFF, block_places, read_tiff_header
from dlcli.imaging.orient import turn

warnings.filterwarnings("ignore", module=r"PIL\.")  # what a Fault does not say of a bad file, nobody needs to read
Image.MAX_IMAGE_PIXELS = None  # the reader's check stands in its place, with a limit that the user can set

TRANSPARENT = {"LA", "La", "PA", "RGBA", "RGBa"}
_ORIENTATION_TAG, _BITS_TAG = 0x0112, 258
_TRUNCATED = re.compile(r"truncat|EOF|end of file|not enough|more data", re.IGNORECASE)


def decode_with_pillow(data: bytes, format_name: str, check: SizeCheck) -> tuple[np.ndarray, int]:
    """Upright [H, W, 3] RGB, uint8 or uint16 as stored, and the orientation found; raises Fault."""
    with _faults(data, format_name), Image.open(BytesIO(data), formats=[format_name]) as image:
        check(*image.size)
        _check_container(data, format_name, check)
        orientation = stored_orientation(image, data, format_name)
        deep = _has_deep_color(image, data, format_name)
        tagged = format_name != "TIFF" or _ORIENTATION_TAG in image.tag_v2  # type: ignore[attr-defined]
        image.load()
        pixels = _deep_pixels(data) if deep else None
        if pixels is None:
            pixels = _pixels(image)
        if format_name != "TIFF" or (deep and not tagged):  # Pillow turns a TIFF itself, OpenCV by its tag
            pixels = turn(pixels, orientation)
        return pixels, orientation


@contextmanager
def _faults(data: bytes, format_name: str) -> Iterator[None]:
    """Pillow raises nearly anything on a bad file; it becomes a Fault here."""
    try:
        yield
    except (Fault, ImageError):  # the latter from a SizeCheck
        raise
    except MemoryError as error:
        raise Fault("too-large", "there is not enough memory to decode it") from error
    except UnidentifiedImageError as error:
        raise Fault(
            "damaged",
            f"its {format_name} header is damaged, cut off or of a kind that is not read, such as float samples",
        ) from error
    except Exception as error:
        if _TRUNCATED.search(str(error)):
            raise Fault("truncated", f"{format_name} data ends too early, after {len(data):,} bytes") from error
        raise Fault("damaged", f"its {format_name} data cannot be decoded ({error})") from error


def _check_container(data: bytes, format_name: str, check: SizeCheck) -> None:
    """What the container itself states about its length and its sums, and the size of its tiles."""
    if format_name == "PNG":
        fault = png_fault(data)
        if fault:
            raise Fault(*fault)
    if format_name == "WEBP":
        stated = int.from_bytes(data[4:8], "little") + 8
        if len(data) < stated:
            raise Fault("truncated", f"WebP data ends after {len(data):,} of {stated:,} bytes")
    if format_name == "TIFF":
        _check_tiff(data, check)


def _check_tiff(data: bytes, check: SizeCheck) -> None:
    """A tile is decoded whole, however little of it the image shows; a strip may be a JPEG of many scans."""
    header = read_tiff_header(data)
    if header is not None and all(header.tile):
        check(*header.tile)
    if header is not None and header.compression in JPEG_IN_TIFF and data.count(b"\xff\xda") > FEWEST:
        for offset, length in block_places(data):
            refuse_scans(data[offset : offset + length], header.width * header.height)


def stored_bits(image: Image.Image, data: bytes, format_name: str) -> int:
    """Bits a sample in the file, the most of its channels. data: its first bytes at least."""
    if format_name == "PNG":
        return png_bit_depth(data)
    if format_name == "TIFF":
        return max(image.tag_v2.get(_BITS_TAG, (1,)))  # type: ignore[attr-defined]
    return 1 if image.mode == "1" else 8


def _has_deep_color(image: Image.Image, data: bytes, format_name: str) -> bool:
    """Whether there are 16 bits a sample that Pillow would narrow (it keeps them for plain gray)."""
    if image.mode not in {"RGB", "RGBA", "LA", "RGBX"}:
        return False
    if format_name == "TIFF":
        return set(image.tag_v2.get(_BITS_TAG, (1,))) == {16}  # type: ignore[attr-defined]
    return stored_bits(image, data, format_name) == 16


def _deep_pixels(data: bytes) -> np.ndarray | None:
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if pixels is None or pixels.dtype != np.uint16:
        return None
    if pixels.ndim == 3 and pixels.shape[2] >= 3:
        pixels[..., :3] = pixels[..., 2::-1].copy()  # BGR(A) -> RGB(A)
    return to_rgb(pixels)


def _pixels(image: Image.Image) -> np.ndarray:
    """A loaded image -> [H, W, 3] RGB, uint8, or uint16 for 16-bit gray."""
    if image.mode.startswith("I;16"):
        return to_rgb(np.array(image).astype(np.uint16))
    if image.mode in {"I", "F", "LAB"}:
        raise Fault("unsupported", f"samples of the kind {image.mode!r} have no fixed range of light")
    if image.mode == "CMYK":
        return np.array(cmyk_to_srgb(image) or image.convert("RGB"))
    if image.mode in TRANSPARENT or "transparency" in image.info:
        return to_rgb(np.array(image.convert("RGBA")))
    return np.array(image.convert("RGB"))
