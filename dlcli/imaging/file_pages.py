"""The pages of a TIFF and the frames of an animation behind the first, each read by the rules of the first."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import numpy as np
from PIL import Image

from dlcli.errors import ImageError
from dlcli.frozen import dataclass
from dlcli.imaging.color.convert import to_srgb
from dlcli.imaging.color.stored import stored_profile
from dlcli.imaging.depth import to_rgb
from dlcli.imaging.fault import Fault
from dlcli.imaging.formats.decode_pillow import pillow_faults
from dlcli.imaging.formats.sniff import HEAD, format_of
from dlcli.imaging.formats.tiff.kinds import page_places
from dlcli.records import DecodedImage, Source


@dataclass(frozen=True)
class Page:
    """image: its source holds the bytes of a file whose first page it is; None for a frame. duration: in ms."""

    image: DecodedImage
    duration: float = 0


def later_pages(image: DecodedImage, keep_colors: bool) -> Iterator[Page]:
    """One at a time. ImageError: one of them cannot be used, which is named by its number, from 1."""
    source = image.source
    assert source is not None
    assert image.read_alike is not None
    data = source.content if source.path is None else source.path.read_bytes()
    name = format_of(data[:HEAD])
    if name == "TIFF":
        for number, at in list(enumerate(page_places(data), 1))[1:]:
            part = replace(source, name=f"{source.name} page {number}", path=None, data=_beginning_at(data, at))
            yield Page(image.read_alike(part))
    elif name in ("GIF", "PNG", "WEBP"):
        yield from _frames(source, data, name, b"" if keep_colors else stored_profile(data, name))


def frame_times(source: Source) -> tuple[float, int]:
    """(milliseconds of the first frame, how often all are shown, 0 for ever) of an animation."""
    data = source.content if source.path is None else source.path.read_bytes()
    with Image.open(BytesIO(data)) as image:
        image.load()
        return float(image.info.get("duration", 0)), int(image.info.get("loop", 1))


def _beginning_at(data: bytes, at: int) -> bytes:
    """The TIFF with its directory at `at` as the first."""
    order = "little" if data[:2] == b"II" else "big"
    if data[2:4] in (b"+\0", b"\0+"):
        return data[:8] + at.to_bytes(8, order) + data[16:]  # type: ignore[arg-type]
    return data[:4] + at.to_bytes(4, order) + data[8:]  # type: ignore[arg-type]


def _frames(source: Source, data: bytes, name: str, profile: bytes) -> Iterator[Page]:
    number = 1
    try:
        with pillow_faults(data, name), Image.open(BytesIO(data), formats=[name]) as image:
            for number in range(1, getattr(image, "n_frames", 1)):
                image.seek(number)
                pixels = to_srgb(to_rgb(np.array(image.convert("RGBA"))), profile)
                yield Page(DecodedImage(pixels, 1, None), float(image.info.get("duration", 0)))
    except Fault as fault:
        raise ImageError(fault.kind, fault.sentence(f"{source.text} frame {number + 1}")) from fault
