"""`classify --sort-into DIR --move`: whatever links lie in the way, the bytes of an image stay somewhere."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlcli.errors import ImageError
from dlcli.records import Source
from dlcli.tasks.classify import sort
from dlcli.tasks.classify.options import ClassifyOptions
from dlcli.tasks.classify.sort import Sorter
from tests.hostile.inside import outcome
from tests.program import CAT, dlcli

LABELS = ("dog", "cat")


def source(path: Path) -> Source:
    return Source(path.name, path, PurePosixPath(path.name))


def mover(folder: Path) -> Sorter:
    return Sorter(ClassifyOptions(sort_into=folder / "out", move=True), LABELS)


@pytest.fixture
def sorted_once(tmp_path, monkeypatch):
    """The folder, in which we are, and where classify puts its one image."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    shutil.copy(CAT, tmp_path / "in" / "x.jpg")
    assert outcome(["classify", "in/x.jpg", "--sort-into", "out"]).code == 0
    goal = next((tmp_path / "out").rglob("x.jpg"))
    return tmp_path, goal


@pytest.mark.parametrize("link", ["file", "absolute", "folder", "root"])
def test_a_link_to_the_original_is_no_second_copy(sorted_once, link):
    folder, goal = sorted_once
    goal.unlink()
    if link == "file":
        goal.symlink_to("../../in/x.jpg")
    elif link == "absolute":
        goal.symlink_to(folder / "in" / "x.jpg")
    else:
        goal.parent.rmdir()
        goal.parent.symlink_to(folder / "in")
    ran = outcome(["classify", "in/x.jpg", "--sort-into", "out", "--move"])
    assert ran.code == 3
    assert "no second copy" in ran.err
    assert (folder / "in" / "x.jpg").read_bytes() == CAT.read_bytes()


def test_a_copy_that_is_whole_lets_the_original_go(sorted_once):
    folder, goal = sorted_once
    assert outcome(["classify", "in/x.jpg", "--sort-into", "out", "--move"]).code == 0
    assert not (folder / "in" / "x.jpg").exists()
    assert goal.read_bytes() == CAT.read_bytes()


def test_a_hard_link_in_another_folder_is_the_first_half_of_a_move(sorted_once):
    folder, goal = sorted_once
    goal.unlink()
    os.link(folder / "in" / "x.jpg", goal)
    assert outcome(["classify", "in/x.jpg", "--sort-into", "out", "--move"]).code == 0
    assert not (folder / "in" / "x.jpg").exists()
    assert (goal.read_bytes(), goal.stat().st_nlink) == (CAT.read_bytes(), 1)


def test_a_link_to_a_copy_is_no_copy(tmp_path):
    """Or two images of equal bytes, each with a link to the other, would both go."""
    (tmp_path / "out" / "dog").mkdir(parents=True)
    for name, other in (("a.jpg", "b.jpg"), ("b.jpg", "a.jpg")):
        (tmp_path / name).write_bytes(b"image")
        (tmp_path / "out" / "dog" / name).symlink_to(tmp_path / other)
    moves = mover(tmp_path)
    for name in ("a.jpg", "b.jpg"):
        with pytest.raises(ImageError, match="no second copy"):
            moves.put(source(tmp_path / name), 0)
    assert (tmp_path / "a.jpg").read_bytes() == (tmp_path / "b.jpg").read_bytes() == b"image"


