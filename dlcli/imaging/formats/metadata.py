"""What an image file holds beside its pixels: texts, resolution and colors, made true for the pixels written."""

from dataclasses import fields, replace
from typing import Any

from dlcli.frozen import dataclass
from dlcli.imaging.formats import exif_block
from dlcli.imaging.formats.orientation import upright_xmp

_RGB_SPACE, _GRAY_SPACE = b"RGB ", b"GRAY"  # at byte 16 of a profile: what its values are (ICC.1:2022, 7.2.6)


@dataclass(frozen=True)
class Metadata:
    """Each empty where there is none.

    exif: a block that begins with II or MM, without the six bytes "Exif" and two NULs. xmp: an XML packet.
    icc: a color profile. iptc: IIM records. dpi: pixels an inch, across and down.
    texts, color: whole chunks of a PNG, one behind the other; color, the profile's included, says what icc says.
    geo: (tag, value) of GeoTIFF, which places pixels on the earth.
    never_kept: words for what else there is, which no format is given.
    """

    exif: bytes = b""
    xmp: bytes = b""
    icc: bytes = b""
    iptc: bytes = b""
    dpi: tuple[float, float] | tuple[()] = ()
    texts: bytes = b""
    color: bytes = b""
    geo: tuple[tuple[int, Any], ...] = ()
    never_kept: tuple[str, ...] = ()

    def for_pixels(self, width: int, height: int, turned: bool, gray: bool = False) -> "Metadata":
        """The same for RGB or gray pixels of this size. turned: an orientation other than 1 was applied to them.

        Then it becomes 1 in EXIF and XMP; what was not applied stays. The EXIF size becomes theirs; an EXIF thumbnail,
        which shows the image as it was, goes; so do a damaged EXIF block and a profile of other colors.
        """
        exif = exif_block.for_pixels(self.exif, width, height, turned) or b""
        xmp = upright_xmp(self.xmp) if turned else self.xmp
        fits = self.icc[16:20] == (_GRAY_SPACE if gray else _RGB_SPACE)
        color = self.color if fits or b"iCCP" not in self.color else b""
        return replace(self, exif=exif, xmp=xmp, icc=self.icc if fits else b"", color=color)

    def stripped(self) -> "Metadata":
        """What says its colors alone: without it the same numbers would be others."""
        return Metadata(icc=self.icc, color=self.color)

    def only(self, *names: str) -> "Metadata":
        """These fields of it."""
        return Metadata(**{name: getattr(self, name) for name in names})

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))
