"""What an image file holds beside its pixels: EXIF, XMP and the color profile, made true for the pixels written."""

from dataclasses import dataclass, replace

from dlcli.imaging.formats import exif_block
from dlcli.imaging.formats.orientation import upright_xmp

_RGB_SPACE = b"RGB "  # at byte 16 of a profile: what its values are (ICC.1:2022, 7.2.6)


@dataclass(frozen=True)
class Metadata:
    """Each b"" where there is none.

    exif: a block that begins with II or MM, without the six bytes "Exif" and two NULs. xmp: an XML packet.
    icc: a color profile.
    """

    exif: bytes = b""
    xmp: bytes = b""
    icc: bytes = b""

    def for_pixels(self, width: int, height: int, turned: bool) -> "Metadata":
        """The same for RGB pixels of this size. turned: an orientation other than 1 was applied to them.

        Then it becomes 1 in EXIF and XMP; what was not applied stays. The EXIF size becomes theirs; an EXIF thumbnail,
        which shows the image as it was, goes; so do a damaged EXIF block and a profile of other than RGB.
        """
        exif = exif_block.for_pixels(self.exif, width, height, turned) or b""
        xmp = upright_xmp(self.xmp) if turned else self.xmp
        return Metadata(exif, xmp, self.icc if self.icc[16:20] == _RGB_SPACE else b"")

    def stripped(self) -> "Metadata":
        """The color profile alone: without it the same numbers would be other colors."""
        return replace(self, exif=b"", xmp=b"")

    def __bool__(self) -> bool:
        return bool(self.exif or self.xmp or self.icc)
