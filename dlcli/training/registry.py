"""Finds the trainings: every folder beside this file that has an options.py with a TRAINING. Light."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.tasks.registry import import_name


@dataclass(frozen=True)
class Training:
    """One command below `dlcli train`.

    options: a dataclass of them, as TrainingOptions.
    recipe: "module:function" that makes a plan.Plan, see fit.Recipe; imported when it is called.
    examples: at the foot of its --help.
    networks: that `--net` takes, the default first: (name, parameters, a line for people).
    exporter: "module:function" for `dlcli export` of its runs, where no task of its name has one.
    """

    name: str
    help: str
    options: type
    recipe: str
    examples: tuple[str, ...] = ()
    networks: tuple[tuple[str, int, str], ...] = ()
    exporter: str = ""

    def run(self, options: Any, console: Any) -> None:
        """Train; console: Rich's, for what is said meanwhile."""
        import_name("dlcli.training.folds:train")(import_name(self.recipe), options, console)


@cache
def all_trainings() -> dict[str, Training]:
    """Name of the command below `dlcli train` -> training, sorted by name."""
    folders = sorted(path.parent.name for path in Path(__file__).parent.glob("*/options.py"))
    found = [import_module(f"dlcli.training.{folder}.options").TRAINING for folder in folders]
    return {training.name: training for training in found}


def options_of(task: str) -> type:
    """The options class of a task's training. UsageError: nothing trains such a task."""
    if task not in all_trainings():
        raise UsageError(f"no training for {task}; expected one of: {', '.join(all_trainings())}")
    return all_trainings()[task].options
