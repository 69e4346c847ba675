"""A command whose options take their values from settings where the command line is silent."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from dlcli.cli.earlier_names import with_names_of_today
from dlcli.cli.flags import negations, option_name
from dlcli.cli.plain_values import read_plainly
from dlcli.cli.settings.values import PREFIX
from dlcli.console import Console
from dlcli.errors import UsageError

SETTINGS = "dlcli.settings"  # in the meta of the program's context


def configure(
    app: typer.Typer,
    whole: Callable[[], typer.Typer],
    foot: str = "",
    sections: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Make every command of the app a ConfiguredCommand, every group a ConfiguredGroup.

    whole: builds the program with all its commands, of which the app may have one.
    foot, sections: of the program's help, see help.group_help.
    """
    app.info.cls = ConfiguredGroup
    ConfiguredGroup.sections = sections or ConfiguredGroup.sections
    ConfiguredGroup.foot, ConfiguredGroup.whole = foot or ConfiguredGroup.foot, staticmethod(whole)
    for command in app.registered_commands:
        if command.cls is not Unconfigured:
            command.cls = ConfiguredCommand
    for group in app.registered_groups:
        if group.typer_instance is not None:
            configure(group.typer_instance, whole)


class ConfiguredGroup(TyperGroup):
    """dlcli itself, or a group of its commands: help without cut lines, and unknown words answered by what is meant."""

    foot = ""
    sections: Mapping[str, Sequence[str]] = {}
    whole: Callable[[], typer.Typer]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from dlcli.cli.help import group_help, page_width

        foot, sections = ("", {}) if ctx.parent else (self.foot, self.sections)
        formatter.write(group_help(spec_of(ctx), foot, page_width(), sections) + "\n")

    def get_params(self, ctx: Any) -> Any:
        return read_plainly(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            if not hasattr(error, "possibilities"):
                raise
            from dlcli.cli.refusals import unknown_option

            names = [name for item in self.params for name in item.opts]
            refusal = unknown_option(str(getattr(error, "option_name", "")), names)
            raise UsageError(f"{refusal}\nTry: {ctx.command_path} --help") from None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            from dlcli.cli.refusals import unknown_command

            refusal = unknown_command(args[0], self.list_commands(ctx), ctx.command_path)
            raise UsageError(f"{refusal}\nTry: {ctx.command_path} --help")
        return super().resolve_command(ctx, args)


class ConfiguredCommand(TyperCommand):
    """Settings are read when the first value is asked for: --help never does. A flag can be taken back: --no-FLAG."""

    reads_settings = True

    def get_params(self, ctx: Any) -> Any:
        return read_plainly(super().get_params(ctx))

    def make_parser(self, ctx: Any) -> Any:
        parser: Any = super().make_parser(ctx)
        taken = {name for item in self.params for name in item.opts}
        for item in self.params:
            names = [name for name in negations(item) if name not in taken]
            if names and not item.secondary_opts:
                parser.add_option(obj=item, opts=names, dest=item.name, action="store_const", const=False)
        return parser

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.default_map = defaults = Defaults(ctx)
        args = with_names_of_today(args, self.params, lambda item: spec_of(ctx).parameter(item.name).choices)
        typed = defaults.words = list(args)
        self._refuse_swallowed(ctx, typed)
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            if not hasattr(error, "format_message"):
                raise
            place = defaults.place(getattr(error, "param", None))
            message = self._refusal(ctx, error, typed, place) or error.format_message()
            where = f"{place}: " if place else ""
            raise UsageError(f"{where}{message}\nTry: {ctx.command_path} --help") from None

    def _refuse_swallowed(self, ctx: Any, typed: list[str]) -> None:
        """UsageError: an option stands where the value of the one before it belongs."""
        params: list[Any] = self.params
        options = [item for item in params if item.param_type_name == "option"]
        names = {name: item for item in options for name in (*item.opts, *item.secondary_opts)}
        words = typed[: typed.index("--")] if "--" in typed else typed
        for word, following in pairwise(words):
            item = names.get(word)
            if item is not None and not item.is_flag and following.startswith("--") and following in names:
                from dlcli.cli.refusals import took_an_option

                option = spec_of(ctx).parameter(item.name)
                raise UsageError(f"{took_an_option(option, following)}\nTry: {ctx.command_path} --help")

    def _refusal(self, ctx: Any, error: Any, typed: list[str], place: str) -> str:
        """What is wrong in our own words; "" for what the library says well enough."""
        from dlcli.cli import refusals

        spec, name = spec_of(ctx), getattr(error, "option_name", "")
        if hasattr(error, "possibilities"):
            return refusals.unknown_option(name, [word for item in spec.options for word in item.names])
        if name:
            return refusals.missing_value(spec.option(name)) if spec.option(name) else ""
        parameter = getattr(error, "param", None)
        if parameter is None:
            return ""
        if type(error).__name__ == "MissingParameter":
            return refusals.missing_parameter(spec.parameter(parameter.name))
        found = ctx.default_map.found[parameter.name].value if place else self._typed_value(ctx, parameter, typed)
        return refusals.refused_value(spec.parameter(parameter.name), found)

    def _typed_value(self, ctx: Any, parameter: Any, typed: list[str]) -> Any:
        value = self.make_parser(ctx).parse_args(list(typed))[0].get(parameter.name, "")
        return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else value

    def invoke(self, ctx: Any) -> Any:
        """A refusal that names an option says where that was set, if not on the command line."""
        _tell_used(ctx)
        try:
            return super().invoke(ctx)
        except UsageError as error:
            places = ctx.default_map.places_named_in(str(error), self.params)
            if not places:
                raise
            raise UsageError(f"{error}\nSet outside this command line: {', '.join(places)}") from None

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from dlcli.cli.help import command_help, page_width

        ctx.default_map = None  # help shows dlcli's own defaults
        formatter.write(command_help(spec_of(ctx), getattr(self.callback, "examples", ()), page_width()) + "\n")


class Unconfigured(ConfiguredCommand):
    """A command for which no settings are read."""

    reads_settings = False


def spec_of(ctx: Any) -> Any:
    """The dlcli.cli.spec.Command of a context."""
    from dlcli.cli.spec import read_tree

    return read_tree(ctx.command, tuple(ctx.command_path.split()[1:]))


class Defaults(Mapping[str, Any]):
    """The settings of the command that is being parsed, read at the first look: parameter name -> value."""

    def __init__(self, ctx: Any):
        self.ctx = ctx
        self.words: Sequence[str] = ()  # of the command line
        self._found: dict[str, Any] | None = None

    @property
    def found(self) -> dict[str, Any]:
        """Parameter name -> dlcli.cli.settings.layers.Setting."""
        if self._found is None:
            self._found = {}
            if (
                self.ctx.command.reads_settings
                and not self.ctx.resilient_parsing
                and not self.ctx.find_root().params.get("no_settings")
            ):
                self._found = _settings_of(self.ctx)
            if not self.ctx.resilient_parsing:
                self._found |= self._typed_layers()
        return self._found

    def _typed_layers(self) -> dict[str, Any]:
        """What the command takes from files that its command line names; see typed_layers."""
        layers = getattr(self.ctx.command.callback, "layers", None)
        if layers is None:
            return {}
        typed = self.ctx.command.make_parser(self.ctx).parse_args(list(self.words))[0]
        return dict(layers(typed, spec_of(self.ctx)))

    def __getitem__(self, name: str) -> Any:
        setting = self.found[name]
        if setting.refusal:
            raise UsageError(setting.refusal)
        return setting.value

    def __iter__(self) -> Any:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def place(self, parameter: Any) -> str:
        """Where the value of a parameter of the built program was set, "" where the command line did or nobody."""
        name = getattr(parameter, "name", "")
        source = self.ctx.get_parameter_source(name) if name in (self._found or {}) else None
        return self.found[name].place if source is not None and source.name == "DEFAULT_MAP" else ""

    def used(self, parameters: list[Any]) -> dict[str, list[str]]:
        """Settings file -> the options that took their values from it."""
        files: dict[str, list[str]] = {}
        for item in parameters:
            if self.place(item) and self.found[item.name].file:
                files.setdefault(self.found[item.name].file, []).append(option_name(item))
        return files

    def places_named_in(self, message: str, parameters: list[Any]) -> list[str]:
        named = [item for item in parameters if any(f"{name} " in f"{message} " for name in item.opts)]
        return [place for place in map(self.place, named) if place]


def _tell_used(ctx: Any) -> None:
    """One line on what settings files gave to this run; none with --quiet, unless it is a file that asks for it."""
    files = ctx.default_map.used(ctx.command.params)
    if files:
        listed = ", ".join(f"{file} ({', '.join(names)})" for file, names in files.items())
        asked = bool(ctx.params.get("quiet")) and not any("quiet" in names for names in files.values())
        Console(asked).say(f"settings: {listed}")


@cache
def _whole_tree() -> Any:
    """The dlcli.cli.spec.Command of the program with all its commands."""
    from dlcli.cli.spec import read_tree

    return read_tree(typer.main.get_command(ConfiguredGroup.whole()))


def _settings_of(ctx: Any) -> dict[str, Any]:
    """Parameter name -> Setting. Files are read once in a run."""
    kept = ctx.find_root().meta
    if SETTINGS not in kept:
        kept[SETTINGS] = _read_settings(ctx)
    settings = kept[SETTINGS]
    command = settings.tree.find(tuple(ctx.command_path.split()[1:])) if settings else None
    return settings.of(command) if command else {}


def _read_settings(ctx: Any) -> Any:
    """None where nothing is set: most of the time, and then little is loaded."""
    from dlcli.cli.settings.files import find_settings, here

    files = find_settings(here())
    if not files and not any(name.startswith(PREFIX) for name in os.environ):
        return None
    from dlcli.cli.settings.layers import Settings

    settings = Settings(_whole_tree(), files, os.environ)
    for name, near in settings.unknown_variables().items():
        if near:
            Console().error(f"dlcli: {name}: no option has this variable, so it does nothing; did you mean {near}?")
    return settings
