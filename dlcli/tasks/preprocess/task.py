"""`dlcli preprocess`: its options, and which of its three ways they mean. Light."""

from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from dlcli.errors import UsageError
from dlcli.imaging.extensions import is_video
from dlcli.tasks.contract import Predictor, TaskDefaults
from dlcli.tasks.options import option
from dlcli.tasks.preprocess.chain import chain_of, flags_given
from dlcli.tasks.preprocess.names import SUFFIXES, picture_name, preview_name
from dlcli.tasks.preprocess.schema import SCHEMA

if TYPE_CHECKING:
    from dlcli.records import Source

STEPS = "Steps, in this order (or write your own with --pre)"
WRITING = "How pictures are written"
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


@dataclass(frozen=True)
class PreprocessOptions:
    """Options of `dlcli preprocess` beside those of every picture command. None: not given."""

    white_balance: Annotated[bool, option("Grey world: no colour cast.", "--white-balance", panel=STEPS)] = False
    denoise: Annotated[
        float | None, option("Smooth noise of about so many grey levels, such as 10.", panel=STEPS, metavar="STRENGTH")
    ] = None
    clahe: Annotated[
        float | None, option("Local contrast with this clip limit, such as 2.", panel=STEPS, metavar="CLIP")
    ] = None
    gamma: Annotated[
        float | None, option("Below 1 brightens, above 1 darkens, such as 0.8.", panel=STEPS, metavar="G")
    ] = None
    sharpen: Annotated[
        float | None, option("Unsharp mask of this strength, such as 1.", panel=STEPS, metavar="AMOUNT")
    ] = None
    resize: Annotated[
        str, option("The longer side, 640, or both, 640x480.", panel=STEPS, metavar="SIZE", show_default=False)
    ] = ""
    format: Annotated[
        Format | None,
        option("The format to write. keep (the default): as named; BMP and GIF become PNG.", panel=WRITING),
    ] = None
    quality: Annotated[
        int | None, option(f"1 to 100, of JPEG and WebP; {QUALITY} unless given.", panel=WRITING, min=1, max=100)
    ] = None
    metadata: Annotated[
        Keep | None,
        option(
            "keep (the default): EXIF, GPS, XMP go along; strip: only the colour profile does, which colours need.",
            panel=WRITING,
        ),
    ] = None
    preview: Annotated[
        bool,
        option("Also write preview/: before and after side by side, with histograms.", "--preview", panel=WRITING),
    ] = False
    for_: Annotated[
        str,
        option(
            "Write exactly what this model sees, as PNG, and in the record the way back to the picture.",
            "--for",
            panel=WRITING,
            metavar="MODEL",
        ),
    ] = ""
    check: Annotated[
        bool,
        option(
            "Write no pictures: name files that are damaged, misnamed, turned by EXIF, 16-bit, CMYK, transparent, "
            "animated or near-duplicates. Exit code 3 where a file is unusable; the others are warnings.",
            "--check",
            panel=AUDIT,
        ),
    ] = False
    strict: Annotated[bool, option("With --check: exit code 1 where there are warnings.", "--strict", panel=AUDIT)] = (
        False
    )
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


