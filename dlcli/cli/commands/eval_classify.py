"""`dlcli eval classify`: the shipped predictor over labelled pictures, as a table or as JSON. Light: no torch."""

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
    from dlcli.evaluation.classify import Evaluation

MEANS = {"top1": "top-1", "top5": "top-5", "top1_among": "top-1 among the set's classes"}
OF_A_CLASS = {"accuracy": "accuracy", "accuracy_among": "among", "ap": "AP"}
WORST = 10  # pictures named in JSON


@dataclass(frozen=True, kw_only=True)
class EvalClassify(ModelOptions):
    """Options of `dlcli eval classify`."""

    data: Annotated[
        Path,
        typer.Argument(metavar="DATA", help="A folder per class, or a CSV file of filename,label; found by looking."),
    ]
    model: Annotated[str, option("A bundled model, an .onnx file or a run folder.", "--model", "-m")] = "imagenet"
    split: Annotated[str, option("The part of the set to score; all: every picture.")] = "val"
    map: Annotated[
        Path | None,
        option("A file of lines WORD,LABEL: how the set calls a class of the model. WordNet ids are known.", "--map"),
    ] = None
    plots: Annotated[
        Path | None,
        option("Write confusion.png, curves.png and worst.png, the worst pictures, there; needs dlcli[plot]."),
    ] = None
    threads: Annotated[int, option("Threads in all; 0: as many as this machine gives us.", min=0)] = 0
    skip_bad: Annotated[bool, option("Leave bad files out instead of stopping.", "--skip-bad")] = False
    json: Annotated[bool, option("One line of JSON on standard output.", "--json")] = False
    quiet: Annotated[bool, option("No progress.", "--quiet", "-q")] = False


def add_to(group: typer.Typer) -> None:
    text = "Top-1, top-5 and average precision of a classifier on labelled pictures."
    add_command(group, "classify", text, (EvalClassify,), _classify)


def _classify(options: EvalClassify) -> None:
    from dlcli.data.class_layouts import read_aliases
    from dlcli.evaluation.classify import evaluate
    from dlcli.evaluation.confusion_plot import need_matplotlib
    from dlcli.tasks.classify.task import ClassifyOptions

    console = Console(options.quiet)
    if options.plots:
        need_matplotlib("--plots")
    aliases = read_aliases(options.map) if options.map else {}
    predictor = ClassifyOptions(runtime=options.runtime, device=options.device, model=options.model)
    with console.progress(f"scoring {options.split}") as bar:
        say = console.error if options.skip_bad else None
        done = evaluate(predictor, options.data, options.split, aliases, options.threads or None, say, bar.at)
    if options.plots:
        from dlcli.evaluation.classify_plots import write_plots

        for path in write_plots(done, options.plots):
            console.say(f"{path}: written")
    if options.json:
        console.data(json.dumps(summary(done, options), separators=(",", ":")))
    else:
        show(done, console)


def summary(done: "Evaluation", options: EvalClassify) -> dict[str, Any]:
    """The scores as JSON values, and the worst pictures; a class without a picture in the set is left out."""
    scores = done.scores
    head = {"schema": "dlcli.eval.classify/1", "model": done.model, "data": str(options.data), "split": options.split}
    means = {name: number(getattr(scores, name)) for name in (*MEANS, "top5_among", "map")}
    classes = [
        {
            "label": done.labels[class_id],
            "class_id": int(class_id),
            "truths": int(scores.truths[place]),
            "found": int(scores.found[place]),
            **{name: number(getattr(scores, name)[place]) for name in OF_A_CLASS},
        }
        for place, class_id in enumerate(scores.present)
    ]
    worst = [
        {
            "picture": str(look.picture.path).encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
            "labels": [done.labels[class_id] for class_id in look.picture.class_ids],
            "score": number(look.score),
            "got": done.labels[look.best],
            "got_score": number(look.best_score),
        }
        for look in done.worst(WORST)
    ]
    return head | {"pictures": scores.pictures} | means | {"classes": classes, "worst": worst}


def show(done: "Evaluation", console: Console) -> None:
    """The scores as lines of equal columns."""
    scores = done.scores
    labels = [done.labels[class_id] for class_id in scores.present]
    width = max(map(len, ["class", *labels]))
    titles = "  ".join(f"{title:>8}" for title in OF_A_CLASS.values())
    console.line(f"{'class':<{width}}  {'pictures':>8}  {titles}")
    for place, label in enumerate(labels):
        values = "  ".join(f"{shown(getattr(scores, name)[place]):>8}" for name in OF_A_CLASS)
        console.line(f"{label:<{width}}  {scores.truths[place]:>8}  {values}")
    some = len(labels) < len(done.labels)
    for name, title in MEANS.items():
        if some or name != "top1_among":
            console.line(f"{title}: {shown(getattr(scores, name))}")
    console.line(f"mAP: {shown(scores.map)}")
    console.line(f"{done.model} on {scores.pictures} pictures, {len(labels)} of the model's {len(done.labels)} classes")
