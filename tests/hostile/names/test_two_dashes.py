"""Behind `--` every word is a file, for every command; and `dlcli hook` finds what is a file without one."""

import os
import shutil

import pytest
import typer

from dlcli.cli.app import build_app
from dlcli.cli.commands.hook import split_words
from dlcli.cli.spec import Command, read_tree
from dlcli.errors import UsageError
from tests.hostile.inside import outcome
from tests.program import CAT, unscored

TREE = read_tree(typer.main.get_command(build_app()))
OF_THEIR_OWN = ("dlcli config show", "dlcli hook")  # these take a command and its words, where -- is that command's
LEAVES = [command for command in TREE.all_commands() if command.arguments and command.name not in OF_THEIR_OWN]
WORDS = ("--out=/abs/x.jpg", "--help", "--help-json", "--debug", "--version", "--no-settings", "-q")
NEEDED = {"name": "n", "task": "classify", "labels": "a,b", "out": "made", "to": "yolo", "mean": "0", "std": "255"}
MORE = {"preprocess": ["--check"], "style-transfer": ["--style", "starry-night", "--out", "made", "--overwrite"]}


def required(command: Command) -> list[str]:
    """Options that a command must have before it looks at a file."""
    needed = [option for option in command.options if option.required]
    words = [word for option in needed for word in (option.names[0], NEEDED.get(option.key, "starry-night"))]
    return words if command.path[0] == "train" else [*words, *MORE.get(command.path[-1], [])]


@pytest.mark.parametrize("command", LEAVES, ids=lambda command: command.name)
def test_every_command_takes_what_follows_for_its_arguments(command, tmp_path, monkeypatch):
    """No word of these does what it would before `--`: no help, no version, nothing written to /abs."""
    monkeypatch.chdir(tmp_path)
    count = 2 if command.name in ("dlcli convert", "dlcli diff") else 1
    for word in WORDS:
        ran = outcome([*command.path, *required(command), "--", *[word] * count])
        assert ran.code not in (0, 70), (word, ran)
        said = ran.out + ran.err
        assert word in said or "'--" in said, (word, ran)
        for told in ("No such option", "Usage:", "Missing argument", "dlcli.help/1", "Traceback"):
            assert told not in said, (word, ran)


def test_files_with_names_of_options_are_looked_at(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in WORDS:
        os.makedirs(os.path.dirname(f"./{name}"), exist_ok=True)
        shutil.copy(CAT, f"./{name}")
    ran = outcome(["detect", "--", *WORDS])
    assert (ran.code, unscored(ran.out).splitlines()) == (0, [f"{name}: 1 cat (S)" for name in WORDS])
    assert (
        outcome(["detect", "--exit-zero", "--fail-if", "count(cat) > 0", "--", "--out="]).code == 2
    )  # a folder of none


@pytest.fixture
def committed(tmp_path, monkeypatch):
    """Files as a repository may hold them, in its root."""
    monkeypatch.chdir(tmp_path)
    for name in ("cat.jpg", "--out=/abs/x.jpg", "--exit-zero.jpg", "-.jpg", "--strict", "-q", "-clip.mp4"):
        os.makedirs(os.path.dirname(f"./{name}"), exist_ok=True)
        shutil.copy(CAT, f"./{name}")
    return tmp_path


ARGS = [
    [],
    ["--fail-if", "count(dog) > 0"],
    ["--quiet", "--exit-zero"],
    ["--conf=0.4", "-m", "coco"],
    ["--json", "--"],
    ["--settings"],
]


@pytest.mark.parametrize("args", ARGS, ids=" ".join)
def test_an_image_is_a_file_whatever_args_a_hook_has(args, committed):
    names = ["--exit-zero.jpg", "--out=/abs/x.jpg", "-.jpg", "cat.jpg"]  # as pre-commit sorts them
    chosen, files = split_words(["detect", *args, *names])
    assert chosen == ["detect", *(word for word in args if word != "--"), *([] if "--" in args else ["cat.jpg"])]
    assert sorted(files) == sorted(names if "--" in args else names[:-1])
    ran = outcome(["hook", "detect", *args, *names])
    assert ran.code == 0, ran.err
    assert ran.out == "" if "--quiet" in args else all(name in ran.out for name in names)
    assert not (committed / "made").exists()


def test_a_video_too(committed):
    assert split_words(["detect", "-clip.mp4"]) == (["detect"], ["-clip.mp4"])


@pytest.mark.parametrize("name", ["--strict", "-q"])
def test_a_word_that_could_be_either_is_refused(name, committed):
    """A file of it weakens no gate, and is not left out in silence."""
    with pytest.raises(UsageError, match=f"{name}: an option, or the file of this name\\?"):
        split_words(["preprocess", "--check", name, "cat.jpg"])
    ran = outcome(["hook", "preprocess", "--check", name, "cat.jpg"])
    assert (ran.code, ran.out) == (2, "")
    assert split_words(["preprocess", "--check", "--", name]) == (["preprocess", "--check"], [name])


def test_a_file_called_minus_is_not_standard_input(committed):
    shutil.copy(CAT, "./-")
    assert split_words(["detect", "--", "-"]) == (["detect"], ["./-"])


def test_gates_hold_for_such_files(committed):
    ran = outcome(["hook", "detect", "--fail-if", "count(cat) > 0", "--exit-zero.jpg"])
    assert (ran.code, "--exit-zero.jpg" in ran.err) == (1, True)


def test_a_hook_reads_no_settings_unless_it_is_told_to(committed, monkeypatch):
    (committed / "dlcli.toml").write_text("conf = 0.99\n")
    monkeypatch.setenv("DLCLI_IOU", "7")
    assert unscored(outcome(["hook", "detect", "cat.jpg"]).out) == "cat.jpg: 1 cat (S)\n"
    monkeypatch.delenv("DLCLI_IOU")
    assert outcome(["hook", "detect", "--settings", "cat.jpg"]).out == "cat.jpg: nothing found\n"
    taken = outcome(["--no-settings", "hook", "detect", "--settings", "cat.jpg"])
    assert unscored(taken.out) == "cat.jpg: 1 cat (S)\n"
    (committed / "dlcli.toml").write_text("not TOML")
    assert outcome(["hook", "detect", "cat.jpg"]).code == 0


def test_a_hook_ends_as_its_command_does(committed):
    assert outcome(["hook"]).code == 2
    assert outcome(["hook", "paint"]).code == 2
    assert outcome(["hook", "detect", "--nope", "cat.jpg"]).code == 2
    assert outcome(["hook", "detect", "missing.jpg"]).code == 3
