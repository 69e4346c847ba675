"""Options that a command takes from a file named on its command line: --config FILE, --from-run RUN, --resume.

Stronger than settings files and variables, weaker than what is typed. Nothing is distrusted here: the user named it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcli.cli.settings.files import SettingsFile, parse_toml
from dlcli.cli.settings.layers import Setting
from dlcli.cli.settings.values import from_file
from dlcli.cli.spec import Command, Parameter
from dlcli.errors import MissingError, UsageError
from dlcli.messages import nearest
from dlcli.models.run_folder import read_run
from dlcli.spelling import keys_of_today, today

OF_ONE_RUN = ("out", "resume", "quiet", "debug", "config", "from_run")


def typed_layers(typed: Mapping[str, Any], command: Command) -> dict[str, Setting]:
    """Parameter name -> its setting. typed: what the command line gives, by the parameters' names.

    UsageError: a file that is no TOML, or names what the command does not have. MissingError: no such file or run.
    """
    found: dict[str, Setting] = {}
    if typed.get("from_run"):
        found |= of_run(Path(typed["from_run"]), command)
    elif typed.get("resume") and typed.get("out"):
        found |= of_resumed(Path(typed["out"]), command)
    if typed.get("config"):
        found |= of_file(Path(typed["config"]), command)
    return found


def of_resumed(out: Path, command: Command) -> dict[str, Setting]:
    """Of the run in `out`, or of the folds in it, which are all to be done; none where there is neither."""
    if (out / "last.pt").is_file():
        return of_run(out, command)
    folds = sorted(path.parent for path in out.glob("fold-*/last.pt"))
    return {name: item for name, item in of_run(folds[0], command).items() if name != "fold"} if folds else {}


def of_run(folder: Path, command: Command) -> dict[str, Setting]:
    """The options of a run but for those that are about one run only. UsageError: it is of another training."""
    run = read_run(folder)
    if run.task != command.path[-1]:
        raise UsageError(f"{folder}: is a run of dlcli train {run.task}; expected one of {command.name}")
    options = keys_of_today(dict(run.options))
    return {
        item.name: Setting(options[item.name], str(folder), "")
        for item in command.parameters
        if item.name not in OF_ONE_RUN and options.get(item.name) is not None
    }


def of_file(path: Path, command: Command) -> dict[str, Setting]:
    """The keys of a TOML file, each an option of the command or its argument."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise MissingError(f"--config {path}: no such file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--config {path}: cannot be read: {error}") from error
    file = SettingsFile(str(path), parse_toml(text, str(path)), (), text)
    return dict(_setting(file, key, command) for key in file.table)


def _setting(file: SettingsFile, key: str, command: Command) -> tuple[str, Setting]:
    known = {item.key: item for item in command.parameters if item.key not in ("config", "from_run")}
    option, place = known.get(today(key.replace("-", "_"))), file.place((key,))
    if option is None:
        near = nearest(key, known)
        raise UsageError(
            f"{place}: {key}: {command.name} has no such option{f'; did you mean {near}?' if near else ''}"
        )
    return option.name, Setting(_value(option, file.table[key], f"{place}: {key}"), place, key, file=file.path)


def _value(option: Parameter, value: Any, where: str) -> Any:
    try:
        return from_file(option, value)
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from None