class PreprocessTask(TaskDefaults):
    """Pictures with steps applied, written in the format asked for."""

    name: ClassVar[str] = "preprocess"
    help: ClassVar[str] = (
        "Enhance, resize, convert or check pictures.\n\n"
        "Options from --white-balance to --resize are steps, done in the order listed here; the --pre chain that they "
        "come to is told. Or write your own chain with --pre. Pictures are turned upright, keep 16 bits where every "
        "step and the format do, and are never written over. --for writes what a model sees, --check writes nothing."
    )
    options: ClassVar[type] = PreprocessOptions
    saves: ClassVar[tuple[str, ...]] = ("pictures", "preview")
    noun: ClassVar[str] = "file"
    needs_out: ClassVar[bool] = True
    keeps_16_bit: ClassVar[bool] = True

    def __init__(self, suffix: str = "", pre: str | None = None, also_saves: tuple[str, ...] = ()):
        """suffix: of what is written, "" for the picture's own. pre: the chain, for the preview's title."""
        self.suffix, self.pre, self.also_saves = suffix, pre, also_saves

    def check(self, options: PreprocessOptions) -> None:
        if options.check:
            _refuse(options, "--check writes no pictures", but=("check", "strict", "duplicate_bits"))
            return
        if options.strict or options.duplicate_bits is not None:
            raise UsageError("--strict and --duplicate-bits say how --check judges: give --check too")
        if options.for_ and (options.format or options.quality or options.metadata):
            raise UsageError("--for writes plain PNG: leave out --format, --quality and --metadata")
        if options.quality and options.format in (Format.PNG, Format.TIFF):
            raise UsageError(f"--quality {options.quality}: {options.format} keeps every value; it is for jpg and webp")

    def chain(self, options: PreprocessOptions, pre: str | None) -> str | None:
        flags = chain_of(options)
        if options.check and (flags or pre):
            raise UsageError("--check looks at pictures as they are; leave out --pre and the steps")
        if flags and pre is not None:
            both = f"{pre} | {flags}" if pre.strip() else flags
            raise UsageError(f"{flags_given(options)[0]} and --pre do not go together; write --pre '{both}'")
        if options.check or flags or pre is not None:
            return flags or pre or ""
        if options.for_:
            return None  # the model's own
        if options.format or options.quality or options.metadata:
            return ""
        raise UsageError(
            "nothing to do: say what to do, such as dlcli preprocess photos --clahe 2 --gamma 0.8 --out better; "
            "also --resize 640, --format png, --metadata strip, --pre, --for MODEL, or --check"
        )

    def given(self, options: PreprocessOptions, pre: str | None) -> "PreprocessTask":
        if options.check:
            return AuditTask()
        also = ("preview",) if options.preview else ()
        if options.for_:
            return ModelViewTask(".png", pre, also)
        return PreprocessTask(SUFFIXES.get(options.format or "", ""), pre, also)

    def load(self, options: PreprocessOptions, threads: int, workers: int) -> Predictor:
        from dlcli.tasks.preprocess.convert import Converter

        return Converter(self.suffix, options.quality or QUALITY, options.metadata is not Keep.STRIP, self.pre or "")

    def schema(self) -> dict[str, Any]:
        return SCHEMA

    def output_names(self, place: PurePosixPath, saves: tuple[str, ...]) -> list[PurePosixPath]:
        names = {"pictures": picture_name(place, self.suffix), "preview": preview_name(place)}
        return [names[save] for save in saves]


class ModelViewTask(PreprocessTask):
    """--for MODEL: what the model sees, so 8 bits as it gets them."""

    keeps_16_bit: ClassVar[bool] = False

    def load(self, options: PreprocessOptions, threads: int, workers: int) -> Predictor:
        from dlcli.tasks.preprocess.model_view import ModelView

        return ModelView(options.for_, self.pre)


class AuditTask(PreprocessTask):
    """--check: a record a picture, no files."""

    needs_out: ClassVar[bool] = False

    def check_inputs(self, options: Any, batch: Any, inputs: list[str], sources: list["Source"]) -> None:
        if any(map(is_video, sources)):
            raise UsageError("--check looks at pictures, not at the frames of a video; leave the video out")
        if batch.resume:
            raise UsageError("--check and --resume do not go together: look-alikes are found by reading every picture")
        if batch.shard and options.duplicate_bits != -1:
            raise UsageError(
                "--check --shard: a shard does not see look-alikes in others; check without --shard, or add "
                "--duplicate-bits -1"
            )

    def load(self, options: PreprocessOptions, threads: int, workers: int) -> Predictor:
        from dlcli.tasks.preprocess.audit import Auditor

        bits = DUPLICATE_BITS if options.duplicate_bits is None else options.duplicate_bits
        return Auditor(bits, options.strict)

    def output_names(self, place: PurePosixPath, saves: tuple[str, ...]) -> list[PurePosixPath]:
        return []


def _refuse(options: PreprocessOptions, reason: str, but: tuple[str, ...]) -> None:
    """UsageError for any option that was given, those `but` excepted."""
    for field in fields(options):
        if field.name not in but and getattr(options, field.name) != field.default:
            raise UsageError(f"{reason}; leave out --{field.name.strip('_').replace('_', '-')}")


TASK = PreprocessTask()
