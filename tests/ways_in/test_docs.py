"""docs/ways-in.md shows hooks, inputs, commands and checks that exist; the image holds what it needs and no more."""

import json
import re
import shlex
import textwrap

import pytest
import yaml

from tests.program import ROOT, dlcli
from tests.ways_in.dockerfile_steps import instructions

PAGE = (ROOT / "docs" / "ways-in.md").read_text()
BLOCKS = [textwrap.dedent(block) for block in re.findall(r"(?:^    .*\n|^\n(?=    ))+", PAGE, re.MULTILINE)]
FILES = {match[1]: yaml.safe_load(block) for block in BLOCKS if (match := re.match(r"\s*# (\S+\.ya?ml)\n", block))}
GROUPS = ("eval",)


def test_the_hooks_shown_are_there():
    there = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    shown = {hook["id"] for repo in FILES[".pre-commit-config.yaml"]["repos"] for hook in repo["hooks"]}
    assert shown <= there
    assert set(re.findall(r"^\| `(dlcli-[a-z]+)` \|", PAGE, re.MULTILINE)) == there


def test_the_inputs_of_the_action_are_there():
    there = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    (job,) = FILES[".github/workflows/images.yml"]["jobs"].values()
    assert job["steps"][1]["with"].keys() <= there.keys()
    section = PAGE[PAGE.index("## GitHub Actions") : PAGE.index("## GitLab")]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE)) == set(there)


def written_commands() -> list[list[str]]:
    """Words after dlcli: of the blocks, of GitLab's script and of the action's example."""
    step = FILES[".github/workflows/images.yml"]["jobs"]["images"]["steps"][1]["with"]
    lines = [*FILES[".gitlab-ci.yml"]["images"]["script"], f"dlcli {step['command']} {step['args']}"]
    lines += [line for block in BLOCKS for line in block.splitlines() if line.startswith(("dlcli ", "docker run"))]
    found = [shlex.split(line, comments=True) for line in lines]
    return [words[len(words) - words[::-1].index("dlcli") :] for words in found]


@pytest.mark.parametrize("words", written_commands(), ids=" ".join)
def test_commands_and_options_exist(words: list[str]):
    ran = dlcli(words[0], "--help")
    assert ran.code == 0
    for word in words[1:]:
        if re.fullmatch(r"--?[a-z][a-z-]*", word):
            assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", ran.out), word


def test_the_script_for_gitlab_ends_as_its_gate_says(tmp_path):
    (line,) = FILES[".gitlab-ci.yml"]["images"]["script"]
    words = shlex.split(line.replace("assets", str(ROOT / "sample_data" / "cat.jpg")))
    assert dlcli(*words[1:], cwd=tmp_path).code == 0
    assert (tmp_path / "report.xml").is_file()
    assert dlcli(*[word.replace("dog", "cat") for word in words[1:]], cwd=tmp_path).code == 1


def test_every_check_is_described():
    report = json.loads(dlcli("doctor", ROOT / "sample_data" / "shapes", "--json").out)
    section = PAGE[PAGE.index("## Is it all right?") :]
    assert {finding["check"] for finding in report["findings"]} - {"set"} <= set(re.findall(r"`([a-z-]+)`", section))


def test_what_the_image_copies_is_not_ignored():
    steps = list(instructions((ROOT / "Dockerfile").read_text()))
    copied = {name for word, rest in steps if word == "COPY" and "--from" not in rest for name in rest.split()[:-1]}
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == kept
    project = (ROOT / "pyproject.toml").read_text()
    assert all(name in copied for name in re.findall(r'"(README\.md|LICENSE|NOTICE)"', project))
    assert [rest for word, rest in steps if word == "USER"] == ["dlcli"]
    assert ("ENTRYPOINT", '["dlcli"]') in steps


def test_the_base_and_the_packages_of_the_image_are_pinned():
    steps = list(instructions((ROOT / "Dockerfile").read_text()))
    bases = {rest.split()[0] for word, rest in steps if word == "FROM"}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.12-slim@sha256:[0-9a-f]{64}", *bases)
    installs = [
        part
        for word, rest in steps
        if word == "RUN"
        for part in rest.split("&&")
        if re.search(r"pip .*(install|wheel) ", part)
    ]
    assert len(installs) == 4
    hashed = "--require-hashes --only-binary :all: -r"
    assert all(hashed in " ".join(part.split()) or "--no-index" in part for part in installs)
