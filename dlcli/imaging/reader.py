"""The one reader: a source's bytes to an upright RGB image, or a ImageError that names the file and the cause.

How each kind of file becomes RGB, once and for all:
  orientation   by EXIF, or else by XMP: applied to the pixels and recorded
  9 to 16 bits  by the range of so many bits, never the image's own, and to 8 bits, unless `keep_16_bit`; with a
                `value_range` by that. Numbers with signs, of more bits or with fractions need one
  bands         beside color and transparency are left out, which is noted
  gray, 1-bit   the same value in the three channels
  alpha         composited over white, also where a palette or a color key carries it
  palette       looked up
  CMYK          by its profile, or else Pillow's plain conversion (Adobe's inverted values set right)
  color         by its profile, or what a PNG says, to sRGB, unless `keep_colors`; without one it is sRGB
  animation     the first frame or page
"""

import io
import os
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from dlcli.errors import ImageError
from dlcli.imaging.color.convert import needs_conversion, to_srgb
from dlcli.imaging.color.stored import is_hdr, stored_profile
from dlcli.imaging.decoded import Decoded
from dlcli.imaging.depth import to_8_bit
from dlcli.imaging.extensions import EXTENSIONS, looks_like_image
from dlcli.imaging.fault import Fault, SizeCheck, check_size
from dlcli.imaging.file_bytes import Bytes, FileBytes
from dlcli.imaging.formats.decode_jpeg import decode_jpeg
from dlcli.imaging.formats.sniff import HEAD, describe, format_of
from dlcli.imaging.value_range import ValueRange
from dlcli.records import DecodedImage, Source
from dlcli.stopwatch import Stage, stage

__all__ = ["EXTENSIONS", "MAX_PIXELS", "looks_like_image", "read_image"]

MAX_PIXELS = 100_000_000


def read_image(
    source: Source,
    max_pixels: int = MAX_PIXELS,
    keep_16_bit: bool = False,
    admit: Callable[[int], None] | None = None,
    on_bytes: Callable[[bytes], None] | None = None,
    on_file: Callable[[Bytes], None] | None = None,
    keep_colors: bool = False,
    value_range: ValueRange | None = None,
    enough: tuple[int, int] | None = None,
) -> DecodedImage:
    """Read one image. Pixels are uint8 [H, W, 3], sRGB; uint16 for more than 8 bits where `keep_16_bit` is set.

    admit: called with the number of pixels, perhaps twice, before they are decoded; it may wait for memory.
    on_bytes: called with the file's bytes, those that are decoded, once it is known that they are an image.
    on_file: called with the bytes of what begins like an image, before they are read; it may wait for memory, and no
    more than their number is read afterwards.
    keep_colors: pixels stay in the color space of the file, whatever its profile.
    value_range: which values of samples of more than 8 bits are black and white; None: what the file's type says.
    enough: (width, height) of which the pixels need not have more: a JPEG of 2 megapixels that is twice as large
    is decoded at 1/2, 1/4 or 1/8 of its size, see DecodedImage.reduced; libjpeg then leaves out what would be
    averaged away.

    Raises ImageError of kind missing, not-a-file, unreadable, empty, not-a-picture, truncated, damaged,
    unsupported or too-large. May be called from several threads. The file's type is looked at before it is opened
    (a FIFO would block), its bytes are read in Python (`cv2.imread` dies on names that are not UTF-8), and its size
    is checked by the header before any pixel is decoded.
    """
    try:
        data = _given(source.content, on_file) if source.path is None else _load(source.path, on_file)
        name = _format(data)
        with stage(Stage.DECODING):
            found = _decode(data, name, _checks(max_pixels, admit), value_range, enough)
        if on_bytes is not None:
            on_bytes(data)
        with stage(Stage.DECODING):
            pixels = found.pixels if keep_16_bit else to_8_bit(found.pixels)
            pixels, color_notes = (pixels, ()) if keep_colors else _in_srgb(pixels, data, name)
    except Fault as fault:
        raise ImageError(fault.kind, fault.sentence(source.text)) from fault
    alike = partial(
        read_image, max_pixels=max_pixels, keep_16_bit=keep_16_bit, keep_colors=keep_colors, value_range=value_range
    )
    notes = (*found.notes, *color_notes)
    return DecodedImage(pixels, found.orientation, source, notes, alike, found.reduced, found.full)


