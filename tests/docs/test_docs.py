"""README says what the program does: its commands exist, its options too, and what it shows is what is printed."""

import re
import shlex

import pytest

from dlcli.errors import ExitCode
from tests.program import ROOT, dlcli

README = (ROOT / "README.md").read_text()
CI, DRAWING, IMAGES, MODELS, SETTINGS = (
    (ROOT / "docs" / f"{name}.md").read_text() for name in ("ci", "drawing", "images", "models", "settings")
)
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
GROUPS = ("train", "eval", "models")


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


@pytest.mark.parametrize("words", commands(README + CI + DRAWING + IMAGES + MODELS + SETTINGS), ids=" ".join)
def test_every_command_and_option_in_the_docs_exists(words):
    name = words[:2] if words[0] in GROUPS else words[:1]
    ran = dlcli(*name, "--help")
    assert ran.code == 0
    for word in words[len(name) :]:
        if re.fullmatch(r"--?[a-z][a-z-]*|-0", word):
            assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", ran.out), (
                f"{word} is no option of {' '.join(name)}"
            )


def test_readme_lists_every_exit_code():
    table = re.findall(r"^\| (\d[\d, ]*) \|", README, re.MULTILINE)
    assert {int(code) for row in table for code in row.split(",")} == {int(code) for code in ExitCode}


def test_the_broken_files_in_readme_are_told_as_they_are():
    ran = dlcli("detect", "sample_data/broken")
    assert ran.code == 3
    for line in ran.err.splitlines()[:-1]:
        assert f"    {line}\n" in README
    assert ran.err.splitlines()[-1].rpartition(" (run ")[0] + " (run " in README
    for line in ran.lines:
        assert re.search(re.escape(line.split(":")[0]) + ": 1 cat", README)


def test_files_named_in_the_docs_exist():
    for text in (README, CONTRIBUTING, CI, DRAWING, IMAGES, MODELS, SETTINGS):
        for name in re.findall(
            r"`((?:dlcli|tests|sample_data|docs|batch|ops|nets|training|metrics|imaging|tasks)/[\w./-]*)`", text
        ):
            assert (ROOT / name).exists() or (ROOT / "dlcli" / name).exists(), name
        for name in re.findall(r"\]\(([\w./-]+)\)", text):
            assert (ROOT / name).exists(), name
