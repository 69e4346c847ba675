"""`dlcli convert`: annotations from one format to another. Light: no torch, no network, no model."""

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dlcli.cli.build import add_command
from dlcli.console import Console
from dlcli.frozen import dataclass
from dlcli.tasks.options import THERE, option
from dlcli.units import duration

if TYPE_CHECKING:
    from dlcli.data.conversion.run import Converted

HELP = """Convert annotations from one format to another.

COCO, YOLO, VOC, LabelMe, dlcli's records, index PNG.
What was written is read back and must hold what was read. What the new format has no place for is counted, named and
refused unless --allow-loss is given; ids.json keeps class order, ids and names for the way back.

.dlcli-converted in TARGET lists every file that was written, with its SHA-256; --overwrite replaces these, keeps what
is your own, and refuses what it would lose: a file in the way, or one that was edited since. A TARGET that is one file
is replaced only if it is as it was written, by the SHA-256 in its .ids.json."""

EXAMPLES = (
    "dlcli convert voc2007 as-yolo --to yolo",
    "dlcli convert found/results.jsonl labels.json --to coco",
)


class Format(StrEnum):
    COCO = "coco"
    YOLO = "yolo"
    VOC = "voc"
    LABELME = "labelme"
    JSONL = "jsonl"
    MASKS = "masks"


class Placing(StrEnum):
    LINK = "link"
    COPY = "copy"
    NONE = "none"


class Outside(StrEnum):
    REFUSE = "refuse"
    COPY = "copy"


@dataclass(frozen=True, kw_only=True)
class ConvertOptions:
    """Options of `dlcli convert`."""

    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="A labeled set, or a .json, .jsonl or .yaml file of one.", **THERE)
    ]
    target: Annotated[
        Path, typer.Argument(metavar="TARGET", help="A new folder; a .json or .jsonl file for coco and jsonl.")
    ]
    to: Annotated[Format, option("The format to write; masks: index PNG in VOC's colors.", "--to")]
    from_: Annotated[Format | None, option("The format of SOURCE; detected by default.", "--from")] = None
    split: Annotated[
        str, option("Only this split; all: the set as a whole. Default: each split by itself.", metavar="NAME")
    ] = ""
    labels: Annotated[str, option("All class names in the order of their ids: cat,dog.", metavar="LIST")] = ""
    images: Annotated[
        Path | None, option("Where the images are, if not where SOURCE says.", metavar="DIR", **THERE)
    ] = None
    masks: Annotated[bool, option("Convert polygons and masks of objects, not their boxes.", "--masks")] = False
    transfer: Annotated[Placing, option("How images get into TARGET.")] = Placing.LINK
    outside: Annotated[
        Outside, option("Images outside the folder of SOURCE (and of --images): refuse them, or copy them.")
    ] = Outside.REFUSE
    allow_loss: Annotated[
        bool, option("Convert even if something is lost; the losses are reported.", "--allow-loss")
    ] = False
    clip_boxes: Annotated[
        bool, option("Clip boxes that reach out of their image instead of refusing them.", "--clip-boxes", "--clip")
    ] = False
    skip_bad: Annotated[bool, option("Skip bad files instead of stopping.", "--skip-bad")] = False
    overwrite: Annotated[
        bool, option("Replace what dlcli convert wrote in TARGET; other files stay.", "--overwrite")
    ] = False
    quiet: Annotated[bool, option("Print nothing but errors.", "--quiet", "-q")] = False


def add_to(app: typer.Typer) -> None:
    add_command(app, "convert", HELP, (ConvertOptions,), _convert, EXAMPLES)


def _convert(options: ConvertOptions) -> None:
    started = time.monotonic()
    from dlcli.data.conversion.run import Conversion, Transfer, convert

    console = Console(options.quiet)
    asked = Conversion(
        options.source,
        options.target,
        options.to.value,
        options.from_.value if options.from_ else "",
        options.split,
        tuple(word.strip() for word in options.labels.split(",") if word.strip()),
        options.images,
        options.masks,
        Transfer(options.transfer.value),
        options.allow_loss,
        options.overwrite,
        options.clip_boxes,
        options.outside.value == "copy",
    )
    with console.progress("converting") as bar:
        done = convert(asked, console.error if options.skip_bad else None, bar)
    show(done, options, console, time.monotonic() - started)


def show(done: "Converted", options: ConvertOptions, console: Console, seconds: float) -> None:
    """A line a split on standard output; what was lost or left out on standard error. seconds: that it took."""
    noun = "objects" if done.outlined else "boxes"
    for made in done.comparisons:
        name = f"{made.split}: " if made.split else ""
        moved = "" if done.outlined else f"; no side moved by more than {made.shift:.4f} pixels"
        console.line(f"{name}read: {made.read.text(noun)}; written: {made.written.text(noun)}{moved}")
    for line in done.notes:
        console.say(line)
    for line in done.lost:
        console.warn(f"lost: {line}")
    left_out = f"; bad files left out: {done.skipped}" if done.skipped else ""
    console.say(
        f"{options.source} ({done.format}) -> {options.target} ({options.to.value}){left_out} ({duration(seconds)})"
    )
