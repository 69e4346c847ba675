"""`dlcli data ...`: what is done to labeled sets as a whole. Light: no torch, no model."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dlcli.cli.build import add_command
from dlcli.cli.commands.convert import Placing
from dlcli.cli.commands.doctor import ANY, SetTask
from dlcli.console import Console
from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.messages import plural
from dlcli.tasks.options import THERE, option
from dlcli.tasks.registry import find_task
from dlcli.units import duration

if TYPE_CHECKING:
    from dlcli.data.splits.split_objects import Split

SPLIT_HELP = """Split a labeled set into train, val and test.

Every class gets its share in each (iterative stratification). Copies and near-copies of an image, by perceptual hash,
go to one split, so that no score is too good by them. Splits that DATA has are joined first.

OUT is in DATA's own format, with the images as links, or as copies; what was written is read back. An equal --seed
makes an equal split."""

SPLIT_EXAMPLES = (
    "dlcli data split my-data --out my-split",
    "dlcli data split my-data --out my-split --val-share 0.2 --test-share 0",
)


@dataclass(frozen=True, kw_only=True)
class SplitOptions:
    """Options of `dlcli data split`."""

    data: Annotated[Path, typer.Argument(metavar="DATA", help="A labeled set; its format is detected.", **THERE)]
    out: Annotated[Path, option("A new folder for the set with its splits.", "--out", "-o")]
    val_share: Annotated[float, option("Fraction of the images for val.", min=0, max=0.9)] = 0.15
    test_share: Annotated[float, option("Fraction of the images for test.", min=0, max=0.9)] = 0.15
    task: Annotated[SetTask, option("What the set's labels are for; auto: boxes, else masks, else classes.")] = ANY
    transfer: Annotated[Placing, option("How images get into OUT.")] = Placing.LINK
    seed: Annotated[int, option("Equal seeds make equal splits.", min=0)] = 0
    clip_boxes: Annotated[
        bool, option("Clip boxes that reach out of their image instead of refusing them.", "--clip-boxes", "--clip")
    ] = False
    skip_bad: Annotated[bool, option("Skip bad files instead of stopping.", "--skip-bad")] = False
    overwrite: Annotated[
        bool, option("Replace what dlcli data split wrote in OUT; other files stay.", "--overwrite")
    ] = False
    quiet: Annotated[bool, option("Print nothing but errors.", "--quiet", "-q")] = False


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(group, name="data", help="Split a labeled set.")
    add_command(group, "split", SPLIT_HELP, (SplitOptions,), _split, SPLIT_EXAMPLES)


def _split(options: SplitOptions) -> None:
    started = time.monotonic()
    shares = shares_of(options.val_share, options.test_share)
    if options.transfer is Placing.NONE:
        raise UsageError("--transfer none: a split set needs its images; pass --transfer link or --transfer copy")
    from dlcli.data.conversion.run import Conversion, Transfer
    from dlcli.data.splits.dealing import Dealer
    from dlcli.data.splits.split_set import split_set

    console = Console(options.quiet)
    asked = Conversion(
        *(options.data, options.out, ""),
        transfer=Transfer(options.transfer.value),
        overwrite=options.overwrite,
        clip=options.clip_boxes,
    )
    kind = "" if options.task is ANY else str(find_task(options.task.value).kind)
    with console.progress("splitting") as bar:
        done = split_set(asked, kind, Dealer(shares, options.seed, bar), console.error if options.skip_bad else None)
    show(done, options, console, time.monotonic() - started)


def shares_of(val: float, test: float) -> dict[str, float]:
    """Of the splits that get an image. UsageError: train gets none, or nothing is split off."""
    if val + test >= 1 or not val + test:
        wanted = "expected a sum above 0 and below 1, the rest is for train"
        raise UsageError(f"--val-share {val:g} --test-share {test:g}: {wanted}")
    shares = {"train": 1 - val - test, "val": val, "test": test}
    return {name: share for name, share in shares.items() if share > 0}


def show(done: "Split", options: SplitOptions, console: Console, seconds: float) -> None:
    """A line a split on standard output; on standard error what was kept together. seconds: that it took."""
    for name, count in done.images.items():
        console.line(f"{name}: {plural(count, 'image')}")
    for line in done.notes:
        console.say(line)
    if done.dealt.alike:
        console.say(f"{plural(done.dealt.alike, 'image')} that look like another one went to its split")
    if done.skipped:
        console.say(f"bad files left out: {done.skipped}")
    console.say(f"{options.data} ({done.format}) -> {options.out} ({duration(seconds)})")
