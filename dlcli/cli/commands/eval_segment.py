"""`dlcli eval segment`: the shipped predictor over a set with masks, as a table or as JSON. Light: no torch."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dlcli.cli.build import add_command
from dlcli.cli.commands.score_text import number, shown
from dlcli.console import Console
from dlcli.tasks.options import ModelOptions, option

if TYPE_CHECKING:
    from dlcli.evaluation.segment import Evaluation

MEANS = {"miou": "mIoU", "mdice": "mean Dice", "pixel_accuracy": "pixel accuracy"}
OF_A_CLASS = {"iou": "IoU", "dice": "Dice", "accuracy": "accuracy"}


@dataclass(frozen=True, kw_only=True)
class EvalSegment(ModelOptions):
    """Options of `dlcli eval segment`."""

    data: Annotated[
        Path,
        typer.Argument(metavar="DATA", help="images/ and masks/, VOC's SegmentationClass or COCO, found by looking."),
    ]
    model: Annotated[str, option("A bundled model, an .onnx file or a run folder.", "--model", "-m")] = "voc-seg"
    split: Annotated[str, option("The list of pictures to score; all: every picture.")] = "val"
    tile: Annotated[bool, option("Look at large pictures in blended tiles, as segment does.", "--tile")] = False
    tile_size: Annotated[int, option("Side of a tile in pixels.", min=64, max=8192)] = 640
    tile_overlap: Annotated[float, option("What neighbours share, of a side.", min=0, max=0.9)] = 0.5
    plots: Annotated[
        Path | None, option("Write confusion.png and worst.png, the worst pictures, there; needs dlcli[plot].")
    ] = None
    threads: Annotated[int, option("Threads in all; 0: as many as this machine gives us.", min=0)] = 0
    skip_bad: Annotated[bool, option("Leave bad files out instead of stopping.", "--skip-bad")] = False
    json: Annotated[bool, option("One line of JSON on standard output.", "--json")] = False
    quiet: Annotated[bool, option("No progress.", "--quiet", "-q")] = False


def add_to(group: typer.Typer) -> None:
    text = "IoU, Dice and pixel accuracy of a segmenter on a set with masks."
    add_command(group, "segment", text, (EvalSegment,), _segment)


def _segment(options: EvalSegment) -> None:
    from dlcli.evaluation.confusion_plot import need_matplotlib
    from dlcli.evaluation.segment import evaluate
    from dlcli.tasks.segment.task import SegmentOptions

    console = Console(options.quiet)
    if options.plots:
        need_matplotlib("--plots")
    predictor = SegmentOptions(
        runtime=options.runtime,
        device=options.device,
        model=options.model,
        tile=options.tile,
        tile_size=options.tile_size,
        tile_overlap=options.tile_overlap,
    )
    with console.progress(f"scoring {options.split}") as bar:
        say = console.error if options.skip_bad else None
        done = evaluate(predictor, options.data, options.split, options.threads or None, say, bar.at)
    if options.plots:
        write_plots(done, options.plots)
    if options.json:
        console.data(json.dumps(summary(done, options), separators=(",", ":")))
    else:
        show(done, console)


def write_plots(done: "Evaluation", folder: Path) -> None:
    """confusion.png and worst.png in the folder, which is made."""
    from dlcli.evaluation.confusion_plot import draw_confusion
    from dlcli.evaluation.segment import worst_sheet
    from dlcli.imaging.writer import write_picture
    from dlcli.whole_file import write_whole

    title = f"{done.model} on {done.scores.pictures} pictures, mIoU {shown(done.scores.miou)}"
    write_whole(folder / "confusion.png", draw_confusion(done.scores.confusion, done.labels, title))
    write_picture(folder / "worst.png", worst_sheet(done))


def summary(done: "Evaluation", options: EvalSegment) -> dict[str, Any]:
    """The scores as JSON values; a class that neither truth nor prediction holds has null."""
    scores = done.scores
    head = {"schema": "dlcli.eval.segment/1", "model": done.model, "data": str(options.data), "split": options.split}
    tiles = {"tile": options.tile, "tile_size": options.tile_size, "tile_overlap": options.tile_overlap}
    classes = [
        {
            "label": label,
            "truth_pixels": int(scores.confusion[i].sum()),
            "predicted_pixels": int(scores.confusion[:, i].sum()),
            **{name: number(getattr(scores, name)[i]) for name in OF_A_CLASS},
        }
        for i, label in enumerate(done.labels)
    ]
    means = {name: number(getattr(scores, name)) for name in MEANS}
    return head | {"pictures": scores.pictures} | (tiles if options.tile else {}) | means | {"classes": classes}


def show(done: "Evaluation", console: Console) -> None:
    """The scores as lines of equal columns."""
    scores = done.scores
    width = max(len("class"), *map(len, done.labels))
    titles = "  ".join(f"{title:>8}" for title in OF_A_CLASS.values())
    console.line(f"{'class':<{width}}  {'pixels':>11}  {titles}")
    for i, label in enumerate(done.labels):
        values = "  ".join(f"{shown(getattr(scores, name)[i]):>8}" for name in OF_A_CLASS)
        console.line(f"{label:<{width}}  {int(scores.confusion[i].sum()):>11,}  {values}")
    for name, title in MEANS.items():
        console.line(f"{title}: {shown(getattr(scores, name))}")
    console.line(f"{done.model} on {scores.pictures} pictures, {int(scores.confusion.sum()):,} pixels")
