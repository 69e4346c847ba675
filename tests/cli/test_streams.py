"""Standard streams that are closed, full or gone, and files that cannot be saved."""

import json
import signal
import subprocess
import sys
import time

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


def test_a_format_that_cannot_hold_a_picture_fails_that_picture_alone(tmp_path):
    Image.new("RGB", (17000, 2)).save(tmp_path / "wide.png")
    (tmp_path / "wide.png").rename(tmp_path / "wide.webp")
    ran = dlcli("detect", tmp_path / "wide.webp", CAT, "--out", tmp_path / "out", "--json")
    assert ran.code == 3
    first, second = map(json.loads, ran.lines)
    assert first["error"]["kind"] == "unwritable"
    assert second["ok"]
    assert (tmp_path / "out" / "results.jsonl").read_text() == ran.out


def test_the_record_fills_the_disk(tmp_path):
    """The file that a record would go to is /dev/full."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".results.jsonl.part").symlink_to("/dev/full")
    ran = dlcli("detect", CAT, "--out", tmp_path / "out", "--save", "none", "--overwrite")
    assert ran.code == 5
    assert "cannot be written: No space left on device" in ran.err
    assert "fault" not in ran.err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_does_not_wait_for_long_pictures(number, code, tmp_path):
    for name in "ab":
        Image.effect_noise((3000, 3000), 60).save(tmp_path / f"{name}.jpg")
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
        start = time.monotonic()
        process.send_signal(number)
        _, err = process.communicate(timeout=100)
    assert process.returncode == code
    assert time.monotonic() - start < 10
    assert "Traceback" not in err
    assert ("interrupted after" in err) == (number == signal.SIGINT)
