"""Names that hurt and files that are none, through every kind of file and report."""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.program import CAT, ROOT, dlcli

NAMES = [
    b"a b.jpg",
    b"line\nbreak.jpg",
    b"-dash.jpg",
    b"--help.jpg",
    b"quote'\".jpg",
    b"glob[*]?.jpg",
    b"caf\xe9.jpg",
    b"x" * 246 + b".jpg",
    b"\x1b[31mred\x07.jpg",
    b"C:\\x.jpg",
    b"dots...jpg",
    b"<img src=x onerror=alert(1)>.jpg",
    b"=cmd|' !A1.jpg",
    "‮gpj.\u2028.jpg".encode(),
    b"%2e%2e%2fx.jpg",
    b"results.jsonl.jpg",
]
KINDS = ("junit", "sarif", "markdown", "csv", "html")


@pytest.fixture
def folder(tmp_path):
    """A folder `in` of names that hurt, files that are none, and links of every kind."""
    place = os.fsencode(tmp_path / "in")
    os.makedirs(place + b"/deep")
    for name in NAMES:
        shutil.copy(CAT, place + b"/" + name)
    os.symlink(".", place + b"/loop")
    os.symlink("self.jpg", place + b"/self.jpg")
    os.symlink("nowhere.jpg", place + b"/dangling.jpg")
    os.symlink("deep", place + b"/folder.jpg")
    os.symlink("/dev/zero", place + b"/zero.jpg")
    os.symlink("a b.jpg", place + b"/good-link.jpg")
    os.mkfifo(place + b"/fifo.jpg")
    before = os.getcwd()
    os.chdir(place)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind("socket.jpg")
    os.chdir(before)
    return tmp_path


# Loads what the program loads while it may read it, then becomes nobody and runs it
AS_NOBODY = f"""
import os, sys
from dlcli.cli.app import main
from tests.hostile.inside import outcome
from dlcli.cli.app import build_app
build_app()  # what it loads of the library, which a stranger to the system cannot read
outcome(["detect", {str(CAT)!r}, "--json"])
os.setgroups([]); os.setgid(65534); os.setuid(65534)
main()
"""
BAD = {"self.jpg", "dangling.jpg", "zero.jpg", "fifo.jpg", "socket.jpg"}
GOOD = len(NAMES) + 1


def content(folder):
    return {
        os.fsencode(path): hashlib.sha256(path.read_bytes()).digest()
        for path in (folder / "in").rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def outside(folder):
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("task", "save"),
    [("detect", "annotated,crops,yolo,voc,labelme,coco"), ("segment", "masks,overlay"), ("preprocess", "images")],
)
def test_names_that_hurt(task, save, folder):
    """Every file and report at once, again by --resume, in two shards, and merged."""
    before, there = content(folder), outside(folder)
    reports = [word for kind in KINDS for word in ("--report", f"{kind}=reports/{kind}")]
    more = ("--gamma", "0.9") if task == "preprocess" else ()
    arguments = (task, "in", "-r", "--save", save, "--json", *more)
    first = dlcli(*arguments, "--out", "out", *reports, cwd=folder)
    assert first.code == 3, first.err
    records = [json.loads(line) for line in first.out.split("\n")[:-1]]  # a name may hold what splitlines() splits at
    assert {os.path.basename(record["source"]) for record in records if not record["ok"]} >= BAD
    good = [record for record in records if record["ok"]]
    assert len(records) == GOOD + len(BAD)
    assert len(good) >= GOOD - 1  # the longest name may have no room for what a kind of file adds to it
    assert "\x1b" not in first.err
    assert "fault" not in first.err
    assert len(os.listdir(folder / "reports")) == len(KINDS)
    assert "<img src=x" not in (folder / "reports" / "html").read_text()
    again = dlcli(*arguments, "--out", "out", "--resume", cwd=folder)
    assert (again.code, again.out) == (3, first.out)
    parts, arguments = [], tuple(word.removesuffix(",coco") for word in arguments)
    for number in (1, 2):
        ran = dlcli(*arguments, "--out", "shards", "--shard", f"{number}/2", cwd=folder)
        assert ran.code in (0, 3), ran.err
        parts.append(f"shards/results.{number}-of-2.jsonl")
    assert dlcli("merge", *parts, cwd=folder).out == first.out
    assert content(folder) == before
    assert outside(folder) == there | {"out", "reports", "shards"}


def test_each_name_alone_behind_two_dashes(folder):
    for name in NAMES:
        ran = dlcli(
            "preprocess", "--json", "--gamma", "0.9", "--out", "one", "--overwrite", b"--", name, cwd=folder / "in"
        )
        record = json.loads(ran.out)
        assert (ran.code, record["ok"]) == (0, True), (name, ran.err)


def test_an_out_that_is_no_plain_folder(folder):
    before = content(folder)
    (folder / "real").mkdir()
    (folder / "link").symlink_to("real")
    assert dlcli("detect", "in/a b.jpg", "--out", "link", cwd=folder).code == 0
    assert (folder / "real" / "results.jsonl").exists()
    assert dlcli("detect", "in", "--out", "in/a b.jpg", cwd=folder).code == 2
    assert dlcli("detect", "in", "--out", "in", cwd=folder).code == 2
    inside = dlcli("detect", "in", "-r", "--out", "in/found", "--json", cwd=folder)
    again = dlcli("detect", "in", "-r", "--out", "in/found", "--json", "--overwrite", cwd=folder)
    assert (inside.code, inside.out) == (3, again.out)
    assert before.items() <= content(folder).items()


@pytest.fixture
def open_folder():
    """One that anybody may go into; pytest closes its own to others."""
    with tempfile.TemporaryDirectory(prefix="dlcli-test-") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_what_may_not_be_read_or_written(open_folder):
    """As uid 65534: an unreadable file is a failure, an unreadable folder and a read-only --out are told."""
    shutil.copy(CAT, open_folder / "open.jpg")
    shutil.copy(CAT, open_folder / "shut.jpg")
    (open_folder / "shut.jpg").chmod(0)
    (open_folder / "locked").mkdir(mode=0o700)

    def run(*arguments):
        command = [sys.executable, "-c", AS_NOBODY, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=ROOT)

    ran = run("detect", open_folder, "--json")
    assert ran.returncode == 3, ran.stderr
    assert [json.loads(line).get("error", {}).get("kind") for line in ran.stdout.splitlines()] == [None, "unreadable"]
    ran = run("detect", open_folder / "locked")
    assert (ran.returncode, "cannot be read: Permission denied" in ran.stderr) == (2, True), ran.stderr
    ran = run("detect", open_folder, "-r")
    assert (ran.returncode, "locked: this folder cannot be read (Permission denied)" in ran.stderr) == (3, True)
    for more in ((), ("--overwrite",), ("--resume",)):
        ran = run("detect", open_folder / "open.jpg", "--out", open_folder / "locked" / "out", *more)
        assert ran.returncode in (2, 5), ran.stderr
        assert "ermission" in ran.stderr
        assert "fault" not in ran.stderr
    ran = run("detect", open_folder / "open.jpg", "--report", f"csv={open_folder / 'locked' / 'r.csv'}")
    assert (ran.returncode, "ermission" in ran.stderr) == (2, True), ran.stderr
