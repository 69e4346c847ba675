"""Options of `dlcli preprocess`. Light."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from dlcli.frozen import dataclass
from dlcli.tasks.options import MODEL, option

if TYPE_CHECKING:
    pass


STEPS = "Steps, in this order (or write your own with --pre)"


WRITING = "Files"


AUDIT = "Audit"


QUALITY, DUPLICATE_BITS = 90, 8


class Format(StrEnum):
    KEEP = "keep"
    JPG = "jpg"
    PNG = "png"
    WEBP = "webp"
    TIFF = "tiff"


class Keep(StrEnum):
    KEEP = "keep"
    STRIP = "strip"


class Pages(StrEnum):
    FIRST = "first"
    ALL = "all"


@dataclass(frozen=True)
class PreprocessOptions:
    """Options of `dlcli preprocess` beside those of every image command. None: not given."""

    white_balance: Annotated[
        bool, option("Gray-world white balance: removes a color cast.", "--white-balance", panel=STEPS)
    ] = False
    denoise: Annotated[
        float | None,
        option("Denoise: smooth noise of about this many gray levels, such as 10.", panel=STEPS, metavar="STRENGTH"),
    ] = None
    clahe: Annotated[
        float | None,
        option(
            "CLAHE: local contrast with this clip limit, such as 2; 8 and 16 bits get the same effect, and 16 keep all "
            "levels.",
            panel=STEPS,
            metavar="CLIP",
        ),
    ] = None
    gamma: Annotated[
        float | None, option("Gamma: below 1 brightens, above 1 darkens, such as 0.8.", panel=STEPS, metavar="G")
    ] = None
    sharpen: Annotated[
        float | None, option("Unsharp mask with this amount, such as 1.", panel=STEPS, metavar="AMOUNT")
    ] = None
    resize: Annotated[
        str, option("The longer side, 640, or both, 640x480.", panel=STEPS, metavar="SIZE", show_default=False)
    ] = ""
    format: Annotated[
        Format | None,
        option("The format to write. keep (the default): as named; BMP and GIF become PNG.", panel=WRITING),
    ] = None
    quality: Annotated[
        int | None, option(f"Quality of JPEG and WebP; default {QUALITY}.", panel=WRITING, min=1, max=100)
    ] = None
    metadata: Annotated[
        Keep | None,
        option(
            "keep (the default): EXIF, GPS, XMP go along; strip: only the color profile does, which colors need.",
            panel=WRITING,
        ),
    ] = None
    pages: Annotated[
        Pages | None,
        option(
            "all: every page of a TIFF into a TIFF, every frame of an animation into PNG, WebP or TIFF; first (the "
            "default): how many were left out is said.",
            panel=WRITING,
        ),
    ] = None
    to_srgb: Annotated[
        bool,
        option(
            "Convert colors to sRGB by the image's profile, or what a PNG says; unless given, its colors and profile "
            "are kept.",
            "--to-srgb",
            panel=WRITING,
        ),
    ] = False
    preview: Annotated[
        bool,
        option("Also write preview/: before and after side by side, with histograms.", "--preview", panel=WRITING),
    ] = False
    for_: Annotated[
        str,
        option(
            "Write exactly what this model sees, as PNG, and record how to map back to the image.",
            "--for",
            panel=MODEL,
            metavar="MODEL",
        ),
    ] = ""
    check: Annotated[
        bool,
        option(
            "Write no images: name files that are damaged, misnamed, turned by EXIF, 16-bit, CMYK, transparent, "
            "animated or near-duplicates. Exit code 3 where a file is unusable; the others are warnings, which "
            "--strict makes exit code 1.",
            "--check",
            panel=AUDIT,
        ),
    ] = False
    duplicate_bits: Annotated[
        int | None,
        option(
            f"With --check: near-duplicates differ in at most so many of the 64 bits of their perceptual hashes; "
            f"{DUPLICATE_BITS} unless given, -1: do not look for them.",
            panel=AUDIT,
            min=-1,
            max=31,
        ),
    ] = None
