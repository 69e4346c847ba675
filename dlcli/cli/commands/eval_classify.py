"""`dlcli eval classify`: the shipped predictor over labelled pictures, as a table or as JSON. Light: no torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dlcli.cli.build import add_command
from dlcli.cli.commands.score_demands import read_demands
from dlcli.cli.commands.score_options import EvalOptions
from dlcli.cli.commands.score_report import Shape, conclude, summary
from dlcli.cli.commands.score_text import number
from dlcli.console import Console
from dlcli.evaluation.metric_names import CLASSIFY
from dlcli.tasks.options import THERE, option

if TYPE_CHECKING:
    from dlcli.evaluation.classify import Evaluation

WORST = 10  # pictures named in JSON


@dataclass(frozen=True, kw_only=True)
class EvalClassify(EvalOptions):
    """Options of `dlcli eval classify`."""

    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA", help="A folder per class, or a CSV file of filename,label; its format is detected.", **THERE
        ),
    ]
    model: Annotated[str, option("A bundled model, an .onnx file or a run folder.", "--model", "-m")] = "imagenet"
    map: Annotated[
        Path | None,
        option(
            "A file of lines WORD,LABEL: how the set calls a class of the model. WordNet ids are known.",
            "--map",
            **THERE,
        ),
    ] = None
    plots: Annotated[
        Path | None,
        option("Write confusion.png, curves.png and worst.png, the worst pictures, there; needs the extra [plot]."),
    ] = None


def add_to(group: typer.Typer) -> None:
    text = "Score a classifier: top-1, top-5, average precision."
    examples = ("dlcli eval classify photos --split val", "dlcli eval classify photos --min top1=0.9")
    add_command(group, "classify", f"{text}\n\n{CLASSIFY.help}", (EvalClassify,), _classify, examples)


def _classify(options: EvalClassify) -> None:
    demands = read_demands(options, CLASSIFY)
    from dlcli.data.class_layouts import read_aliases
    from dlcli.evaluation.classify import evaluate
    from dlcli.evaluation.confusion_plot import need_matplotlib
    from dlcli.tasks.classify.options import ClassifyOptions

    console = Console(options.quiet)
    if options.plots:
        need_matplotlib("--plots")
    aliases = read_aliases(options.map) if options.map else {}
    predictor = ClassifyOptions(runtime=options.runtime, device=options.device, model=options.model)
    say = console.error if options.skip_bad else None
    with console.progress(f"scoring {options.split}") as bar:
        done = evaluate(
            predictor, options.data, options.split, aliases, options.threads or None, say, bar.at, demands.check_labels
        )
    if options.plots:
        from dlcli.evaluation.classify_plots import write_plots

        for path in write_plots(done, options.plots):
            console.say(f"{path}: written")
    now = summary(done, CLASSIFY, options, _classes(done), worst=_worst(done))
    conclude(done, now, demands, _shape(done), console)


def _classes(done: "Evaluation") -> list[dict[str, Any]]:
    """The set's classes; those of the model without a picture in it are left out."""
    scores = done.scores
    return [
        {
            "label": done.labels[class_id],
            "class_id": int(class_id),
            "truths": int(scores.truths[place]),
            "found": int(scores.found[place]),
        }
        for place, class_id in enumerate(scores.present)
    ]


def _worst(done: "Evaluation") -> list[dict[str, Any]]:
    return [
        {
            "picture": str(look.picture.path).encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
            "labels": [done.labels[class_id] for class_id in look.picture.class_ids],
            "score": number(look.score),
            "got": done.labels[look.best],
            "got_score": number(look.best_score),
        }
        for look in done.worst(WORST)
    ]


def _shape(done: "Evaluation") -> Shape:
    """Where the set has all classes of the model, competing among the set's says nothing new."""
    known, own = len(done.labels), len(done.scores.present)
    means = ("top1", "top5", *(("top1_among",) if own < known else ()), "map")
    closing = f"{done.model} on {done.scores.pictures} pictures, {own} of the model's {known} classes"
    return Shape("pictures", tuple(CLASSIFY.of_a_class), means, closing)
