"""What --help says of --fail-if and --require in an image command: examples of what the task's records hold. Light."""

from dlcli.batch.gates.expression import COUNT, SCORE, SHARE
from dlcli.batch.gates.measure import Countable, countable_of
from dlcli.tasks.contract import Task

_FAIL_IF = {COUNT: "count(dog) > 0", SHARE: "share(person) > 20%", SCORE: "score(cat) < 0.6"}
_REQUIRE = {SCORE: "score(cat) >= 0.6", SHARE: "share(person) >= 5%", COUNT: "count(dog) > 0"}


_OF_GATES = ("fail_if", "require", "failed_to", "exit_zero", "group", "match", "copy_matching", "link_matching")


def gate_helps(task: Task) -> dict[str, str | None]:
    """Help texts by the fields of BatchOptions; None: of no use, since the task finds nothing to ask for."""
    countable = countable_of(task.name)
    if not countable.quantities:
        return dict.fromkeys(_OF_GATES)
    fail_if, require = gate_examples(countable)
    when = "With --check: exit" if task.needs_out else "Exit"  # else it lists only the images that it made
    return {
        "fail_if": f"{when} 1 if an image meets this, such as '{fail_if}'.",
        "require": f"{when} 1 if an image does not, such as '{require}'.",
    }


def gate_examples(countable: Countable) -> tuple[str, str]:
    """A condition for --fail-if and one for --require, of a task that has quantities."""
    if countable.kinds:
        return f"count({countable.kinds[0]}) > 0", f"no({countable.kinds[0]})"
    offered = [name for name in countable.quantities if not (name == COUNT and countable.once)]
    return (
        next(text for name, text in _FAIL_IF.items() if name in offered),
        next(text for name, text in _REQUIRE.items() if name in offered),
    )
