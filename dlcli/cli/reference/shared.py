"""Options that all image commands have in common, so that a reference tells them once."""

from dlcli.cli.spec import Command, Parameter
from dlcli.tasks.registry import all_tasks


def image_commands(tree: Command) -> list[Command]:
    return [command for command in tree.commands if command.path[-1] in all_tasks()]


def shared_options(tree: Command) -> tuple[Parameter, ...]:
    """In the order of the first command; those that say something else in one of them are its own."""
    first, *others = image_commands(tree)
    return tuple(item for item in first.options if all(item in other.options for other in others))


def own_options(command: Command, shared: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """Of a command whose reference points at the shared ones; of another all that it has."""
    is_image_command = all(item in command.options for item in shared)
    return tuple(item for item in command.options if not is_image_command or item not in shared)
