"""TIFF bytes to pixels: by our own reading of the samples, or by Pillow for the few layouts that it reads rightly.

What neither knows is read by tifffile where the extra [formats] is installed, and is refused with the reason where not.
"""

import numpy as np

from dlcli.imaging.decoded import Decoded
from dlcli.imaging.fault import Fault, SizeCheck
from dlcli.imaging.formats.decode_pillow import decode_with_pillow
from dlcli.imaging.formats.jpeg_scans import refuse_scans
from dlcli.imaging.formats.tiff.color import COLORS, band_notes, check_color, to_pixels
from dlcli.imaging.formats.tiff.directory import tag_bytes
from dlcli.imaging.formats.tiff.header import JPEG_IN_TIFF
from dlcli.imaging.formats.tiff.kinds import COMPRESSIONS, by_pillow, page_notes, refuse_preview
from dlcli.imaging.formats.tiff.layout import PALETTE, YCBCR, Layout, dtype_of, read_layout
from dlcli.imaging.formats.tiff.metadata import ICC, tiff_orientation
from dlcli.imaging.formats.tiff.samples import can_read, check_blocks, read_samples
from dlcli.imaging.formats.tiff.with_tifffile import INSTALL, has_tifffile, samples_by_tifffile
from dlcli.imaging.orient import turn
from dlcli.imaging.value_range import ValueRange

_NAMES = {PALETTE: "palette", YCBCR: "YCbCr"}  # of the colors that Pillow alone reads


def decode_tiff(data: bytes, check: SizeCheck, value_range: ValueRange | None = None) -> Decoded:
    """The first page, upright; raises Fault. value_range: for samples of more than 8 bits."""
    layout = read_layout(data)
    refuse_preview(data)
    _check_sizes(data, layout, check)
    notes = page_notes(data)
    if by_pillow(layout):
        pixels, orientation = decode_with_pillow(data, "TIFF", check)
        return Decoded(pixels, orientation, (*band_notes(layout), *notes))
    check_color(layout, value_range)
    pixels, found = to_pixels(_samples(data, layout), layout, value_range, tag_bytes(data, ICC))
    orientation = tiff_orientation(data)
    return Decoded(turn(pixels, orientation), orientation, (*found, *notes))


def _samples(data: bytes, layout: Layout) -> np.ndarray:
    if layout.photometric not in COLORS:
        name = COMPRESSIONS.get(layout.compression, f"number {layout.compression}")
        how = f"{layout.bits} bits, compression {name}, planes {'apart' if layout.apart else 'together'}"
        raise Fault("unsupported", f"its {_NAMES[layout.photometric]} colors are not read as they are stored ({how})")
    if dtype_of(layout) is None:
        raise Fault("unsupported", f"its samples of {layout.bits} bits are of a kind that is not read")
    if can_read(layout):
        return read_samples(data, layout, layout.wanted)
    if has_tifffile():
        check_blocks(data, layout)  # tifffile would fill up what is missing
        return samples_by_tifffile(data, layout)
    name = COMPRESSIONS.get(layout.compression, f"number {layout.compression}")
    raise Fault("unsupported", f"its TIFF compression ({name}) is not read at {layout.bits} bits", INSTALL)


def _check_sizes(data: bytes, layout: Layout, check: SizeCheck) -> None:
    """A tile is decoded whole, however little of it the image shows; a strip may be a JPEG of many scans."""
    check(layout.width, layout.height)
    if layout.tiled:
        check(layout.across, layout.down)
    if layout.compression in JPEG_IN_TIFF:
        for offset, length in layout.blocks:
            refuse_scans(data[offset : offset + length], layout.width * layout.height)
