"""The command tree as data: --help-json, docs/reference.md and docs/dlcli.1 say what the program does."""

import json
import re
import shutil
import subprocess

import jsonschema
import pytest
import typer

from dlcli.api.stub import stub
from dlcli.cli.app import build_app, run
from dlcli.cli.reference.as_json import help_json
from dlcli.cli.reference.manual import manual_page, roff
from dlcli.cli.reference.page import reference_page
from dlcli.cli.reference.shared import also_has, image_commands, own_options, shared_options
from dlcli.cli.reference.words import EXIT_CODES
from dlcli.cli.refusals import refused_value
from dlcli.cli.spec import read_tree
from dlcli.errors import ExitCode
from dlcli.tasks.options import Device
from tests.program import ROOT, dlcli

APP = build_app()
BUILT = typer.main.get_command(APP)
TREE = read_tree(BUILT)
LEAVES = [command for command in TREE.all_commands() if command.path and not command.commands]
SECTIONS = ("FILES", "ENVIRONMENT", "EXAMPLES", "SEE ALSO", "OPTIONS OF EVERY IMAGE COMMAND")
RENEW = "the program has changed: run python -m dlcli.cli.reference docs"

NUMBER = {"type": ["number", "null"]}
VALUE = {
    "type": {"enum": ["flag", "integer", "number", "text", "path", "choice"]},
    "choices": {"type": "array", "items": {"type": "string"}},
    "metavar": {"type": "string"},
    "several": {"type": "boolean"},
    "required": {"type": "boolean"},
    "default": {},
    "minimum": NUMBER,
    "maximum": NUMBER,
    "help": {"type": "string"},
}
COMMAND = {
    "type": "object",
    "required": ["command", "help", "arguments", "options", "commands"],
    "properties": {
        "arguments": {"type": "array", "items": {"required": ["name", *VALUE], "properties": VALUE}},
        "options": {"type": "array", "items": {"required": ["names", "off", "settings", *VALUE], "properties": VALUE}},
        "commands": {"type": "array", "items": {"$ref": "#"}},
    },
}


@pytest.mark.parametrize(("name", "written"), [("reference.md", reference_page), ("dlcli.1", manual_page)])
def test_the_committed_page_is_what_the_program_says(name, written):
    assert (ROOT / "docs" / name).read_text() == written(TREE), RENEW


def test_what_image_commands_share_is_told_once():
    """And the rest of each stands in its own section."""
    shared = shared_options(TREE)
    assert {"--out", "--resume", "--json", "--recursive", "--max-pixels"} <= {n for item in shared for n in item.names}
    for command in image_commands(TREE):
        own, lacking = own_options(command, shared), [item for item in shared if item not in command.options]
        has = [*own, *(item for item in shared if item not in lacking)]
        assert sorted(item.name for item in has) == sorted(item.name for item in command.options)
        assert all(item.names[0] in also_has(command, shared, "options of every image command") for item in lacking)
    assert reference_page(TREE).count("| `--max-pixels` N |") == 1
    assert own_options(TREE.find(("merge",)), shared) == TREE.find(("merge",)).options


@pytest.mark.parametrize("command", LEAVES, ids=lambda command: command.name)
def test_the_tree_has_the_options_that_help_shows(command, capsys):
    """--help itself is no part of the tree, and shows no --no-FLAG."""
    assert run(BUILT, [*command.path, "--help"]) == 0
    page = re.split(r"^\w[^:\n]*:$", capsys.readouterr().out.partition("Examples:")[0], flags=re.MULTILINE)
    lines = re.findall(r"^  (-.*?)(?:  |$)", "".join(page[1:]), re.MULTILINE)
    told = {name for line in lines for name in re.findall(r"(?<![\w|-])--?[a-zA-Z0][\w-]*", line)}
    ours = {name for option in command.options for name in option.names}
    declared = {name for option in command.options if option.default is True for name in option.negations}
    assert told - {"--help", "-h"} == ours | declared


