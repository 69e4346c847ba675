"""Options that every `dlcli eval` command has. Light."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer

from dlcli.frozen import dataclass
from dlcli.tasks.options import THERE, ModelOptions, option

GATES = "Gates"


@dataclass(frozen=True, kw_only=True)
class EvalOptions(ModelOptions):
    """A task may have its own in tasks/TASK/eval_options.py: with a `model` and a `data` of its own, and what it adds.

    A field that the options of the task have too is for the predictor.
    """

    summary: ClassVar[str] = "Score a model."
    examples: ClassVar[tuple[str, ...]] = ()  # at the foot of --help

    data: Annotated[Path, typer.Argument(metavar="DATA", help="A labeled set; its format is detected.", **THERE)]
    model: Annotated[
        str, option("A bundled model, an .onnx file or a run folder.", "--model", "-m", metavar="MODEL")
    ] = ""
    against: Annotated[
        list[str] | None,
        option(
            "Another model for the same images: one table, with 95 % intervals of each and of what it has more than "
            "--model.",
            metavar="MODEL",
        ),
    ] = None
    split: Annotated[str, option("Split to score; all: every image.", metavar="NAME")] = "val"
    min: Annotated[
        list[str] | None,
        option("Exit 1 if a metric is below VALUE.", panel=GATES, metavar="NAME=VALUE"),
    ] = None
    max_drop: Annotated[
        list[str] | None,
        option(
            "Exit 1 if a metric fell by more than VALUE since --baseline.",
            panel=GATES,
            metavar="NAME=VALUE",
        ),
    ] = None
    baseline: Annotated[
        Path | None,
        option(
            "What --json wrote earlier, for the same set and settings: shows what changed. Its metrics are taken as "
            "they are; the 95 % interval is that of the metrics now, over resampled images.",
            panel=GATES,
            metavar="FILE",
        ),
    ] = None
    bootstrap: Annotated[
        int | None,
        option(
            "Bootstrap resamples for confidence intervals; default 200 with a gate, --baseline or --against, else 0.",
            panel=GATES,
            min=0,
        ),
    ] = None
    seed: Annotated[int, option("Equal seeds draw equal images.", panel=GATES, min=0)] = 0
    exit_zero: Annotated[bool, option("Report failed gates, but exit 0.", "--exit-zero", panel=GATES)] = False
    threads: Annotated[int, option("Total threads; 0: as many as are available.", min=0)] = 0
    skip_bad: Annotated[bool, option("Skip bad files instead of stopping.", "--skip-bad")] = False
    json: Annotated[bool, option("One line of JSON on standard output.", "--json")] = False
    quiet: Annotated[
        bool, option("Print nothing but errors and failed gates; --json still prints scores.", "--quiet", "-q")
    ] = False

    def settings(self) -> dict[str, Any]:
        """What else the scores depend on, by its name in the JSON; None: not used, and not in it."""
        return {}

    def aliases(self) -> Mapping[str, str]:
        """Other words for the model's labels, as the user gives them."""
        return {}

    def clips(self) -> bool:
        """Whether boxes that reach out of their image are cut off."""
        return False

    def plots_folder(self) -> Path | None:
        """Where plots are written; None: nowhere."""
        return None

    def predictor_options(self, of_task: type) -> Any:
        """The options of the task itself, a dataclass `of_task`: those named here too, the others as by default."""
        mine = {field.name for field in fields(self) if field.name != "model" or self.model}
        return of_task(**{field.name: getattr(self, field.name) for field in fields(of_task) if field.name in mine})
