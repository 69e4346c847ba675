"""Names that a runner of GitHub Actions or a terminal would take for commands, through everything that is printed."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dlcli.console import RUNNER, Console, printable
from tests.hostile.inside import outcome
from tests.program import CAT, ROOT, dlcli

ACTIONS = {RUNNER: "true"}
NAMES = (
    "::stop-commands::x.jpg",
    "x##[add-mask]y.jpg",
    ":::group::.jpg",
    "a\n::error::b.jpg",
    " ::set-env name=A::x.jpg",
    "###[debug].jpg",
)


def commands(text: str) -> list[str]:
    """Lines that GitHub's runner reads as commands: those that begin with ::, and those that hold ##[."""
    return [line for line in re.split(r"[\r\n]", text) if line.strip().startswith("::") or "##[" in line]


@pytest.fixture
def folder(tmp_path):
    for name in NAMES:
        shutil.copy(CAT, tmp_path / name)
        (tmp_path / f"{name}.empty.jpg").write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ["detect", ".", "--json"],
        ["detect", ".", "--fail-if", "count(cat) > 0"],
        ["classify", ".", "--top", "1"],
        ["preprocess", ".", "--check", "--json"],
        ["detect", ".", "--plan"],
        ["detect", "::error::missing.jpg", "##[error]missing.jpg"],
        ["merge", "::error::missing.jsonl"],
        ["detect", "--", "no\n::error::glob*"],
        ["detect", ".", "--::error::option"],
        ["doctor", "::error::set"],
        ["detect", ".", "--model", "##[error]model"],
    ],
    ids=" ".join,
)
def test_no_name_is_a_command_to_the_runner(words, folder, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.delenv(RUNNER, raising=False)
    plain = outcome(words)
    monkeypatch.setenv(RUNNER, "true")
    escaped = outcome(words)
    assert commands(escaped.out + "\n" + escaped.err) == []
    assert escaped.code == plain.code
    if "--json" in words:
        assert list(map(json.loads, escaped.out.splitlines())) == list(map(json.loads, plain.out.splitlines()))


def test_the_commands_of_the_report_are_the_only_ones(folder):
    ran = dlcli("detect", ".", "--json", "--report", "github", cwd=folder, env=ACTIONS)
    assert commands(ran.out) == []
    found = commands(ran.err)
    assert len(found) == len(NAMES)
    assert all(re.match(r"::error file=[^:,\n]*,title=dlcli%3A empty::", line) for line in found)


def test_elsewhere_records_are_as_they_are(folder):
    ran = dlcli("detect", NAMES[0], NAMES[1], "--json", cwd=folder, env={RUNNER: ""})
    assert [line.split('"source":')[1].split(",")[0] for line in ran.lines] == [f'"{NAMES[0]}"', f'"{NAMES[1]}"']


@pytest.mark.parametrize("words", [["detect", ".", "--report", "csv=log"], ["merge", "a.jsonl", "--out", "log"]])
def test_no_report_is_written_into_the_log(words, folder):
    """The log is reached by a link of this folder, as /dev/stdout is one: a test that breaks replaces no device."""
    (folder / "log").symlink_to("/proc/self/fd/1")
    (folder / "a.jsonl").write_text(dlcli("detect", NAMES[1], "--json", cwd=folder).out)
    ran = dlcli(*words, "--overwrite", cwd=folder, env=ACTIONS, process=True)
    assert (ran.code, ran.out) == (2, "")
    assert "this is the log of the job, which takes names for commands; name a file" in ran.err
    assert (folder / "log").is_symlink()


@given(st.text(alphabet=st.sampled_from(':#[] a"\\\n\u202eé😀\x9b')))
@example("::stop-commands::x.jpg")
@example("\\##[x")
def test_any_text(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(RUNNER, "true")
        line = printable(text)
        assert commands(line) == []
        assert line.isprintable()
        written = []
        patch.setattr(Console, "_out", lambda _self, data: written.append(data.decode()))
        Console().data(json.dumps({"source": text}, ensure_ascii=False))
        patch.setattr(Console, "talks_to_person", True)
        Console().data(json.dumps({"source": text}, ensure_ascii=False))
    assert [json.loads(line)["source"] for line in written] == [text, text]
    assert all(commands(line) == [] for line in written)
    assert written[1].removesuffix("\n").isprintable()


TURNING = "a\u009b2J\u202egpj.\u2028\U000e0001b.jpg"


def on_a_terminal(*words: object) -> str:
    """What a person sees of standard output."""
    own, its = pty.openpty()
    with os.fdopen(own, "rb", buffering=0) as screen:
        program = [sys.executable, "-m", "dlcli", *map(str, words)]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(
            program, stdin=subprocess.DEVNULL, stdout=its, stderr=subprocess.PIPE, env=env
        ) as running:
            os.close(its)
            seen = b""
            try:
                while piece := screen.read(4096):
                    seen += piece
            except OSError:  # the other side is closed
                pass
            running.communicate(timeout=60)
    return seen.decode()


def test_controls_are_written_out_on_a_terminal(tmp_path):
    """C1, bidi and line controls of a name, in records and for people; to a pipe the record is as it was."""
    path = tmp_path / TURNING
    shutil.copy(CAT, path)
    seen = on_a_terminal("detect", path, "--json")
    assert not re.search("[\u0080-\u009f\u202a-\u202e\u2028\u2029\u2066-\u2069\U000e0001]", seen)
    assert "a\\u009b2J\\u202egpj.\\u2028\\udb40\\udc01b.jpg" in seen
    piped = dlcli("detect", path, "--json")
    assert json.loads(seen) == json.loads(piped.out)
    assert TURNING in piped.out
    people = dlcli("detect", path)
    assert "a\\x9b2J\\x202egpj.\\x2028\\xe0001b.jpg: 1 cat" in people.out
