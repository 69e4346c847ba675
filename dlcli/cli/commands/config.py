"""`dlcli config show`: what every option is, and who says so. Light: cli/settings_shown.py does it."""

from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(
        group,
        name="config",
        help="Show where the value of each option comes from.\n\n"
        "From dlcli.toml, [tool.dlcli] in pyproject.toml, DLCLI_* variables, or dlcli itself.",
    )
    text = (
        "Print the options of a command and their origin.\n\n"
        "As TOML, each with its value and where that comes from. Words behind the command are taken "
        "as its own: dlcli config show detect --conf 0.4. Without a command: what is set for any, beside the defaults."
    )
    own = {"ignore_unknown_options": True, "help_option_names": ["-h", "--help"]}
    group.command("show", help=text, context_settings=own)(show)


def show(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[COMMAND]", help="Such as detect, or train detect.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    from dlcli.cli.settings.show import show_settings

    show_settings(ctx.find_root(), words or [], as_json)
