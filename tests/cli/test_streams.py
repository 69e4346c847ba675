"""Standard streams that are closed, full or gone, and files that cannot be saved."""

import json
import os
import signal
import subprocess
import sys

import pytest
from PIL import Image

from tests.program import CAT, ROOT, SAMPLES, dlcli

PROGRAM = f"{sys.executable} -m dlcli"


def shell(line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=ROOT, check=False, timeout=120)


@pytest.mark.parametrize("where", ["2>&-", "2>/dev/full"])
def test_nobody_need_hear_us(where):
    """What is told is lost, what is found is not."""
    ran = shell(f"{PROGRAM} detect {SAMPLES / 'broken'} --json {where}")
    assert ran.returncode == 3
    assert len(ran.stdout.splitlines()) == len(list((SAMPLES / "broken").iterdir()))


def test_a_closed_standard_output_is_exit_5():
    ran = shell(f"{PROGRAM} detect {CAT} --json >&-")
    assert ran.returncode == 5
    assert "standard output is closed" in ran.stderr


def test_a_closed_standard_input_is_wrong_usage():
    ran = shell(f"{PROGRAM} detect - <&-")
    assert ran.returncode == 2
    assert "standard input is closed" in ran.stderr


def test_an_empty_list_is_done():
    ran = dlcli("detect", "--files-from", "-", "--json")
    assert (ran.code, ran.out) == (0, "")


def test_a_format_that_cannot_hold_an_image_fails_that_image_alone(tmp_path):
    Image.new("RGB", (17000, 2)).save(tmp_path / "wide.png")
    (tmp_path / "wide.png").rename(tmp_path / "wide.webp")
    ran = dlcli("detect", tmp_path / "wide.webp", CAT, "--out", tmp_path / "out", "--json")
    assert ran.code == 3
    first, second = map(json.loads, ran.lines)
    assert first["error"]["kind"] == "unwritable"
    assert second["ok"]
    assert (tmp_path / "out" / "results.jsonl").read_text() == ran.out


def test_the_record_fills_the_disk(tmp_path):
    """No file may grow beyond a byte."""
    command = f"ulimit -f 0; {sys.executable} -m dlcli detect {CAT} --out {tmp_path}/out --save none"
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 5, done.stderr
    assert "cannot be written: File too large" in done.stderr
    assert "fault" not in done.stderr


def test_a_run_s_own_files_are_no_links(tmp_path):
    """A folder of a stranger: its growing file leads to a file of the user's."""
    (tmp_path / "out").mkdir()
    (tmp_path / "profile").write_text("mine")
    (tmp_path / "out" / "results.state.jsonl").write_text("")
    for name in (".results.jsonl.part", ".results.state.jsonl.part"):
        (tmp_path / "out" / name).symlink_to(tmp_path / "profile")
        for more in ("--overwrite", "--resume"):
            assert dlcli("detect", CAT, "--out", tmp_path / "out", "--save", "none", more).code == 2
    assert (tmp_path / "profile").read_text() == "mine"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_does_not_wait_for_long_images(number, code, tmp_path):
    for name in "ab":
        Image.new("L", (3000, 3000), 60).save(tmp_path / f"{name}.png")
    command = [
        sys.executable,
        "-m",
        "dlcli",
        "detect",
        CAT,
        tmp_path,
        "--tile",
        "--tile-size",
        "64",
        "--threads",
        "2",
        "--json",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        process.stdout.readline()
        process.send_signal(number)
        _, err = process.communicate(timeout=100)
    assert process.returncode == code
    assert "Traceback" not in err
    word = "interrupted" if number == signal.SIGINT else "terminated"
    assert err == f"dlcli: {word} after 1 of 3 images\n"
