"""The program as a shell sees it: what it loads, what it says, how it ends."""

import json
import re
import signal
import subprocess
import sys

import pytest

from dlcli import __version__
from dlcli.cli.commands import COMMANDS
from dlcli.tasks.registry import all_tasks
from tests.program import CAT, ROOT, SAMPLES, dlcli, loaded_modules

HEAVY = {"numpy", "cv2", "onnxruntime", "torch"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["detect", "--help"], 0),
        (["train", "detect", "--help"], 0),
        (["detect", "--no-such-option"], 2),
        (["detect", CAT, "--conf", "2"], 2),
        (["detect", CAT, "--pre", "clahe(clip=2"], 2),
        (["detect", CAT, "--pre", "blur(3)"], 2),
        (["detect"], 2),
        (["detect", "conf=0.25"], 2),
        (["detect", CAT, "--save", "crops"], 2),
        (["schema", "detect"], 0),
        (["frobnicate"], 2),
        (["detect", ""], 2),
        (["detect", CAT, "--out", ""], 2),
        (["detect", CAT, "--out="], 2),
        (["detect", CAT, "--files-from", ""], 2),
        (["detect", CAT, "--out", "x", "--save", "coco", "--shard", "1/2"], 2),
        (["preprocess", CAT, "--check", "--shard", "1/2"], 2),
    ],
    ids=lambda value: " ".join(str(v) for v in value)[-40:] if isinstance(value, list) else str(value),
)
def test_what_needs_no_image_loads_nothing_heavy(arguments, code):
    ended, loaded = loaded_modules(*arguments)
    assert ended == code
    assert not loaded & HEAVY


def test_detect_in_the_light_core_never_loads_torch():
    code, loaded = loaded_modules("detect", CAT, "--json")
    assert code == 0
    assert "onnxruntime" in loaded
    assert "torch" not in loaded


@pytest.mark.parametrize("arguments", [[], ["train"], ["eval"], ["models"]])
def test_a_command_that_lacks_one_shows_what_can_follow(arguments):
    ran = dlcli(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: dlcli")
    assert ("Images:" if not arguments else "Commands:") in ran.err


def test_every_command_stands_under_one_title():
    rows = re.findall(r"^  ([a-z-]+)  ", dlcli("--help").out.split("Options:")[0], re.MULTILINE)
    assert sorted(rows) == sorted([*all_tasks(), *COMMANDS])


def test_version_is_the_packages():
    assert dlcli("--version").out == f"dlcli {__version__}\n"


def test_help_names_the_exit_codes():
    ran = dlcli("--help")
    for word in ("0 done", "1 a gate", "2 wrong usage", "3 done", "4 a model", "5 could not", "70 a bug", "130 Ctrl-C"):
        assert word in " ".join(ran.out.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["detect", "conf=0.25"], "did you mean --conf 0.25"),
        (["detect", "source=cat.jpg"], "dlcli detect cat.jpg"),
        (["detect", CAT, "--classes", "dgo"], "did you mean dog?"),
        (["detect", CAT, "--classes", "unicorn"], "the model knows: person"),
        (["detect", CAT, "--classes", "dog", "--exclude-classes", "cat"], "do not go together"),
        (["detect", CAT, "--save", "annotated"], "needs --out"),
        (["detect", CAT, "--out", "x", "--save", "masks"], "expected any of annotated, crops"),
        (["detect", CAT, "--out", "x", "--save", "yolo,crop"], "or none by itself; did you mean crops?"),
        (["detect", CAT, "--pre", "gama(2)"], "gamma"),
        (["detect", CAT, "--conf", "2"], "--conf 2: expected a number from 0 to 1"),
        (["detect", CAT, "--device", "cuda"], "--runtime onnx --device cpu"),
        (["detect", "no/*.jpg"], "matches no image"),
        (["detect", "dlcli"], "no image in this folder"),
        (["segment", CAT, "--tile-size", "128"], "--tile-overlap and --tile-merge: say how --tile works; add --tile"),
        (["detect", CAT, "--tile-overlap", "0.3"], "add --tile"),
        (["preprocess", CAT, "--for", "painter", "--out", "gone"], "--for painter: paints images"),
        (["schema", "paint"], "classify, detect"),
    ],
    ids=lambda value: " ".join(str(v) for v in value)[-40:] if isinstance(value, list) else "",
)
def test_wrong_usage_says_what_is_right(arguments, words):
    ran = dlcli(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert words in ran.err
    assert "Traceback" not in ran.err


def test_a_model_that_is_not_there_is_exit_4():
    ran = dlcli("detect", CAT, "--model", "cooc")
    assert ran.code == 4
    assert "coco" in ran.err


def test_a_fault_of_ours_is_exit_70_with_a_traceback_only_on_demand(monkeypatch, capsys):
    from dlcli.cli import app

    def broken(_arguments, **_more):
        raise ZeroDivisionError("by zero")

    assert app.run(broken, []) == 70
    assert "Traceback" not in capsys.readouterr().err
    assert app.run(broken, ["--debug"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_a_closed_pipe_ends_without_a_word():
    many = " ".join([str(SAMPLES / "cat.jpg"), str(SAMPLES / "coffee.jpg"), str(SAMPLES / "rocket.jpg")])
    done = subprocess.run(
        [
            "bash",
            "-c",
            f"{sys.executable} -m dlcli detect {many} --json -q --threads 1 | head -1; echo ${{PIPESTATUS[0]}}",
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    first, code = done.stdout.splitlines()
    assert json.loads(first)["ok"] is True
    assert code in ("141", "0")  # 0 where all was written before head went away
    assert done.stderr == ""


def test_full_standard_output_is_exit_5():
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m dlcli detect {CAT} --json > /dev/full"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 5
    assert "standard output: cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_with_their_codes(number, code, tmp_path):
    """The signal comes once the first record is out, with a hundred images to go."""
    names = tmp_path / "names.txt"
    for i in range(100):
        (tmp_path / f"{i:03d}.jpg").write_bytes(CAT.read_bytes())
    names.write_text("".join(f"{tmp_path}/{i:03d}.jpg\n" for i in range(100)))
    with subprocess.Popen(
        [sys.executable, "-m", "dlcli", "detect", "--files-from", names, "--json", "--threads", "1", "-q"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert json.loads(process.stdout.readline())["ok"]
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert len(out.splitlines()) < 99
    assert "Traceback" not in err
