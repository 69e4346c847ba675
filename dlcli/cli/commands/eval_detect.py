"""`dlcli eval detect`: the shipped predictor over a labelled set, as a table or as JSON. Light: no torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from dlcli.cli.build import add_command
from dlcli.cli.commands.score_demands import read_demands
from dlcli.cli.commands.score_options import EvalOptions
from dlcli.cli.commands.score_report import Shape, conclude, summary
from dlcli.console import Console
from dlcli.evaluation.metric_names import DETECT
from dlcli.tasks.options import THERE, option


@dataclass(frozen=True, kw_only=True)
class EvalDetect(EvalOptions):
    """Options of `dlcli eval detect`."""

    data: Annotated[
        Path,
        typer.Argument(metavar="DATA", help="A labeled set in VOC, COCO or YOLO format, which is detected.", **THERE),
    ]
    model: Annotated[str, option("A bundled model, an .onnx file or a run folder.", "--model", "-m")] = "voc"
    conf: Annotated[float, option("Boxes below this score are not counted.", min=0, max=1)] = 0.01
    iou: Annotated[float, option("IoU threshold for NMS, per class.", min=0, max=1)] = 0.5
    max_det: Annotated[int, option("At most so many boxes a picture.", min=1)] = 300

    def settings(self) -> dict[str, Any]:
        return {"conf": self.conf, "iou": self.iou, "max_det": self.max_det}


def add_to(group: typer.Typer) -> None:
    text = "Score a detector: average precision."
    examples = ("dlcli eval detect voc2007 --split test", "dlcli eval detect voc2007 --min map50=0.55")
    add_command(group, "detect", f"{text}\n\n{DETECT.help}", (EvalDetect,), _detect, examples)


def _detect(options: EvalDetect) -> None:
    demands = read_demands(options, DETECT)
    from dlcli.evaluation.detect import evaluate
    from dlcli.tasks.detect.options import DetectOptions

    console = Console(options.quiet)
    predictor = DetectOptions(
        runtime=options.runtime,
        device=options.device,
        model=options.model,
        conf=options.conf,
        iou=options.iou,
        max_det=options.max_det,
    )
    say = console.error if options.skip_bad else None
    with console.progress(f"scoring {options.split}") as bar:
        done = evaluate(
            predictor, options.data, options.split, options.threads or None, say, bar.at, demands.check_labels
        )
    scores = done.scores
    classes = (
        {"label": label, "truths": int(scores.truths[i]), "found": int(scores.found[i])}
        for i, label in enumerate(done.labels)
    )
    closing = f"{done.model} on {scores.pictures} pictures, {int(scores.truths.sum())} objects"
    shape = Shape("truths", ("ap50", "ap50_95"), tuple(DETECT.means), closing)
    conclude(done, summary(done, DETECT, options, classes), demands, shape, console)
