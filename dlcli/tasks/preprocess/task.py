"""`dlcli preprocess`: its options, and which of its three ways they mean. Light."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar

from dlcli.errors import UsageError
from dlcli.imaging.extensions import is_video
from dlcli.tasks.answers import Record
from dlcli.tasks.contract import Predictor, Task
from dlcli.tasks.options import MODEL
from dlcli.tasks.preprocess.chain import chain_of, flags_given
from dlcli.tasks.preprocess.memory import PreprocessMemory
from dlcli.tasks.preprocess.names import SUFFIXES, image_name, preview_name
from dlcli.tasks.preprocess.options import DUPLICATE_BITS, QUALITY, STEPS, Format, Keep, Pages, PreprocessOptions
from dlcli.tasks.preprocess.schema import SCHEMA
from dlcli.tasks.preprocess.summary import PreprocessSummary

if TYPE_CHECKING:
    from dlcli.records import Source


class PreprocessTask(Task):
    """Images with steps applied, written in the format asked for."""

    name: ClassVar[str] = "preprocess"
    help: ClassVar[str] = (
        "Enhance, resize, convert or check images.\n\n"
        "Options from --white-balance to --resize are steps, done in the order listed here; the resulting --pre "
        "chain is printed. Or write your own chain with --pre. Images are turned upright, keep their colors, and one "
        "channel, a palette and 16 bits where every step and the format do; what is lost is said. They are never "
        "written over. --for writes what a model sees, --check writes nothing."
    )
    examples: ClassVar[tuple[str, ...]] = (
        "dlcli preprocess night -r --clahe 2 --gamma 0.8 --out bright",
        "dlcli preprocess photos -r --resize 1600 --format webp --out web",
        "dlcli preprocess photos -r --check",
    )
    options: ClassVar[type] = PreprocessOptions
    saves: ClassVar[tuple[str, ...]] = ("images", "preview")
    noun: ClassVar[str] = "file"
    called_elsewhere: ClassVar[Mapping[str, str]] = {"check": "preprocess --check", "resize": "preprocess --resize"}
    found_noun: ClassVar[str] = "finding"
    column_title: ClassVar[str] = "finding"
    makes_images: ClassVar[bool] = True
    image_result: ClassVar[str] = "dlcli.tasks.preprocess.image_result:PreprocessResult"
    python_panels: ClassVar[tuple[str, ...] | None] = (MODEL, STEPS)
    columns: ClassVar[tuple[str, ...]] = (
        *("bits", "output", "output_width", "output_height", "format", "frames", "hash"),
        *("finding", "finding_message"),
    )
    tells_pages: ClassVar[bool] = True
    needs_out: ClassVar[bool] = True
    keeps_16_bit: ClassVar[bool] = True

    def __init__(
        self,
        suffix: str = "",
        pre: str | None = None,
        also_saves: tuple[str, ...] = (),
        keeps_colors: bool = True,
    ):
        """suffix: of what is written, "" for the image's own. pre: the chain, for the preview's title."""
        self.suffix, self.pre, self.also_saves, self.keeps_colors = suffix, pre, also_saves, keeps_colors
        self.memory = PreprocessMemory(image_suffix=suffix)

    def check(self, options: PreprocessOptions) -> None:
        if options.check:
            _refuse(options, "--check writes no images", but=("check", "duplicate_bits"))
            return
        if options.duplicate_bits is not None:
            raise UsageError("--duplicate-bits says how --check judges: give --check too")
        if options.for_ and _writes(options):
            raise UsageError("--for writes plain PNG: leave out --format, --quality, --metadata, --pages and --to-srgb")
        if options.quality and options.format in (Format.PNG, Format.TIFF):
            raise UsageError(f"--quality {options.quality}: {options.format} keeps every value; it is for jpg and webp")

    def chain(self, options: PreprocessOptions, pre: str | None) -> str | None:
        flags = chain_of(options)
        if options.check and (flags or pre):
            raise UsageError("--check looks at images as they are; leave out --pre and the steps")
        if flags and pre is not None:
            both = f"{pre} | {flags}" if pre.strip() else flags
            raise UsageError(f"{flags_given(options)[0]} and --pre do not go together; write --pre '{both}'")
        if options.check or flags or pre is not None:
            return flags or pre or ""
        if options.for_:
            return None  # the model's own
        if _writes(options):
            return ""
        raise UsageError(
            "nothing to do: say what to do, such as dlcli preprocess photos --clahe 2 --gamma 0.8 --out better; "
            "also --resize 640, --format png, --metadata strip, --pre, --for MODEL, or --check"
        )

    def in_python(self, options: PreprocessOptions) -> PreprocessOptions:
        """Arrays say nothing of their color space, so they are in sRGB."""
        return options if options.for_ else replace(options, to_srgb=True)

    def for_options(self, options: PreprocessOptions, pre: str | None) -> "PreprocessTask":
        if options.check:
            return AuditTask()
        also = ("preview",) if options.preview else ()
        if options.for_:
            return ModelViewTask(".png", pre, also, keeps_colors=False)
        return PreprocessTask(SUFFIXES.get(options.format or "", ""), pre, also, not options.to_srgb)

    def load(self, options: PreprocessOptions, threads: int, workers: int) -> Predictor:
        from dlcli.tasks.preprocess.convert import Converter

        keeps_metadata, all_pages = options.metadata is not Keep.STRIP, options.pages is Pages.ALL
        quality = options.quality or QUALITY
        return Converter(self.suffix, quality, keeps_metadata, self.pre or "", self.keeps_colors, all_pages)

    def schema(self) -> dict[str, Any]:
        return SCHEMA

    def cells(self, record: Record) -> dict[str, Any]:
        size = dict(zip(("output_width", "output_height"), record.get("size", ()), strict=False))
        return {name: record[name] for name in ("bits", "format", "frames", "hash") if name in record} | size

    def rows(self, record: Record) -> list[dict[str, Any]]:
        found = [{"finding": i["kind"], "finding_message": i["message"]} for i in record.get("findings", ())]
        return [*({"output": name} for name in record.get("outputs", ())), *found]

    def summary(self) -> PreprocessSummary:
        return PreprocessSummary()

    def output_names(self, place: PurePosixPath, saves: tuple[str, ...]) -> list[PurePosixPath]:
        names = {"images": image_name(place, self.suffix), "preview": preview_name(place)}
        return [names[save] for save in saves]


class ModelViewTask(PreprocessTask):
    """--for MODEL: what the model sees, so 8 bits as it gets them."""

    keeps_16_bit: ClassVar[bool] = False

    def load(self, options: PreprocessOptions, threads: int, workers: int) -> Predictor:
        from dlcli.tasks.preprocess.model_view import ModelView

        return ModelView(options.for_, self.pre)


class AuditTask(PreprocessTask):
    """--check: a record an image, no files."""

    needs_out: ClassVar[bool] = False

    def check_inputs(self, options: Any, batch: Any, inputs: list[str], sources: Sequence["Source"]) -> None:
        if any(map(is_video, sources)):
            raise UsageError("--check looks at images, not at the frames of a video; leave the video out")
        if batch.resume:
            raise UsageError("--check and --resume do not go together: look-alikes are found by reading every image")
        if batch.shard and options.duplicate_bits != -1:
            raise UsageError(
                "--check --shard: a shard does not see look-alikes in others; check without --shard, or add "
                "--duplicate-bits -1"
            )

    def load(self, options: PreprocessOptions, threads: int, workers: int) -> Predictor:
        from dlcli.tasks.preprocess.audit import Auditor

        bits = DUPLICATE_BITS if options.duplicate_bits is None else options.duplicate_bits
        return Auditor(bits)

    def output_names(self, place: PurePosixPath, saves: tuple[str, ...]) -> list[PurePosixPath]:
        return []


def _writes(options: PreprocessOptions) -> bool:
    """Whether an option says how files are written."""
    return bool(options.format or options.quality or options.metadata or options.pages or options.to_srgb)


def _refuse(options: PreprocessOptions, reason: str, but: tuple[str, ...]) -> None:
    """UsageError for any option that was given, those `but` excepted."""
    for field in fields(options):
        if field.name not in but and getattr(options, field.name) != field.default:
            raise UsageError(f"{reason}; leave out --{field.name.strip('_').replace('_', '-')}")


TASK = PreprocessTask()
