"""A signal at any moment: its exit code, one sentence, whole files; for the process alone and for its group."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest

from tests.program import CAT, ROOT, SAMPLES

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
CODES = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 143}
WORDS = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "terminated"}
START = ("typer", "dlcli.tasks.registry", "dlcli.batch.plan", "numpy", "cv2", "onnxruntime")


def at_moment(moment, word, *arguments, group=False, cwd=ROOT):
    """What `dlcli ARGUMENTS` ends with, if the signal comes at this moment; see tests/hostile/signals/moments.py."""
    return subprocess.run(
        [sys.executable, "-m", "tests.hostile.signals.moments", moment, word, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=ENVIRONMENT,
        start_new_session=group,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("group", [False, True], ids=["alone", "group"])
@pytest.mark.parametrize("word", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("module", START)
def test_while_the_program_starts(module, word, group):
    ran = at_moment(f"import {module}", word, "detect", CAT, group=group)
    assert (ran.returncode, ran.stdout, ran.stderr) == (CODES[word], "", f"dlcli: {WORDS[word]}\n")


def test_a_terminal_that_goes_away_is_as_sigterm():
    ran = at_moment("import numpy", "SIGHUP", "detect", CAT)
    assert (ran.returncode, ran.stderr) == (143, "dlcli: terminated\n")


@pytest.mark.parametrize("entry", ["dlcli.__main__", "dlcli.cli.app"])
def test_either_way_in(entry):
    """The second is what an older installation's script calls."""
    code = (
        "import os, signal, sys\n"
        f"from {entry} import main\n"
        "sys.addaudithook(lambda event, what: event == 'import' and what[0] == 'cv2' and (\n"
        "    os.kill(os.getpid(), signal.SIGTERM), signal.pause()))\n"
        f"sys.argv = ['dlcli', 'detect', {str(CAT)!r}]\n"
        "main()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT, timeout=60, check=False
    )
    assert (ran.returncode, ran.stderr) == (143, "dlcli: terminated\n")


def test_the_way_in_loads_next_to_nothing_before_it_hears_signals():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    module, _, name = project["project"]["scripts"]["dlcli"].partition(":")
    code = f"import sys; from {module} import {name}; print(*sorted(m for m in sys.modules if 'dlcli' in m.split('.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT, check=True)
    assert done.stdout.split() == ["dlcli", "dlcli.__main__", "dlcli.errors", "dlcli.signals"]


@pytest.mark.parametrize("word", CODES)
def test_one_image_in_native_code(word, tmp_path):
    """The main thread never comes back from it; with one image there is no other."""
    ran = at_moment("native", word, "detect", CAT, "--out", tmp_path / "out", "--json")
    assert ran.returncode == CODES[word]
    assert ran.stderr == f"dlcli: {WORDS[word]} after 0 of 1 images; go on with --resume\n"
    assert not list((tmp_path / "out").glob("*.tmp*"))


def test_many_images_in_native_code(tmp_path):
    ran = at_moment("native", "SIGINT", "detect", SAMPLES, "--threads", 2, "--json")
    assert (ran.returncode, ran.stderr.splitlines()) == (130, ["dlcli: interrupted after 0 of 6 images"])


def test_a_second_signal_ends_at_once_whatever_the_first_waits_for(tmp_path):
    ran = at_moment("writing", "SIGTERM", "detect", CAT, "--out", tmp_path / "out", "--json")
    assert (ran.returncode, ran.stdout, ran.stderr) == (143, "", "")


def test_a_file_that_never_becomes_whole_is_not_waited_for_long(tmp_path):
    ran = at_moment("slow", "SIGINT", "detect", CAT, "--out", tmp_path / "out", "--json")
    assert (ran.returncode, ran.stdout) == (130, "")
    assert ran.stderr == "dlcli: interrupted after 0 of 1 images; go on with --resume\n"


