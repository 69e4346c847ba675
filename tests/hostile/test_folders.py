"""A folder that cannot be read ends no run that goes into folders: it is one input that failed, and told."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dlcli.batch.sources.paths import UNREADABLE, _walk, find_images
from dlcli.data.files import images_below
from dlcli.data.folders import files_below, files_in
from dlcli.errors import DataError
from tests.program import CAT, ROOT, Ran, validate_records

# root without the right to read whatever it likes; others need no help
AS_OTHERS = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
needs_others = pytest.mark.skipif(bool(AS_OTHERS) and shutil.which("setpriv") is None, reason="no setpriv")
DISPLAY = "this folder cannot be read (Permission denied), so its images are missing"


def program(*arguments: object) -> list[str]:
    return [*AS_OTHERS, sys.executable, "-m", "dlcli", *map(str, arguments)]


def dlcli(*arguments: object, cwd: Path) -> Ran:
    done = subprocess.run(
        program(*arguments),
        capture_output=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=120,
        check=False,
    )
    validate_records(done.stdout.decode())
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def folder(tmp_path):
    """in/ with two images, and in/b/lost+found, which nobody may read."""
    for name in ("in/a/cat.jpg", "in/c/cat.jpg", "in/b/lost+found/cat.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CAT, tmp_path / name)
    shut = tmp_path / "in/b/lost+found"
    shut.chmod(0)
    yield tmp_path
    shut.chmod(0o700)


@needs_others
def test_others_are_looked_at_and_it_is_told(folder):
    ran = dlcli("detect", "in", "-r", "--json", "--report", "junit=r.xml", "--out", "out", cwd=folder)
    assert ran.code == 3, ran.err
    records = [json.loads(line) for line in ran.lines]
    assert [(record["source"], record["ok"]) for record in records] == [
        ("in/a/cat.jpg", True),
        ("in/b/lost+found", False),
        ("in/c/cat.jpg", True),
    ]
    assert records[1]["error"]["kind"] == UNREADABLE
    assert f"in/b/lost+found: {DISPLAY}; check its permissions" in ran.err
    assert "; 1 failed" in ran.reported[-1]
    assert DISPLAY in (folder / "r.xml").read_text()
    again = dlcli("detect", "in", "-r", "--json", "--resume", "--out", "out", cwd=folder)
    assert (again.code, again.out) == (3, ran.out)
    assert dlcli("detect", "in", "-r", "--skip-bad", cwd=folder).code == 0


@needs_others
@pytest.mark.parametrize(
    "arguments",
    [
        ("detect", "in/**/*.jpg", "--json"),
        ("detect", "in/b/*/*.jpg", "in/a", "--json"),
        ("preprocess", "in", "-r", "--check", "--json"),
        ("preprocess", "in", "-r", "--resize", "64", "--format", "png", "--out", "small", "--json"),
        ("detect", "in/b", "-r", "--skip-bad", "--json"),
    ],
)
def test_whatever_goes_into_folders_tells_it(folder, arguments):
    ran = dlcli(*arguments, cwd=folder)
    assert ran.code == 3, ran.err
    failed = [json.loads(line) for line in ran.lines if '"ok":false' in line]
    assert [(record["source"].rstrip("/"), record["error"]["kind"]) for record in failed] == [
        ("in/b/lost+found", UNREADABLE)
    ]
    assert DISPLAY in ran.err


@needs_others
def test_what_was_named_and_cannot_be_read_is_wrong_usage(folder):
    ran = dlcli("detect", "in/b/lost+found", "in/a", cwd=folder)
    assert (ran.code, "this folder cannot be read: Permission denied" in ran.err) == (2, True)


@needs_others
def test_a_plan_lists_it(folder):
    ran = dlcli("detect", "in", "-r", "--plan", cwd=folder)
    assert (ran.code, "in/b/lost+found (cannot be read)" in ran.out) == (0, True), ran.out


@needs_others
def test_a_watched_folder_goes_on(folder):
    words = program("detect", "in", "-r", "--watch", "--json")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env=env) as running:
        assert running.stdout is not None
        lines = [json.loads(running.stdout.readline()) for _ in range(3)]
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 3
    assert {(line["source"], line["ok"]) for line in lines} == {
        ("in/a/cat.jpg", True), ("in/b/lost+found", False), ("in/c/cat.jpg", True)
    }  # fmt: skip


@needs_others
@pytest.mark.parametrize(
    "arguments",
    [("doctor", "in", "--task", "classify"), ("convert", "in", "to", "--from", "labelme", "--to", "coco")],
)
def test_data_sets_name_the_folder(folder, arguments):
    ran = dlcli(*arguments, cwd=folder)
    assert ran.code == 5, ran.err
    assert "in/b/lost+found: this folder cannot be read: Permission denied" in ran.err
    assert "fault in dlcli" not in ran.err


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b", "c"):
        (tmp_path / "in" / name).mkdir(parents=True)
        shutil.copy(CAT, tmp_path / "in" / name / "cat.jpg")
    return tmp_path


def test_a_folder_that_goes_away_meanwhile(tree):
    walk = _walk("in", True, None)
    assert next(walk).name == "in/a/cat.jpg"
    shutil.rmtree(tree / "in" / "b")
    gone, last = walk
    assert (gone.name, last.name) == ("in/b", "in/c/cat.jpg")
    assert gone.failure is not None
    assert (gone.failure.kind, "No such file or directory" in gone.failure.message) == (UNREADABLE, True)


def test_a_folder_that_becomes_a_link_to_itself_meanwhile(tree):
    walk = _walk("in", True, None)
    next(walk)
    shutil.rmtree(tree / "in" / "b")
    (tree / "in" / "b").symlink_to("b")
    gone, last = walk
    assert (gone.name, last.name) == ("in/b", "in/c/cat.jpg")
    assert gone.failure is not None
    assert "symbolic links" in gone.failure.message


def test_a_path_that_grows_too_long(tree):
    """Folders deeper than any path can say: all above are found, the first that is too deep is told."""
    name = "d" * 250
    here = os.open(tree / "in" / "b", os.O_RDONLY)
    for _ in range(18):
        os.mkdir(name, dir_fd=here)
        deeper = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)
    try:
        found = find_images(["in"], recursive=True)
        failed = [source for source in found if source.failure is not None]
        assert [source.name for source in found if source.failure is None] == [f"in/{n}/cat.jpg" for n in "abc"]
        assert len(failed) == 1
        assert failed[0].failure is not None
        assert "File name too long" in failed[0].failure.message
        with pytest.raises(DataError, match="File name too long"):
            images_below(Path("in"))
    finally:
        subprocess.run(["rm", "-rf", str(tree / "in" / "b")], check=True)


@needs_others
def test_a_name_that_is_not_utf8(tree):
    shut = os.fsencode(tree / "in") + b"/\xff\xfe"
    os.mkdir(shut, 0o000)
    ran = dlcli("detect", "in", "-r", "--json", cwd=tree)
    os.chmod(shut, 0o700)
    assert ran.code == 3, ran.err
    (record,) = [json.loads(line) for line in ran.lines if '"ok":false' in line]
    assert record["source"] == "in/\ufffd\ufffd"
    assert "source_bytes" in record
    assert f"in/\ufffd\ufffd: {DISPLAY}" in ran.err


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "none", tmp_path / "file"):
        assert files_in(place) == files_below(place) == []
