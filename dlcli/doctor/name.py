"""Whose the command `dlcli` and the module `dlcli` are: on the package index another program has that name."""

from importlib import metadata

from dlcli.distribution import NAME, PACKAGE, install_command, installed, uninstall_command
from dlcli.doctor.finding import Finding, ok, warning

WORD = "dlcli"  # the command, and the module


def check_name() -> Finding:
    """A warning where another distribution brings the command or the module too: one has overwritten the other."""
    brought = {what: _without_ours(owners) for what, owners in (("command", _commands()), ("module", _modules()))}
    others = sorted({name for names in brought.values() for name in names})
    if installed() is None:
        text = f"not installed, runs from {PACKAGE}"
        theirs = f"; the {WORD} that is installed belongs to {_listed(others)}" if others else ""
        return ok("name", text + theirs, owners=others)
    if not others:
        return ok("name", f"command and module {WORD} belong to {NAME}", owners=[NAME])
    shared = " and ".join(f"the {what} {WORD}" for what, names in brought.items() if names)
    advice = f"{uninstall_command(*others)}, then {install_command('', '--force-reinstall', '--no-deps')}"
    return warning("name", f"{_listed(others)} brings {shared} as well", advice, owners=[NAME, *others])


def _commands() -> set[str]:
    entries = metadata.entry_points(group="console_scripts", name=WORD)
    return {entry.dist.name for entry in entries if entry.dist is not None}


def _modules() -> set[str]:
    return set(metadata.packages_distributions().get(WORD, ()))


def _without_ours(names: set[str]) -> set[str]:
    return {name for name in names if name.lower().replace("_", "-") != NAME}


def _listed(names: list[str]) -> str:
    return " and ".join(f"{name} {metadata.version(name)}" for name in names)