def test_after_the_end_nothing_more_is_said():
    ran = at_moment("end", "SIGTERM", "detect", CAT, "--json", "--quiet")
    assert (ran.returncode, ran.stderr) == (143, "")
    assert json.loads(ran.stdout)["ok"]


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("dlcli.evaluation.evaluate", ("eval", "detect", SAMPLES / "shapes")),
        ("dlcli.doctor.golden", ("doctor",)),
        ("dlcli.data.conversion.target", ("convert", SAMPLES / "shapes", "set", "--to", "yolo")),
        ("dlcli.models.run_folder", ("export", SAMPLES)),
        ("dlcli.evaluation.diff.compare", ("diff", CAT, CAT)),
    ],
)
def test_the_other_commands(module, arguments, tmp_path):
    ran = at_moment(f"import {module}", "SIGTERM", *arguments, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (143, "dlcli: terminated\n")
    assert list(tmp_path.iterdir()) == []


def test_a_conversion_leaves_nothing_beside_its_target(tmp_path):
    """The signal comes when all is written and about to be read back."""
    script = (
        "import os, signal, sys, time\n"
        "from dlcli.data.conversion import run\n"
        "run._read_back = lambda *_: (os.kill(os.getpid(), signal.SIGINT), time.sleep(60))\n"
        f"sys.argv = ['dlcli', 'convert', {str(SAMPLES / 'shapes')!r}, 'set', '--to', 'yolo', '--allow-loss']\n"
        "from dlcli.__main__ import main\n"
        "main()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=ENVIRONMENT,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (130, "dlcli: interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_a_signal_that_was_to_be_ignored_stays_ignored():
    """As `nohup` and jobs in the background of a script have it."""
    script = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN); signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from dlcli.cli import app\n"
        "leave = app.leave\n"
        "app.leave = lambda: (os.kill(os.getpid(), signal.SIGINT), os.kill(os.getpid(), signal.SIGHUP), leave())\n"
        f"sys.argv = ['dlcli', 'detect', {str(CAT)!r}, '--json', '--quiet']\n"
        "app.main()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=ENVIRONMENT, timeout=60, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("word", ["SIGINT", "SIGTERM"])
def test_while_a_model_is_fetched(word, tmp_path):
    """The server takes the call and never answers."""
    server = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{server.getsockname()[1]}/net-0123abcd.pth"
    script = (
        f"from pathlib import Path; from dlcli.models.pull import pull; pull({address!r}, Path('net-0123abcd.pth'))"
    )
    code = f"from dlcli import signals; signals.take_over(); {script}"
    with (
        server,
        subprocess.Popen(
            [sys.executable, "-c", code], stdout=-1, stderr=-1, text=True, cwd=tmp_path, env=ENVIRONMENT
        ) as run,
    ):
        call, _ = server.accept()
        run.send_signal(signal.Signals[word])
        _, err = run.communicate(timeout=60)
        call.close()
    assert (run.returncode, err) == (CODES[word], f"dlcli: {WORDS[word]}\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [("--sort-into", "sorted", "--move"), ()])
def test_resume_is_named_where_it_would_go_on(arguments, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "cat.jpg").write_bytes(CAT.read_bytes())
    ran = at_moment("native", "SIGINT", "classify", "in", "--out", "out", *arguments, cwd=tmp_path)
    assert ran.returncode == 130
    assert ("; go on with --resume" in ran.stderr) == (not arguments)


def train_words(out: Path) -> list[str]:
    words = "--size 64 --batch 4 --epochs 1000 --eval-every 1000 --from none --mosaic 0 --workers 2 --threads 1"
    return ["train", "detect", str(SAMPLES / "shapes"), "--out", str(out), *words.split()]


@pytest.mark.parametrize("word", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_training_and_its_workers(word, tmp_path):
    """The signal reaches the workers too; what `timeout`, Slurm and a terminal do."""
    run = subprocess.Popen(
        [sys.executable, "-m", "dlcli", *train_words(tmp_path / "run")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=ENVIRONMENT,
        start_new_session=True,
    )
    try:
        while not run.stderr.readline().lstrip().startswith("1/1000 "):
            assert run.poll() is None
        os.killpg(run.pid, signal.Signals[word])
        _, err = run.communicate(timeout=100)  # until the last worker has closed it
    finally:
        with suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        run.wait()
    assert run.returncode == CODES[word]
    told = [line for line in err.splitlines() if not re.match(r" *(epoch|\d+/1000) ", line)]
    assert len(told) == 1
    step = int(told[0].removeprefix("dlcli: stopped after step ").removesuffix("; go on with --resume"))
    from dlcli.training.checkpoint import load_checkpoint

    assert load_checkpoint(tmp_path / "run")["total"] == step
