"""`dlcli eval ...`: the shipped predictor over a labelled set, as a table or as JSON. Light: no torch."""

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
    from dlcli.evaluation.detect import Evaluation

MEANS = {
    "map50": "mAP50 (COCO, 101 points)",
    "map50_95": "mAP50-95 (COCO)",
    "map50_voc": "mAP50 (VOC, all points)",
    "map50_voc11": "mAP50 (VOC 2007, 11 points)",
}


@dataclass(frozen=True, kw_only=True)
class EvalDetect(ModelOptions):
    """Options of `dlcli eval detect`."""

    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="A labelled set in VOC, COCO or YOLO layout, found by looking.")
    ]
    model: Annotated[str, option("A bundled model, an .onnx file or a run folder.", "--model", "-m")] = "voc"
    split: Annotated[str, option("The list of pictures to score; all: every picture.")] = "val"
    conf: Annotated[float, option("Boxes below this score are not looked at.", min=0, max=1)] = 0.01
    iou: Annotated[float, option("Of two boxes of a class that overlap more, the better stays.", min=0, max=1)] = 0.5
    max_det: Annotated[int, option("At most so many boxes a picture.", min=1)] = 300
    threads: Annotated[int, option("Threads in all; 0: as many as this machine gives us.", min=0)] = 0
    skip_bad: Annotated[bool, option("Leave bad files out instead of stopping.", "--skip-bad")] = False
    json: Annotated[bool, option("One line of JSON on standard output.", "--json")] = False
    quiet: Annotated[bool, option("No progress.", "--quiet", "-q")] = False


def add_to(group: typer.Typer) -> None:
    add_command(group, "detect", "Average precision of a detector on a labelled set.", (EvalDetect,), _detect)


def _detect(options: EvalDetect) -> None:
    from dlcli.evaluation.detect import evaluate
    from dlcli.tasks.detect.task import DetectOptions

    console = Console(options.quiet)
    predictor = DetectOptions(
        runtime=options.runtime,
        device=options.device,
        model=options.model,
        conf=options.conf,
        iou=options.iou,
        max_det=options.max_det,
    )
    with console.progress(f"scoring {options.split}") as bar:
        done = evaluate(
            predictor,
            options.data,
            options.split,
            options.threads or None,
            console.error if options.skip_bad else None,
            bar.at,
        )
    if options.json:
        console.data(json.dumps(summary(done, options), separators=(",", ":")))
    else:
        show(done, console)


def summary(done: "Evaluation", options: EvalDetect) -> dict[str, Any]:
    """The scores as JSON values; a class without truth in the set has null."""
    scores = done.scores
    head = {"schema": "dlcli.eval.detect/1", "model": done.model, "data": str(options.data), "split": options.split}
    settings = {"conf": options.conf, "iou": options.iou, "max_det": options.max_det}
    classes = [
        {
            "label": label,
            "truths": int(scores.truths[i]),
            "found": int(scores.found[i]),
            **{name: number(getattr(scores, name)[i]) for name in ("ap50", "ap50_95", "ap50_voc", "ap50_voc11")},
        }
        for i, label in enumerate(done.labels)
    ]
    means = {name: number(getattr(scores, name)) for name in MEANS}
    return head | {"pictures": scores.pictures, **settings, **means, "classes": classes}


def show(done: "Evaluation", console: Console) -> None:
    """The scores as lines of equal columns."""
    scores = done.scores
    width = max(map(len, done.labels))
    console.line(f"{'class':<{width}}  {'truths':>6}  {'AP50':>6}  {'AP50-95':>7}")
    for i, label in enumerate(done.labels):
        console.line(
            f"{label:<{width}}  {scores.truths[i]:>6}  {shown(scores.ap50[i]):>6}  {shown(scores.ap50_95[i]):>7}"
        )
    for name, title in MEANS.items():
        console.line(f"{title}: {shown(getattr(scores, name))}")
    console.line(f"{done.model} on {scores.pictures} pictures, {int(scores.truths.sum())} objects")
