"""`dlcli eval segment`: the shipped predictor over a set with masks, as a table or as JSON. Light: no torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dlcli.cli.build import add_command
from dlcli.cli.commands.score_demands import read_demands
from dlcli.cli.commands.score_options import EvalOptions
from dlcli.cli.commands.score_report import Shape, conclude, summary
from dlcli.cli.commands.score_text import shown
from dlcli.console import Console
from dlcli.evaluation.metric_names import SEGMENT
from dlcli.tasks.options import THERE, option

if TYPE_CHECKING:
    from dlcli.evaluation.segment import Evaluation


@dataclass(frozen=True, kw_only=True)
class EvalSegment(EvalOptions):
    """Options of `dlcli eval segment`."""

    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA", help="images/ and masks/, VOC's SegmentationClass or COCO; the format is detected.", **THERE
        ),
    ]
    model: Annotated[str, option("A bundled model, an .onnx file or a run folder.", "--model", "-m")] = "voc-seg"
    tile: Annotated[bool, option("Look at large pictures in blended tiles, as segment does.", "--tile")] = False
    tile_size: Annotated[int, option("Side of a tile in pixels.", min=64, max=8192)] = 640
    tile_overlap: Annotated[float, option("Tile overlap, as a fraction of the side.", min=0, max=0.9)] = 0.5
    plots: Annotated[
        Path | None, option("Write confusion.png and worst.png, the worst pictures, there; needs the extra [plot].")
    ] = None

    def settings(self) -> dict[str, Any]:
        tiles = {"tile": True, "tile_size": self.tile_size, "tile_overlap": self.tile_overlap}
        return tiles if self.tile else dict.fromkeys(tiles)


def add_to(group: typer.Typer) -> None:
    text = "Score a segmenter: IoU, Dice, pixel accuracy."
    examples = ("dlcli eval segment voc2007 --split val", "dlcli eval segment voc2007 --min miou=0.5")
    add_command(group, "segment", f"{text}\n\n{SEGMENT.help}", (EvalSegment,), _segment, examples)


def _segment(options: EvalSegment) -> None:
    demands = read_demands(options, SEGMENT)
    from dlcli.evaluation.confusion_plot import need_matplotlib
    from dlcli.evaluation.segment import evaluate
    from dlcli.tasks.segment.options import SegmentOptions

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
    say = console.error if options.skip_bad else None
    with console.progress(f"scoring {options.split}") as bar:
        done = evaluate(
            predictor, options.data, options.split, options.threads or None, say, bar.at, demands.check_labels
        )
    if options.plots:
        write_plots(done, options.plots)
    confusion = done.scores.confusion
    classes = (
        {"label": label, "truth_pixels": int(confusion[i].sum()), "predicted_pixels": int(confusion[:, i].sum())}
        for i, label in enumerate(done.labels)
    )
    closing = f"{done.model} on {done.scores.pictures} pictures, {int(confusion.sum()):,} pixels"
    shape = Shape("pixels", tuple(SEGMENT.of_a_class), tuple(SEGMENT.means), closing)
    conclude(done, summary(done, SEGMENT, options, classes), demands, shape, console)


def write_plots(done: "Evaluation", folder: Path) -> None:
    """confusion.png and worst.png in the folder, which is made."""
    from dlcli.evaluation.confusion_plot import draw_confusion
    from dlcli.evaluation.segment import worst_sheet
    from dlcli.imaging.writer import write_picture
    from dlcli.whole_file import write_whole

    title = f"{done.model} on {done.scores.pictures} pictures, mIoU {shown(done.scores.miou)}"
    write_whole(folder / "confusion.png", draw_confusion(done.scores.confusion, done.labels, title))
    write_picture(folder / "worst.png", worst_sheet(done))
