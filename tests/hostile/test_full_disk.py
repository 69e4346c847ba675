"""A full disk, output that nobody reads, signals in the middle: whole files, plain words, and --resume goes on."""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from tests.program import CAT, ROOT, dlcli

ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


@pytest.fixture
def images(tmp_path):
    (tmp_path / "in").mkdir()
    for i in range(60):
        shutil.copy(CAT, tmp_path / "in" / f"{i:02d}.jpg")
    return tmp_path


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 256 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system can only be mounted by root, and not in every container")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_out_fills_the_disk(images, small_disk):
    """What is there is whole; with space again, --resume ends as a run without a hitch."""
    arguments = ("detect", "in", "--save", "annotated", "--json")
    ran = dlcli(*arguments, "--out", small_disk / "out", cwd=images)
    assert ran.code == 5
    assert "the disk is full; free some space" in ran.err
    assert "Traceback" not in ran.err
    written = sorted((small_disk / "out").glob("*.jpg"))
    assert 0 < len(written) < 60
    assert all(path.read_bytes().endswith(b"\xff\xd9") for path in written)
    assert not (small_disk / "out" / "results.jsonl").exists()
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    resumed = dlcli(*arguments, "--out", small_disk / "out", "--resume", cwd=images)
    whole = dlcli(*arguments, "--out", images / "whole", cwd=images)
    assert (resumed.code, resumed.out) == (0, whole.out)
    for path in (images / "whole").glob("*.jpg"):
        assert path.read_bytes() == (small_disk / "out" / path.name).read_bytes()
    assert not [path for path in (small_disk / "out").iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("kind", ["html", "csv", "junit", "sarif", "markdown"])
def test_a_report_fills_the_disk(kind, images, small_disk):
    (small_disk / "filler").write_bytes(bytes(256 << 10))
    ran = dlcli("detect", "in", "--report", f"{kind}={small_disk / 'r'}", "--json", cwd=images)
    assert ran.code == 5
    assert f"--report {kind}" in ran.err
    assert "the disk is full" in ran.err
    assert len(ran.lines) == 60
    assert [path.name for path in small_disk.iterdir()] == ["filler"]


def test_no_room_for_temporary_files(images, small_disk):
    (small_disk / "filler").write_bytes(bytes(256 << 10))
    ran = dlcli("detect", "in", "--out", "out", "--json", cwd=images, env={"TMPDIR": str(small_disk)})
    assert (ran.code, len(ran.lines)) == (0, 60)


@pytest.mark.parametrize("line", ["detect in --json", "detect in", "detect in --plan", "merge r.jsonl", "--help"])
def test_a_full_standard_output(line, images):
    (images / "r.jsonl").write_text(dlcli("detect", "in/00.jpg", "--json", cwd=images).out)
    with open("/dev/full", "wb") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "dlcli", *line.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=images,
            env=ENVIRONMENT,
            check=False,
            text=True,
            timeout=100,
        )
    assert ran.returncode == 5, ran.stderr
    assert "No space left on device" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "Exception ignored" not in ran.stderr


@pytest.mark.parametrize("words", ["--json", "", "--json --out out", "--plan"])
def test_head(words, images):
    line = f"{sys.executable} -m dlcli detect in {words} | head -1; exit ${{PIPESTATUS[0]}}"
    ran = subprocess.run(
        ["bash", "-c", line], capture_output=True, cwd=images, env=ENVIRONMENT, timeout=100, check=False
    )
    assert ran.returncode in (0, 141)
    assert ran.stdout.count(b"\n") == 1
    assert ran.stderr == b"" or b"60 images" in ran.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_in_the_middle_of_a_run(number, code, images):
    arguments = ["detect", "in", "--out", "out", "--save", "annotated,crops", "--json"]
    command = [sys.executable, "-m", "dlcli", *arguments, "--threads", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=images, env=ENVIRONMENT) as run:
        for _ in range(5):
            run.stdout.readline()
        run.send_signal(number)
        _, err = run.communicate(timeout=60)
    assert run.returncode == code
    assert b"Traceback" not in err
    part = images / "out" / ".results.jsonl.part"
    assert 5 <= len([json.loads(line) for line in part.read_text().splitlines()]) < 60
    assert all(path.read_bytes().endswith(b"\xff\xd9") for path in (images / "out").rglob("*.jpg") if path.is_file())
    resumed = dlcli(*arguments, "--resume", cwd=images)
    whole = dlcli(*arguments[:3], "whole", *arguments[4:], cwd=images)
    assert (resumed.code, resumed.out) == (0, whole.out)
    assert tree(images / "out") == tree(images / "whole")


def tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "state" not in path.name
    }
