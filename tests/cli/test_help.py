"""--help: groups in the order of need, whole summaries, ranges and names in place of types, examples that parse."""

import re
import shlex

import pytest
import typer

from dlcli.cli.app import build_app
from dlcli.cli.commands import SECTIONS
from dlcli.cli.help import command_help, group_help, summary
from dlcli.cli.spec import read_tree
from tests.program import dlcli

TREE = read_tree(typer.main.get_command(build_app()))
COMMANDS = [command for command in TREE.all_commands() if command.path]
WITH_OPTIONS = [command for command in COMMANDS if not command.commands]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_summary_is_whole_and_short(command):
    assert 0 < len(summary(command)) <= 55, summary(command)


def test_a_command_is_listed_with_the_first_line_of_its_help():
    listed = {name: line for below in SECTIONS.values() for name, line in below.items()}
    own = {command.path[0]: summary(command) for command in TREE.commands}
    assert listed.items() <= own.items()


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("command", WITH_OPTIONS, ids=lambda command: command.name)
def test_a_page_keeps_to_its_width_and_names_no_type_of_the_library(command, width):
    page = command_help(command, (), width)
    long = [line for line in page.splitlines() if len(line) > width and " " in line.strip()]
    assert [line for line in long if not line.strip().startswith(("-", "Usage"))] == []
    assert not re.search(r"<\w+|x>=|<=x|INTEGER|\[default", page)
    assert not re.search(r"Repeatable", page)


def test_input_and_output_come_first_and_the_runtime_last():
    titles = re.findall(r"^(\w[^:\n]*):$", dlcli("detect", "--help").out, re.MULTILINE)
    assert titles[:4] == ["Arguments", "Input", "Output", "Model"]
    assert titles[-2:] == ["Runtime", "Examples"]


def test_what_a_training_needs_comes_before_its_finer_points():
    page = dlcli("train", "detect", "--help").out
    assert re.findall(r"^(\w[^:\n]*):$", page, re.MULTILINE)[:3] == ["Arguments", "Output", "Network"]
    names = re.findall(r"^  (?:-\w, )?(--[\w-]+)", page, re.MULTILINE)
    assert names.index("--out") == 0
    assert names.index("--epochs") < names.index("--batch") < names.index("--lr") < names.index("--momentum")


@pytest.mark.parametrize("option", ["--fail-if", "--group", "--match", "--full-decode"])
def test_what_a_command_has_no_use_for_is_not_in_its_help(option):
    assert option in dlcli("detect", "--help").out
    assert f" {option} " not in dlcli("style-transfer", "--help").out


def test_what_can_be_named_is_listed():
    assert "annotated, crops, redacted, yolo, voc, labelme, coco" in " ".join(dlcli("detect", "--help").out.split())
    assert "--format keep|jpg|png|webp|tiff" in dlcli("preprocess", "--help").out
    assert "starry-night" in dlcli("style-transfer", "--help").out


@pytest.mark.parametrize("words", [(), ("detect",), ("train", "detect")], ids=" ".join)
def test_dlcli_help_says_what_help_says(words):
    assert dlcli("help", *words).out == dlcli(*words, "--help").out


@pytest.mark.parametrize("command", WITH_OPTIONS, ids=lambda command: command.name)
def test_a_page_is_ours_and_says_how_to_see_it(command):
    page = dlcli(*command.path, "--help").out
    assert page.startswith(f"Usage: {command.name}")
    assert "  -h, --help                Show this message and exit.\n" in page
    assert not re.search(r"<\w+\[|\[required\]|\{\w+\}", page)


def test_help_of_what_is_no_command():
    assert "no such command: dettect; did you mean detect?" in dlcli("help", "dettect").err


@pytest.mark.parametrize("command", WITH_OPTIONS, ids=lambda command: command.name)
def test_an_example_is_a_command_that_parses(command):
    """Every word that begins with a dash is an option of the command."""
    page = dlcli(*command.path, "--help").out
    for line in page.partition("Examples:\n")[2].splitlines():
        words = shlex.split(line.partition("|")[0] if line.strip().startswith("dlcli") else line)
        assert tuple(words[1 : 1 + len(command.path)]) == command.path or "|" in line
        names = {name for option in command.options for name in option.names}
        assert {word for word in words if word.startswith("-") and word != "-"} <= names


def test_the_first_page_lists_every_command():
    page = group_help(TREE)
    assert all(f"  {command.path[-1]} " in page for command in TREE.commands)
