"""The pages name commands, options, files and exit codes that exist."""

import re
import shlex

import pytest

from dlcli.errors import ExitCode
from tests.program import ROOT, dlcli

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text() for page in PAGES if page.name not in ("reference.md", "ways-in.md"))
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
GROUPS = ("train", "eval", "models", "data")


def commands(text: str) -> list[list[str]]:
    """Every dlcli command line in an indented block, as words; pipes and comments cut off."""
    found = []
    for line in text.splitlines():
        if not line.startswith("    "):
            continue
        for part in re.split(r"[|&;>]{1,2}(?![^']*')", line.split(" #")[0]):
            words = shlex.split(part.replace("$ ", "", 1)) if "dlcli" in part else []
            if "dlcli" in words[:1]:
                found.append(words[1:])
    return found


@pytest.mark.parametrize("words", commands(TEXT), ids=" ".join)
def test_every_command_and_option_in_the_docs_exists(words):
    name = words[:2] if words[0] in GROUPS else words[:1]
    ran = dlcli(*name, "--help")
    assert ran.code == 0
    for word in words[len(name) :]:
        if re.fullmatch(r"--?[a-z][a-z-]*|-0", word):
            assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", ran.out), (
                f"{word} is no option of {' '.join(name)}"
            )


def test_every_exit_code_is_listed():
    table = re.findall(r"^\| (\d[\d, ]*) \|", (ROOT / "docs/ci.md").read_text(), re.MULTILINE)
    assert {int(code) for row in table for code in row.split(",")} == {int(code) for code in ExitCode}


def test_files_named_in_the_docs_exist():
    places = "dlcli|tests|sample_data|docs|batch|ops|nets|training|metrics|imaging|tasks"
    for name in re.findall(rf"`((?:{places})/[\w./-]*)`", TEXT + CONTRIBUTING):
        assert (ROOT / name).exists() or (ROOT / "dlcli" / name).exists(), name
