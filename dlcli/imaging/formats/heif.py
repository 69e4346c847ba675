"""HEIC, HEIF and AVIF to pixels, where Pillow reads AVIF and the extra [formats] brought pillow-heif.

Layout: ISO/IEC 23008-12.
"""

from functools import cache
from importlib.util import find_spec

from dlcli.distribution import FORMATS
from dlcli.imaging.decoded import Decoded
from dlcli.imaging.fault import Fault, SizeCheck
from dlcli.imaging.formats.decode_pillow import decode_with_pillow

INSTALL = f"{FORMATS}, or convert it to JPEG or PNG first"
_NAMES = {"HEIF": "a HEIC or HEIF image", "AVIF": "an AVIF image"}
_HEADER = 1 << 16  # bytes in which the properties of an image stand


def decode_heif(data: bytes, format_name: str, check: SizeCheck) -> Decoded:
    """uint8. Fault: unsupported where no reader is installed, else as `decode_with_pillow`."""
    if not register(format_name):
        raise Fault("unsupported", f"it is {_NAMES[format_name]}", INSTALL)
    bits = stored_bits(data)
    notes = (f"its {bits} bits a sample were read as 8",) if bits > 8 else ()
    return Decoded(*decode_with_pillow(data, format_name, check), notes)


@cache
def register(format_name: str) -> bool:
    """Make the format known to Pillow; False where nothing here reads it."""
    if format_name == "AVIF":
        from PIL import features

        if not features.check("avif"):
            return False
        from PIL import AvifImagePlugin  # noqa: F401

        return True
    if find_spec("pillow_heif") is None:
        return False
    import pillow_heif

    pillow_heif.register_heif_opener(thumbnails=False)
    return True


def stored_bits(data: bytes) -> int:
    """Bits a sample by the `pixi` property, the most of its channels; 8 where there is none."""
    at = data.find(b"pixi", 0, _HEADER)
    count = data[at + 8] if 0 <= at < len(data) - 8 else 0
    return max(data[at + 9 : at + 9 + count], default=8)
