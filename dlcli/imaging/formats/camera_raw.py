"""Camera raw files, told by their structure whatever their name: what they show as it stands is the camera's preview.

DNG: Adobe's specification 1.7; CFA and linear raw photometry: TIFF/EP. They are developed by LibRaw where the extra
[formats] brought rawpy, and refused where not.
"""

from importlib.util import find_spec
from io import BytesIO
from itertools import islice

from dlcli.distribution import FORMATS
from dlcli.imaging.decoded import Decoded
from dlcli.imaging.fault import Fault, SizeCheck
from dlcli.imaging.file_bytes import Bytes
from dlcli.imaging.formats.tiff.directory import COMPRESSION, DNG_VERSION, PHOTOMETRIC, all_directories

DEVELOP = "develop it first, to TIFF or JPEG"
ADVICE = f"{DEVELOP}, or {FORMATS}"
_CANON_2, _PHASE_ONE = b"CR", b"IIII"  # behind the header of a TIFF
_COLOR_FILTER, _LINEAR_RAW = 32803, 34892  # photometry
_RAW_COMPRESSIONS = {32767, 32769, 32770, 34713, 65000, 65535}  # Sony, Epson, Samsung, Nikon, Kodak, Pentax
_FIRST = 200  # pages and SubIFDs that are looked at
_ORIENTATIONS = {0: 1, 3: 3, 5: 8, 6: 6}  # of LibRaw's `flip`


def is_raw_tiff(data: Bytes) -> bool:
    """Whether a TIFF holds sensor data, on one of its first pages or below them."""
    if data[8:10] == _CANON_2 or data[8:12] == _PHASE_ONE:
        return True
    for tags in islice(all_directories(data), _FIRST):
        kinds = {value for tag in (PHOTOMETRIC, COMPRESSION) for value in tags.get(tag, ())}
        if DNG_VERSION in tags or kinds & {_COLOR_FILTER, _LINEAR_RAW, *_RAW_COMPRESSIONS}:
            return True
    return False


def decode_raw(data: bytes, check: SizeCheck) -> Decoded:
    """Developed as LibRaw does it by default, but with the camera's white balance and without brightening.

    uint8, sRGB. Fault: unsupported without rawpy, damaged.
    """
    if find_spec("rawpy") is None:
        raise Fault("unsupported", "it is a camera raw file", ADVICE)
    import rawpy

    try:
        with rawpy.imread(BytesIO(data)) as raw:
            check(raw.sizes.raw_width, raw.sizes.raw_height)
            pixels = raw.postprocess(use_camera_wb=True, no_auto_bright=True)  # upright
            orientation = _ORIENTATIONS.get(raw.sizes.flip, 1)
    except rawpy.LibRawFileUnsupportedError as error:
        raise Fault("unsupported", "it is a camera raw file of a kind that LibRaw does not know", DEVELOP) from error
    except rawpy.LibRawError as error:
        raise Fault("damaged", f"its camera raw data cannot be developed ({error})") from error
    note = "a camera raw file, developed by LibRaw with the camera's white balance"
    return Decoded(pixels, orientation, (note,))
