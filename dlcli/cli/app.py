"""The `dlcli` program: commands from the task registry, and the one place where errors become exit codes."""

import errno
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Annotated, Any, NoReturn

import typer

from dlcli import __version__
from dlcli.batch.options import BatchOptions
from dlcli.batch.reports.made import remember
from dlcli.cli.build import add_command
from dlcli.cli.commands import ALONE, SECTIONS, add_commands, list_commands
from dlcli.cli.settings.command import configure
from dlcli.console import Console
from dlcli.errors import ClosedPipeError, DlcliError, ExitCode, SaidElsewhereError, UsageError
from dlcli.messages import as_text
from dlcli.runtime.native_stderr import private_stderr
from dlcli.signals import leave, take_over
from dlcli.tasks.contract import Task
from dlcli.tasks.registry import all_tasks

EPILOG = (
    "Exit codes: 0 done; 1 a gate broke; 2 wrong usage, or no image; 3 done, but some inputs failed; "
    "4 a model or an extra is missing; 5 could not go on; 70 a bug; 130 Ctrl-C; 141 a closed pipe; 143 SIGTERM, SIGHUP."
)

HELP_JSON = "--help-json"
LISTS_COMMANDS: tuple[list[str], ...] = ([], ["-h"], ["--help"])
NAMES_A_PLACE = ("--out", "-o", "--files-from", "--from-jsonl", "--model", "-m", "--sort-into", "--baseline", "--shard")


