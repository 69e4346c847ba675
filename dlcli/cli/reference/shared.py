"""Options that all image commands have in common, so that a reference tells them once."""

from dlcli.cli.spec import Command, Parameter
from dlcli.tasks.registry import all_tasks


def _is_image_command(command: Command) -> bool:
    return len(command.path) == 1 and command.path[0] in all_tasks()


def image_commands(tree: Command) -> list[Command]:
    return [command for command in tree.commands if _is_image_command(command)]


def shared_options(tree: Command) -> tuple[Parameter, ...]:
    """In the order of the first command; one of them may have no use for some."""
    first, *others = image_commands(tree)
    return tuple(item for item in first.options if sum(item in other.options for other in others) >= len(others) - 1)


def own_options(command: Command, shared: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """Of a command whose reference points at the shared ones; of another all that it has."""
    return tuple(item for item in command.options if not _is_image_command(command) or item not in shared)


def also_has(command: Command, shared: tuple[Parameter, ...], where: str) -> str:
    """ "And the options of every image command but --group."; where: of every image command, as a page names them."""
    if not _is_image_command(command):
        return ""
    lacking = [item.names[0] for item in shared if item not in command.options]
    return f"And the {where}{' but ' * bool(lacking)}{', '.join(lacking)}."