def _in_srgb(pixels: np.ndarray, data: bytes, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Pixels in the colors of their file -> in sRGB, and what has to be said of that."""
    if name == "PNG" and is_hdr(data):
        return pixels, ("its colors are HDR (PQ or HLG), and were taken for sRGB",)
    profile = stored_profile(data, name)
    made = to_srgb(pixels, profile)
    unused = made is pixels and needs_conversion(profile)
    return made, (("its color profile cannot be used, and its colors were taken for sRGB",) if unused else ())


def _given(data: bytes, on_file: Callable[[Bytes], None] | None) -> bytes:
    if on_file is not None and format_of(data[:HEAD]) is not None:
        on_file(data)
    return data


def _load(path: Path, on_file: Callable[[Bytes], None] | None) -> bytes:
    """The bytes of a regular file; of one that is not an image only the first few."""
    try:
        _refuse_special(os.stat(path).st_mode)
        with open(path, "rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            if size > 1 << 20 or on_file is not None:  # do not load a film to learn that it is none
                head = os.pread(file.fileno(), HEAD, 0)
                if format_of(head) is None:
                    return head
            if on_file is None:
                return file.readall()
            on_file(FileBytes(file.fileno(), size))
            return io.BufferedReader(file).read(size)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _not_there(path) from error
    except PermissionError as error:
        raise Fault("unreadable", "you have no permission to read it") from error
    except MemoryError as error:
        raise Fault("too-large", "there is not enough memory to read it") from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise Fault("unreadable", f"it cannot be read ({getattr(error, 'strerror', None) or error})") from error


def _not_there(path: Path) -> Fault:
    """A name that leads to nothing; a link of that name is there, and so it is no matter of spelling."""
    if not os.path.islink(path):
        return Fault("missing", "no such file")
    goal = os.fsencode(os.readlink(path)).decode("utf-8", "replace")
    return Fault("unreadable", f"a link to {goal}, which is not there", "remove the link, or bring back what it names")


def _refuse_special(mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}
    raise Fault("not-a-file", f"it is {kinds.get(stat.S_IFMT(mode), 'a device')}, not a file")


def _checks(max_pixels: int, admit: Callable[[int], None] | None) -> SizeCheck:
    """What a decoder calls with (width, height) once it knows them."""

    def check(width: int, height: int) -> None:
        check_size(width, height, max_pixels)
        if admit is not None:
            admit(width * height)

    return check


def _format(data: bytes) -> str:
    """As `format_of` says; a TIFF that holds sensor data is RAW."""
    if not data:
        raise Fault("empty", "the file is empty (0 bytes)")
    name = format_of(data[:HEAD])
    if name is None:
        raise Fault("not-a-picture", f"not an image: its content is {describe(data[:HEAD])}")
    if name == "TIFF":
        from dlcli.imaging.formats.camera_raw import is_raw_tiff

        return "RAW" if is_raw_tiff(data) else name
    return name


def _decode(
    data: bytes, name: str, check: SizeCheck, value_range: ValueRange | None, enough: tuple[int, int] | None
) -> Decoded:
    """By the decoder of the format, loaded when the first such image comes."""
    if name == "JPEG":
        return decode_jpeg(data, check, enough)
    if name == "PNG":
        from dlcli.imaging.formats.decode_png import decode_png

        return decode_png(data, check, value_range)
    if name == "TIFF":
        from dlcli.imaging.formats.tiff.decode import decode_tiff

        return decode_tiff(data, check, value_range)
    if name == "RAW":
        from dlcli.imaging.formats.camera_raw import decode_raw

        return decode_raw(data, check)
    if name in ("HEIF", "AVIF"):
        from dlcli.imaging.formats.heif import decode_heif

        return decode_heif(data, name, check)
    if name == "JXL":
        raise Fault("unsupported", "it is a JPEG XL image")
    from dlcli.imaging.formats.decode_pillow import decode_with_pillow

    return Decoded(*decode_with_pillow(data, name, check))
