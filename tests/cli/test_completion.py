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
from statistics import median

import pytest

from dlcli.cli.completion.offers import Offer, offer, option_names, valued
from tests.cli.settings.test_layers import TREE
from tests.program import CAT, dlcli

SHELLS = ("bash", "zsh", "fish")
TAB_SECONDS = 0.2
ASKED = [
    ("dlcli det", {"detect"}),
    ("dlcli train ", {"classify", "detect", "segment", "style-transfer"}),
    ("dlcli train detect --lr 1 --class-", {"--class-loss"}),
    ("dlcli detect --device ", {"auto", "cpu", "cuda"}),
    ("dlcli eval detect data --device c", {"cpu", "cuda"}),
    ("dlcli detect ima", {"images/", "image one.jpg"}),
    ("dlcli detect --out ima", {"images/", "image one.jpg"}),
    ("dlcli classify x --sort-into ima", {"images/"}),
    ("dlcli export --full", {"--full-range"}),
    ("dlcli detect --conf ", set()),
    ("dlcli completion z", {"zsh"}),
    ("dlcli detect --max-d", {"--max-det"}),
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


def bash(folder: Path, line: str) -> tuple[set[str], float]:
    """What the function offers, and the seconds that it takes."""
    words = line.split(" ")
    ask = f"""
        source dlcli.bash; COMP_WORDS=({" ".join(word or "''" for word in words)}); COMP_CWORD={len(words) - 1}
        start=$EPOCHREALTIME; _dlcli; end=$EPOCHREALTIME
        echo $((${{end/./}} - ${{start/./}})); printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", ask], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    micros, *offered = done.stdout.splitlines()
    return {f"{word}/" if (folder / word).is_dir() else word for word in offered if word}, int(micros) / 1e6


def fish(folder: Path, line: str) -> tuple[set[str], float]:
    ask = f"source dlcli.fish; set start (date +%s%N); complete -C '{line}'; date +%s%N; echo $start"
    env = os.environ | {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    done = subprocess.run(
        ["fish", "--no-config", "-c", ask], cwd=folder, capture_output=True, text=True, env=env, check=True
    )
    *offered, end, start = done.stdout.splitlines()
    return {item.split("\t")[0].replace("\\", "") for item in offered}, (int(end) - int(start)) / 1e9


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

    def tab(self, line: str) -> tuple[str, str, float]:
        """The line behind a Tab, what was listed below it, and the seconds until then."""
        self.say(f"\x15{line}")
        self.screen(0.1)
        start = time.monotonic()
        self.say("\t")
        listed, seconds = self.screen(0.15), time.monotonic() - start - 0.15
        self.say("\x18")
        return self.line(), listed, seconds

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
    found, seconds = bash(folder, line)
    assert found == offered
    assert seconds < TAB_SECONDS


def test_bash_completes_behind_an_equals_sign(folder):
    """bash itself takes --device=cu apart, into three words."""
    need("bash")
    assert bash(folder, "dlcli detect --device = cu")[0] == {"cuda"}
    assert bash(folder, "dlcli detect --device =")[0] == {"auto", "cpu", "cuda"}


@pytest.mark.parametrize(("line", "offered"), ASKED)
def test_fish_offers(line, offered, folder):
    need("fish")
    found, seconds = fish(folder, line)
    assert {word for word in found if not word.startswith(("HOME", "dlcli."))} == offered
    assert seconds < TAB_SECONDS


def test_zsh_offers(folder):
    need("zsh")
    zsh, waits = Zsh(folder), []
    try:
        zsh.tab("dlcli mod")  # the first Tab loads zsh's own functions
        for line, offered in ASKED:
            text, listed, seconds = zsh.tab(line)
            waits.append(seconds)
            if len(offered) == 1:
                assert text.rstrip().replace("\\", "") == f"{line.rpartition(' ')[0]} {next(iter(offered))}"
            else:
                if text != line:  # what they have in common came first
                    listed = zsh.tab(text)[1].replace("\\", "")
                assert all(word in listed for word in offered), (line, text, listed)
    finally:
        zsh.close()
    assert median(waits) < TAB_SECONDS


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
        found, _ = bash(folder, " ".join(("dlcli", *path, "-")))
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
