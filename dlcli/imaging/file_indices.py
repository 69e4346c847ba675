"""The numbers of an image with a palette, which are classes as often as colors, read without looking them up."""

from io import BytesIO

import numpy as np
from PIL import Image

from dlcli.frozen import dataclass
from dlcli.imaging.formats.decode_png import readable_png
from dlcli.imaging.formats.sniff import HEAD, format_of
from dlcli.imaging.orient import turn
from dlcli.records import DecodedImage


@dataclass(frozen=True)
class Indices:
    """values: uint8 [H, W]. palette: RGB of each number, b"" where they are shades of gray themselves.

    transparency: as Pillow has it, a number or the alpha of each, None where there is none.
    """

    values: np.ndarray
    palette: bytes = b""
    transparency: int | bytes | None = None


def read_indices(image: DecodedImage) -> Indices | None:
    """Those of an image that has been read, upright. None: it has no palette, or is a part of an image."""
    source = image.source
    if source is None or source.crop is not None or source.frame is not None:
        return None
    data = source.content if source.path is None else source.path.read_bytes()
    name = format_of(data[:HEAD]) or ""
    data = readable_png(data)[0] if name == "PNG" else data
    with Image.open(BytesIO(data), formats=[name]) as stored:
        if stored.mode != "P":
            return None
        transparency = stored.info.get("transparency")
        stored.load()
        values = np.array(stored)
        palette = bytes(stored.getpalette("RGB") or b"")
    if name != "TIFF":  # which Pillow turns
        values = turn(values, image.exif_orientation)
    same_size = values.shape == image.pixels.shape[:2]
    return Indices(values, palette, transparency) if same_size and palette else None