def test_one_folder_under_two_paths_holds_one_file(tmp_path):
    """As a mount makes them, which no link tells."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.jpg").write_bytes(b"image")
    (tmp_path / "out" / "dog").mkdir(parents=True)
    mount = ["mount", "--bind", str(tmp_path / "in"), str(tmp_path / "out" / "dog")]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root mounts, and not in every container")
    try:
        with pytest.raises(ImageError, match="no second copy"):
            mover(tmp_path).put(source(tmp_path / "in" / "x.jpg"), 0)
        assert (tmp_path / "in" / "x.jpg").read_bytes() == b"image"
    finally:
        subprocess.run(["umount", "-l", str(tmp_path / "out" / "dog")], check=True)


@pytest.mark.parametrize("across", [False, True])
def test_the_file_and_its_folders_are_on_the_disk_before_the_original_goes(tmp_path, monkeypatch, across):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.jpg").write_bytes(b"image")
    done = []
    fsync, unlink = os.fsync, os.unlink

    def synced(handle):
        done.append(os.readlink(f"/proc/self/fd/{handle}"))
        fsync(handle)

    def gone(path, **more):
        done.append(str(path))
        unlink(path, **more)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "unlink", gone)
    if across:
        monkeypatch.setattr(sort, "_renamed", lambda *_: False)
    mover(tmp_path).put(source(tmp_path / "in" / "x.jpg"), 0)
    out = tmp_path / "out"
    before = done[: done.index(str(tmp_path / "in" / "x.jpg"))]
    assert {str(path) for path in (out / "dog" / "x.jpg", out / "dog", out, tmp_path)} <= set(before)


KINDS = st.sampled_from(["nothing", "copy", "other", "hard link", "link", "absolute link", "link to twin", "broken"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    files=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y"]), KINDS), min_size=1, max_size=5),
    folder=st.sampled_from(["plain", "link to in", "link to twins"]),
    threads=st.integers(1, 3),
)
def test_no_bytes_are_lost_whatever_lies_there(tmp_path, files, folder, threads):
    """Images of a few different contents, with each kind of thing at their goals, moved by several threads."""
    place = Path(tempfile.mkdtemp(dir=tmp_path))
    for name in ("in", "twins", "out"):
        (place / name).mkdir()
    if folder != "plain":
        (place / "out" / "dog").symlink_to(place / folder.removeprefix("link to "))
    else:
        (place / "out" / "dog").mkdir()
    for number, (content, twin, kind) in enumerate(files):
        path = place / "in" / f"{number}.jpg"
        path.write_bytes(content.encode())
        (place / "twins" / f"{number}{twin}.jpg").write_bytes(content.encode())
        if folder == "plain":
            lay(kind, place / "out" / "dog" / path.name, path, place / "twins" / f"{number}{twin}.jpg")
    before = contents(place)
    moves = mover(place)

    def move(path):
        try:
            moves.put(source(path), 0)
        except ImageError:
            assert path.exists()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(move, sorted((place / "in").iterdir())))
    assert contents(place) == before
    for number in range(len(files)):
        assert os.path.exists(place / "in" / f"{number}.jpg") or os.path.exists(place / "out/dog" / f"{number}.jpg")


def lay(kind, goal, path, twin):
    if kind == "copy":
        shutil.copy(path, goal)
    elif kind == "other":
        goal.write_bytes(b"other")
    elif kind == "hard link":
        os.link(path, goal)
    elif kind == "link":
        goal.symlink_to(os.path.relpath(path, goal.parent))
    elif kind == "absolute link":
        goal.symlink_to(path)
    elif kind == "link to twin":
        goal.symlink_to(twin)
    elif kind == "broken":
        goal.symlink_to("gone")


def contents(folder):
    return {path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def killed_at(count: int, folder: Path, across: bool) -> bool:
    """Move in/x.jpg in a process that dies at its count-th line; whether it did."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL

    def trace(frame, _event, _argument):
        nonlocal count
        if frame.f_code.co_filename.endswith(("sort.py", "whole_file.py", "shutil.py")):
            count -= 1
            if not count:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    try:
        if across:
            sort._renamed = lambda *_: False
        sys.settrace(trace)
        mover(folder).put(source(folder / "in" / "x.jpg"), 0)
    finally:
        os._exit(0)


@pytest.mark.parametrize("across", [False, True])
def test_killed_at_any_line_the_image_is_whole_somewhere(tmp_path, across):
    """And the next run ends the move."""
    line, killed = 1, True
    while killed:
        place = tmp_path / str(line)
        (place / "in").mkdir(parents=True)
        (place / "in" / "x.jpg").write_bytes(b"image")
        killed = killed_at(line, place, across)
        found = [path for path in (place / "in/x.jpg", place / "out/dog/x.jpg") if path.exists()]
        assert found
        assert all(path.read_bytes() == b"image" for path in found)
        if (place / "in" / "x.jpg").exists():
            mover(place).put(source(place / "in" / "x.jpg"), 0)
        assert not (place / "in" / "x.jpg").exists()
        assert (place / "out" / "dog" / "x.jpg").read_bytes() == b"image"
        line += 3
    assert line > 40


def test_what_is_written_while_it_is_copied_is_not_lost(tmp_path, monkeypatch):
    """An upload to another file system goes on while the image is copied: it stays."""
    (tmp_path / "in").mkdir()
    shutil.copy(CAT, tmp_path / "in" / "up.jpg")
    monkeypatch.setattr(sort, "_renamed", lambda path, goal: False)  # as between two file systems

    def write_then_more(goal, what):
        write_new(goal, what)
        with what.open("ab") as upload:
            upload.write(b"precious")

    write_new = sort.write_new
    monkeypatch.setattr(sort, "write_new", write_then_more)
    ran = dlcli("classify", tmp_path / "in", "--sort-into", tmp_path / "sorted", "--move")
    assert ran.code == 3
    assert "was written to while it was copied" in ran.err
    assert (tmp_path / "in" / "up.jpg").read_bytes() == CAT.read_bytes() + b"precious"