@pytest.mark.parametrize("command", LEAVES, ids=lambda command: command.name)
def test_what_lies_outside_a_range_is_refused(command, capsys):
    beyond = [(item, item.minimum - 1) for item in command.options if item.minimum is not None]
    beyond += [(item, item.maximum + 1) for item in command.options if item.maximum is not None]
    for option, value in beyond:
        assert run(BUILT, [*command.path, f"{option.names[0]}={value}"]) == 2
        assert f"{refused_value(option, value)}\nTry: " in capsys.readouterr().err
    for option in command.options:
        if option.choices:
            assert run(BUILT, [*command.path, f"{option.names[0]}=no-such"]) == 2
            assert refused_value(option, "no-such") in capsys.readouterr().err


def test_help_json_of_the_program():
    ran = dlcli("--help-json")
    assert (ran.code, ran.err) == (0, "")
    data = json.loads(ran.out)
    jsonschema.Draft202012Validator(COMMAND).validate(data)
    assert {"dlcli classify", "dlcli detect"} < {item["command"] for item in data["commands"]}


def test_help_json_of_a_command():
    data = json.loads(help_json(APP, ["detect"]))
    options = {option["names"][0]: option for option in data["options"]}
    conf = options["--conf"]
    assert (conf["type"], conf["default"], conf["minimum"], conf["maximum"]) == ("number", 0.25, 0, 1)
    assert conf["settings"] == {"key": "conf", "variables": ["DLCLI_DETECT_CONF", "DLCLI_CONF"]}
    assert options["--overwrite"]["settings"] is None
    assert options["--device"]["choices"] == [device.value for device in Device]
    assert options["--recursive"]["off"] == ["--no-recursive"]
    assert (options["--model"]["default"], options["--model"]["panel"]) == ("coco", "Model")
    assert data["arguments"][0]["several"] is True
    assert dlcli("train", "detect", "--help-json").out == help_json(APP, ["train", "detect"]) + "\n"


def test_help_json_of_no_command():
    ran = dlcli("--help-json", "train", "paint")
    assert (ran.code, ran.out) == (2, "")
    assert "dlcli train is followed by: classify, detect" in ran.err


def test_every_exit_code_is_told():
    assert set(EXIT_CODES) == set(ExitCode)


def test_the_manual_page_reads_without_a_warning():
    if shutil.which("groff") is None:
        pytest.skip("no groff here")
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-P-c", "-P-b", "-P-u", "docs/dlcli.1"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    shown = " ".join(done.stdout.decode().split())
    for command in LEAVES:
        assert f"{command.name} [OPTIONS]" in shown or command.name in shown
    for words in ("--conf 0..1", "count(dog) > 0", "DLCLI_DETECT_CONF=0.4", "EXIT STATUS", *SECTIONS):
        assert words in shown


@pytest.mark.parametrize("text", [".TH not a request", "a\\b \"c\" 'd' -e ~ ^ `", "'br", "back\\slash \\fB"])
def test_roff_shows_any_text_as_it_is(text):
    if shutil.which("groff") is None:
        pytest.skip("no groff here")
    page = f".TH A 1\n.SH NAME\na \\- b\n.SH TEXT\n{roff(text)}\n"
    done = subprocess.run(
        ["groff", "-man", "-Tascii", "-P-cbu"], input=page, capture_output=True, text=True, check=True
    )
    assert text in " ".join(done.stdout.split())


def test_the_types_for_python_are_what_the_options_say():
    assert (ROOT / "dlcli/__init__.pyi").read_text() == stub(), RENEW


def test_the_pages_are_written_anew(tmp_path):
    from dlcli.cli.reference import __main__ as program

    docs = tmp_path / "docs"
    program.sys.argv, kept = ["reference", str(docs)], program.sys.argv
    try:
        program.main()
    finally:
        program.sys.argv = kept
    assert (docs / "reference.md").read_text() == reference_page(TREE)
    assert (docs / "dlcli.1").read_text() == manual_page(TREE)
    assert (tmp_path / "dlcli/__init__.pyi").read_text() == stub()
