"""Samples of a TIFF by tifffile and imagecodecs, where the extra [formats] brought them."""

import logging
from functools import cache
from importlib.util import find_spec
from io import BytesIO

import numpy as np

from dlcli.distribution import FORMATS
from dlcli.imaging.fault import Fault
from dlcli.imaging.formats.tiff.layout import Layout, dtype_of

INSTALL = f"{FORMATS}, or convert it to 8-bit PNG or JPEG first"


@cache
def has_tifffile() -> bool:
    return find_spec("tifffile") is not None and find_spec("imagecodecs") is not None


def samples_by_tifffile(data: bytes, layout: Layout) -> np.ndarray:
    """As `samples.read_samples` gives them; Fault."""
    import tifffile

    logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # what it raises is said here
    try:
        with tifffile.TiffFile(BytesIO(data)) as file:
            page = file.pages[0]
            found = np.asarray(page.asarray(maxworkers=1))  # type: ignore[union-attr]
    except MemoryError:
        raise
    except Exception as error:  # codecs raise nearly anything
        raise Fault("damaged", f"its TIFF data cannot be decoded ({error})") from error
    if layout.apart:
        found = np.moveaxis(found, 0, -1)
    shape = (layout.height, layout.width, layout.samples)
    if found.size != np.prod(shape) or found.dtype != dtype_of(layout):
        raise Fault(
            "unsupported", f"its TIFF data is read as {found.dtype} {list(found.shape)}, other than its tags say"
        )
    return np.ascontiguousarray(found.reshape(shape)[..., list(layout.wanted)])
