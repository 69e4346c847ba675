"""`dlcli completion`: each shell sources its script and is asked for completions, as a Tab would."""

import os
import pty
import re
import select
import shutil
import subprocess
import time
from functools import cache
from pathlib import Path

import pytest

from dlcli.cli.completion.offers import Offer, offer, option_names, valued
from tests.cli.settings.test_layers import TREE
from tests.program import CAT, dlcli

DEVICES = ("auto", "cpu", "cuda", "tensorrt", "coreml", "directml", "openvino", "xnnpack")
SHELLS = ("bash", "zsh", "fish")
ASKED = [
    ("dlcli det", {"detect"}),
    ("dlcli train ", {"classify", "detect", "gan", "mae", "segment", "style-transfer"}),
    ("dlcli train detect --lr 1 --class-", {"--class-loss"}),
    ("dlcli detect --device ", set(DEVICES)),
    ("dlcli eval detect data --device c", {"cpu", "cuda", "coreml"}),
    ("dlcli detect im", {"images/", "image one.jpg"}),
    ("dlcli detect --out im", {"images/", "image one.jpg"}),
    ("dlcli classify x --sort-into im", {"images/"}),
    ("dlcli export --full", {"--full-range"}),
    ("dlcli detect --conf ", set()),
    ("dlcli completion z", {"zsh"}),
    ("dlcli detect --max-d", {"--max-det"}),
    ("dlcli detect --model coc", {"coco"}),
    ("dlcli segment --model im", {"images/", "image one.jpg"}),
    ("dlcli detect --save anno", {"annotated"}),
    ("dlcli style-transfer x --style gr", {"great-wave"}),
]


@cache
def script(shell: str) -> str:
    ran = dlcli("completion", shell)
    assert (ran.code, ran.err) == (0, "")
    return ran.out


@pytest.fixture
def folder(tmp_path):
    """With a folder, and a file whose name has a space."""
    (tmp_path / "images").mkdir()
    (tmp_path / "image one.jpg").write_bytes(b"")
    for shell in SHELLS:
        (tmp_path / f"dlcli.{shell}").write_text(script(shell))
    return tmp_path


def need(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")


def bash(folder: Path, line: str) -> set[str]:
    """What the function offers; it finds no program to start, so that a Tab is quick."""
    words = line.split(" ")
    ask = f"""
        source dlcli.bash; COMP_WORDS=({" ".join(word or "''" for word in words)}); COMP_CWORD={len(words) - 1}
        PATH=/nowhere; _dlcli; printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", ask], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return {f"{word}/" if (folder / word).is_dir() else word for word in done.stdout.splitlines() if word}


def fish(folder: Path, line: str) -> set[str]:
    ask = f"source dlcli.fish; complete -C '{line}'"
    env = os.environ | {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    done = subprocess.run(
        ["fish", "--no-config", "-c", ask], cwd=folder, capture_output=True, text=True, env=env, check=True
    )
    return {item.split("\t")[0].replace("\\", "") for item in done.stdout.splitlines()}


class Zsh:
    """A zsh that believes in a person at a terminal."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe("zsh", ["zsh", "-f", "-i"], os.environ | {"TERM": "dumb", "HOME": str(folder), "COLUMNS": "200"})
        self.say("unsetopt beep zle_bracketed_paste; PS1=; autoload -U compinit; compinit -u -D; source dlcli.zsh\n")
        self.say("told() { print -r -- \"$BUFFER\" > told; mv told line }; zle -N told; bindkey '^X' told\n")
        self.say("print > line\n")
        self.line()

    def say(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def line(self) -> str:
        """The line as it stands, once zsh has come to tell it."""
        end = time.monotonic() + 20
        while not (self.folder / "line").exists() and time.monotonic() < end:
            self.screen(0.01)
        text = (self.folder / "line").read_text().rstrip("\n")
        (self.folder / "line").unlink()
        return text

    def screen(self, seconds: float) -> str:
        """What has been written since the last look."""
        text = b""
        while select.select([self.terminal], [], [], seconds)[0]:
            text += os.read(self.terminal, 65536)
        return text.decode("utf-8", "replace")

    def tab(self, line: str) -> tuple[str, str]:
        """The line behind a Tab, and what was listed below it."""
        self.say(f"\x15{line}")
        self.screen(0.1)
        self.say("\t")
        listed = self.screen(0.15)
        self.say("\x18")
        return self.line(), listed

    def close(self) -> None:
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_free_of_faults(shell, folder):
    need(shell)
    done = subprocess.run([shell, "-n", f"dlcli.{shell}"], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.mark.parametrize(("line", "offered"), ASKED)
def test_bash_offers(line, offered, folder):
    need("bash")
    assert bash(folder, line) == offered


def test_bash_completes_behind_an_equals_sign(folder):
    """bash itself takes --device=cu apart, into three words."""
    need("bash")
    assert bash(folder, "dlcli detect --device = cu") == {"cuda"}
    assert bash(folder, "dlcli detect --device =") == set(DEVICES)


@pytest.mark.parametrize(("line", "offered"), ASKED)
def test_fish_offers(line, offered, folder):
    need("fish")
    assert {word for word in fish(folder, line) if not word.startswith(("HOME", "dlcli."))} == offered


def test_zsh_offers(folder):
    need("zsh")
    zsh = Zsh(folder)
    try:
        zsh.tab("dlcli mod")  # the first Tab loads zsh's own functions
        for line, offered in ASKED:
            text, listed = zsh.tab(line)
            if len(offered) == 1:
                assert text.rstrip().replace("\\", "") == f"{line.rpartition(' ')[0]} {next(iter(offered))}"
            else:
                if text != line:  # what they have in common came first
                    listed = zsh.tab(text)[1].replace("\\", "")
                assert all(word in listed for word in offered), (line, text, listed)
    finally:
        zsh.close()


@pytest.mark.parametrize("shell", SHELLS)
def test_every_option_of_every_command_is_in_the_script(shell):
    text = script(shell)
    for command in TREE.all_commands():
        for name in option_names(command):
            word = (
                name if shell != "fish" else re.sub("^--?", lambda dashes: {2: "-l ", 1: "-s "}[len(dashes[0])], name)
            )
            assert word in text


def test_bash_offers_all_options_of_each_command_and_no_other(folder):
    need("bash")
    for path in ((), ("detect",), ("train", "segment"), ("models", "info")):
        command = TREE.find(path)
        found = bash(folder, " ".join(("dlcli", *path, "-")))
        assert found == set(option_names(command))


def test_what_is_offered_for_a_value():
    options = {option.key: option for option in valued(TREE.find(("detect",)))}
    kinds = {key: offer(options[key]) for key in ("device", "out", "files_from", "model", "conf", "pre", "classes")}
    assert kinds == {
        "device": Offer.WORDS,
        "out": Offer.FILES,
        "files_from": Offer.FILES,
        "model": Offer.FILES,
        "conf": Offer.NOTHING,
        "pre": Offer.NOTHING,
        "classes": Offer.NOTHING,
    }


def test_another_shell_is_refused():
    ran = dlcli("completion", "tcsh")
    assert ran.code == 2
    assert "SHELL tcsh: expected bash, zsh or fish" in ran.err


def test_completion_takes_no_settings(tmp_path):
    (tmp_path / "dlcli.toml").write_text("conf = = 1\n")
    assert dlcli("detect", CAT, cwd=tmp_path).code == 2
    assert dlcli("completion", "bash", cwd=tmp_path).code == 0