def build_app(arguments: Sequence[str] | None = None) -> typer.Typer:
    """The command line: a command for each task, then the others.

    arguments: the words that the user typed; None: any. What they do not need is not built, since it takes time: the
    other commands where the first word names one that needs no other, options where only the commands are listed.
    """
    only, listed = lone_command(arguments or ()), arguments in LISTS_COMMANDS
    app = typer.Typer(
        name="dlcli",
        help="Vision on the command line, offline.\n\nImages in, records and images out.",
        epilog=EPILOG,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for task in all_tasks().values():
        if only not in ("", task.name):
            continue
        if listed:
            add_command(app, task.name, task.help, (), _image_command(task))
            continue
        groups = (task.options, BatchOptions)
        add_command(
            app,
            task.name,
            task.help,
            groups,
            _image_command(task),
            task.examples,
            _helps(task),
            partial(named_values, task),
        )
    if listed:
        list_commands(app)
    else:
        add_commands(app, only)
    configure(app, build_app, EPILOG, {title: [*below] for title, below in SECTIONS.items()})
    return app


def _helps(task: Task) -> dict[str, str | None]:
    """What options of all tasks say of themselves in this one, by field; None: it has no use for them."""
    from dlcli.batch.gates.helps import gate_helps

    saves = "Files for each image in --out: none; this command has only records."
    if task.saves:
        saves = f"Files for each image in --out, a list: {', '.join(task.saves)}, or none; default {task.saves[0]}."
    return {"save": saves, "full_decode": "" if task.reduces else None} | gate_helps(task)


def named_values(task: Task) -> dict[str, tuple[str, ...]]:
    """Values of the task's options that have a name, by field."""
    from dlcli.card import read_card
    from dlcli.models.store import bundled_models

    models = [name for name, path in bundled_models().items() if read_card(path).task == task.name]
    saves = (*task.saves, "none") if task.saves else ()
    return {"save": saves, "model": tuple(models), **task.named_values()}


def lone_command(arguments: Sequence[str]) -> str:
    """The command that the arguments ask for, "" where it is none, or one that tells of all others."""
    first = next((word for word in arguments if not word.startswith("-")), "")
    return first if first in all_tasks() or first in ALONE else ""


def main() -> NoReturn:
    """Run the program and exit."""
    take_over()  # done before where dlcli.__main__ is the way in
    with private_stderr():
        code = _build_and_run(sys.argv[1:])
        leave()
    if code in (ExitCode.INTERRUPTED, ExitCode.TERMINATED, ExitCode.CLOSED_PIPE):
        os._exit(code)  # an image under way in another thread is not waited for; its files are whole or not there
    sys.exit(code)


def _build_and_run(arguments: list[str]) -> int:
    try:
        app = build_app(arguments)
    except DlcliError as error:  # the folder of a task is incomplete
        return _fail(str(error), error.exit_code, "--debug" in _before_files(arguments))
    return run(app, arguments)


def run(app: Callable[..., Any], arguments: list[str]) -> int:
    """The exit code of the command line `arguments`."""
    options = _before_files(arguments)
    debug = "--debug" in options
    remember(arguments)
    try:
        _refuse_empty(options)
        if HELP_JSON in options:
            return _help_json(app, options)
        return int(app(arguments, prog_name="dlcli", standalone_mode=False) or 0)
    except (ClosedPipeError, SaidElsewhereError) as error:
        return int(error.exit_code)
    except DlcliError as error:
        return _fail(str(error), error.exit_code, debug)
    except SystemExit as exit_request:
        return int(exit_request.code or 0)
    except Exception as error:
        return _unexpected(error, debug)


def _before_files(arguments: list[str]) -> list[str]:
    """What stands before `--`: a file behind it may have the name of an option."""
    return arguments[: arguments.index("--")] if "--" in arguments else arguments


def _help_json(app: Any, arguments: list[str]) -> int:
    """The words beside --help-json name a command."""
    from dlcli.cli.reference.as_json import help_json

    Console().data(help_json(app, [word for word in arguments if not word.startswith("-")]))
    return int(ExitCode.DONE)


def _refuse_empty(arguments: list[str]) -> None:
    """UsageError for `--out ""`, which would be the working folder, and the like."""
    for option, value in pairwise([*arguments, "x"]):
        name, sign, inside = option.partition("=")
        if name in NAMES_A_PLACE and (value if not sign else inside) == "":
            raise UsageError(f"{name}: its value is empty; is a variable of your shell not set?")


def _unexpected(error: Exception, debug: bool) -> int:
    """Typer's own errors have an exit code and a way to show themselves; anything else is a fault of ours."""
    if isinstance(error, typer.Abort) and isinstance(error.__cause__, Exception):  # Typer's word for an EOFError
        error = error.__cause__
    if isinstance(error, typer.Exit):
        return error.exit_code
    if type(error).__name__ == "NoArgsIsHelpError":  # a lone `dlcli train`: what can follow
        Console().error(str(error.ctx.get_help()))  # type: ignore[attr-defined]
        return int(ExitCode.USAGE)
    if hasattr(error, "exit_code") and hasattr(error, "format_message"):
        return _fail(_usage(error), ExitCode.USAGE)
    if isinstance(error, MemoryError):
        return _fail("out of memory; use smaller images, --max-pixels or fewer --threads", ExitCode.STOPPED, debug)
    if isinstance(error, OSError) and error.filename is not None:  # a file of the user's that no message foresaw
        name = as_text(str(error.filename))
        return _fail(f"{name}: {error.strerror or type(error).__name__}", ExitCode.STOPPED, debug)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _fail(f"cannot be written: {error.strerror}; free some space", ExitCode.STOPPED, debug)
    hint = "" if debug else "; run it again with --debug for the traceback"
    return _fail(f"this is a fault in dlcli {__version__}: {type(error).__name__}: {error}{hint}", ExitCode.BUG, debug)


def _usage(error: Any) -> str:
    """Typer's message, and where help is."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "dlcli"
    return f"{error.format_message()}\nTry: {command} --help"


def _fail(message: str, code: ExitCode, debug: bool = False) -> int:
    if debug and sys.exc_info()[0] is not None:
        Console().error(traceback.format_exc().rstrip())
    Console().error(f"dlcli: {message}")
    return int(code)


def _image_command(task: Task) -> Callable[[Any, BatchOptions], None]:
    def body(options: Any, batch: BatchOptions) -> None:
        from dlcli.batch.sources.addresses import store_of

        address, run = store_of(batch.out), partial(_run_images, task, options)
        if address is None:
            raise typer.Exit(run(batch))
        from dlcli.batch.store import run_into_store

        raise typer.Exit(run_into_store(address, batch, run))

    return body


def _run_images(task: Task, options: Any, batch: BatchOptions) -> ExitCode:
    from dlcli.batch.plan import make_plan

    plan = make_plan(task, options, batch)
    if batch.plan:
        from dlcli.batch.dry_run import show_plan as go
    else:
        from dlcli.batch.pipeline import run_plan as go
    return go(plan, Console(batch.quiet))


def _version(asked: bool) -> None:
    if asked:
        Console().line(f"dlcli {__version__}")
        raise typer.Exit(0)


def _no_color(asked: bool) -> None:
    """As NO_COLOR, which Rich reads too."""
    if asked:
        os.environ["NO_COLOR"] = "1"


def _root(
    version: Annotated[
        bool, typer.Option("--version", "-V", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
    no_settings: Annotated[
        bool,
        typer.Option(
            "--no-settings",
            envvar="DLCLI_NO_SETTINGS",
            help="Read no dlcli.toml, no pyproject.toml and no other DLCLI_* variable.",
        ),
    ] = False,
    uncolored: Annotated[
        bool,
        typer.Option("--no-color", help="Print without color, as NO_COLOR=1 does.", callback=_no_color, is_eager=True),
    ] = False,
    help_json: Annotated[
        bool, typer.Option(HELP_JSON, help="Print this, or the COMMAND named behind it, as JSON, and exit.")
    ] = False,
) -> None:
    """What stands before any command."""
