"""Any format to pixels by Pillow; called by the reader and by the decoders of single formats."""

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO

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
from dlcli.imaging.color.convert import cmyk_to_rgb
from dlcli.imaging.depth import to_rgb
from dlcli.imaging.fault import Fault, SizeCheck
from dlcli.imaging.formats.png_check import png_fault
from dlcli.imaging.formats.stored_metadata import stored_orientation
from dlcli.imaging.orient import turn

warnings.filterwarnings("ignore", module=r"PIL\.")  # what a Fault does not say of a bad file, nobody needs to read
Image.MAX_IMAGE_PIXELS = None  # the reader's check stands in its place, with a limit that the user can set

TRANSPARENT = {"LA", "La", "PA", "RGBA", "RGBa"}
_ORIENTATION_TAG = 0x0112
_TRUNCATED = re.compile(r"truncat|EOF|end of file|not enough|more data", re.IGNORECASE)


def decode_with_pillow(
    data: bytes, format_name: str, check: SizeCheck, pixels_of: Callable[[bytes], np.ndarray] | None = None
) -> tuple[np.ndarray, int]:
    """Upright [H, W, 3] RGB, uint8 or uint16 as stored, and the orientation found; raises Fault.

    pixels_of: makes RGB of the file's bytes in Pillow's stead, once Pillow has found them whole.
    """
    with _faults(data, format_name), Image.open(BytesIO(data), formats=[format_name]) as image:
        check(*image.size)
        _check_container(data, format_name)
        orientation = stored_orientation(image, data, format_name)
        image.load()
        pixels = pixels_of(data) if pixels_of else _pixels(image)
        if format_name != "TIFF":  # Pillow turns a TIFF itself while loading
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


def _check_container(data: bytes, format_name: str) -> None:
    """What the container itself states about its length and its sums."""
    if format_name == "PNG":
        fault = png_fault(data)
        if fault:
            raise Fault(*fault)
    if format_name == "WEBP":
        stated = int.from_bytes(data[4:8], "little") + 8
        if len(data) < stated:
            raise Fault("truncated", f"WebP data ends after {len(data):,} of {stated:,} bytes")


def _pixels(image: Image.Image) -> np.ndarray:
    """A loaded image of 8 bits or fewer -> uint8 [H, W, 3] RGB."""
    if image.mode.startswith("I") or image.mode in {"F", "LAB"}:
        raise Fault("unsupported", f"samples of the kind {image.mode!r} have no fixed range of light")
    if image.mode == "CMYK":
        return np.array(cmyk_to_rgb(image, image.info.get("icc_profile") or b""))
    if image.mode in TRANSPARENT or "transparency" in image.info:
        return to_rgb(np.array(image.convert("RGBA")))
    return np.array(image.convert("RGB"))
