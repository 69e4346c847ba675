"""What a JPEG says beside EXIF, XMP and its profile: resolution, IPTC, and what is not carried on.

JFIF 1.02, appendix B; IPTC stands in Adobe's Photoshop block as resource 0x0404 (Photoshop File Formats).
"""

from dlcli.imaging.formats.jpeg_header import EXIF_MARK, segments

PHOTOSHOP_MARK = b"Photoshop 3.0\0"
_IPTC, _RESOURCE = 0x0404, b"8BIM"
_APP0, _APP1, _APP2, _APP13, _COMMENT, _START_OF_SCAN = 0xE0, 0xE1, 0xE2, 0xED, 0xFE, 0xDA
_LONG_XMP, _MORE_IMAGES = b"http://ns.adobe.com/xmp/extension/\0", b"MPF\0"
_TO_INCHES = {1: 1.0, 2: 2.54}  # units of JFIF: dots an inch, dots a centimeter


def jpeg_extras(data: bytes) -> tuple[tuple[float, float] | tuple[()], bytes, tuple[str, ...]]:
    """(dpi, IPTC records, words for what is not carried on) of what stands before the first scan."""
    dpi: tuple[float, float] | tuple[()] = ()
    iptc, lost, blocks = b"", [], 0
    for marker, body in segments(data):
        if marker == _START_OF_SCAN:
            break
        if marker == _APP0 and body.startswith(b"JFIF\0") and len(body) >= 12:
            dpi = dpi or _density(body)
        elif marker == _APP13 and body.startswith(PHOTOSHOP_MARK):
            iptc = iptc or photoshop_iptc(body[len(PHOTOSHOP_MARK) :])
        elif marker == _COMMENT:
            lost.append("a JPEG comment")
        elif marker == _APP1 and body.startswith(_LONG_XMP):
            lost.append("the part of XMP that is longer than 64 KB")
        elif marker == _APP2 and body.startswith(_MORE_IMAGES):
            lost.append("further images behind a JPEG")
        elif marker == _APP1 and body.startswith(EXIF_MARK[:5]):
            blocks += 1
    lost += ["a second EXIF block"] if blocks > 1 else []
    return dpi, iptc, tuple(dict.fromkeys(lost))


def _density(body: bytes) -> tuple[float, float] | tuple[()]:
    factor = _TO_INCHES.get(body[7], 0)
    across, down = (int.from_bytes(body[at : at + 2], "big") * factor for at in (8, 10))
    return (across, down) if across and down else ()


def photoshop_iptc(block: bytes) -> bytes:
    """The IPTC records in a block of resources; b"" where there are none or it is damaged."""
    at = 0
    while block[at : at + 4] == _RESOURCE and at + 12 <= len(block):
        name = block[at + 6] + 1  # a string, its length first, padded to an even count
        start = at + 6 + name + name % 2
        length = int.from_bytes(block[start : start + 4], "big")
        if int.from_bytes(block[at + 4 : at + 6], "big") == _IPTC:
            return block[start + 4 : start + 4 + length]
        at = start + 4 + length + length % 2
    return b""


def photoshop_block(iptc: bytes) -> bytes:
    """A block of resources that holds these records."""
    return _RESOURCE + _IPTC.to_bytes(2, "big") + b"\0\0" + len(iptc).to_bytes(4, "big") + iptc + bytes(len(iptc) % 2)
