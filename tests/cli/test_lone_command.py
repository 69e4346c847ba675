"""What is built for one command line equals what it would be in the whole program."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from dlcli.cli.app import build_app, lone_command
from dlcli.cli.commands import ALONE, COMMANDS
from dlcli.tasks.registry import all_tasks
from tests.program import CAT, dlcli

WHOLE = build_app()
LONE = [*all_tasks(), *ALONE]


def help_of(app: typer.Typer, *words: str) -> str:
    result = CliRunner().invoke(app, [*words, "--help"])
    assert result.exit_code == 0
    return result.output


@pytest.mark.parametrize("words", [(), *((name,) for name in LONE), ("train", "detect"), ("eval", "segment")])
def test_help_is_that_of_the_whole_program(words: tuple[str, ...]) -> None:
    assert help_of(build_app([*words, "--help"]), *words) == help_of(WHOLE, *words)


@pytest.mark.parametrize("name", LONE)
def test_no_other_command_is_built(name: str) -> None:
    built = typer.main.get_command(build_app([name, "x.jpg"]))
    assert list(built.commands) == [name]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "arguments", [[], ["--version"], ["nope"], *([name] for name in COMMANDS if name not in ALONE)]
)
def test_all_are_built_where_others_are_spoken_of(arguments: list[str]) -> None:
    assert lone_command(arguments) == ""
    assert len(typer.main.get_command(build_app(arguments)).commands) == len(LONE) + 4  # type: ignore[attr-defined]


def test_an_option_of_the_program_comes_before_the_command() -> None:
    assert lone_command(["--no-settings", "detect", "train"]) == "detect"


def test_a_variable_of_another_command_is_known(tmp_path: Path) -> None:
    ran = dlcli("detect", CAT, "--json", cwd=tmp_path, env={"DLCLI_EVAL_SEGMENT_SPLIT": "x"}, process=True)
    assert (ran.code, "does nothing" in ran.err) == (0, False)
    ran = dlcli("detect", CAT, "--json", cwd=tmp_path, env={"DLCLI_EVAL_SEGMENT_SPLITS": "x"}, process=True)
    assert "did you mean DLCLI_EVAL_SEGMENT_SPLIT?" in ran.err
