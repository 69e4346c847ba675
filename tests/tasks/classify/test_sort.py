"""Images into folders: whole, once, and never over another file."""

import errno
import os
from pathlib import Path, PurePosixPath

import pytest

from dlcli import whole_file
from dlcli.errors import DlcliError, ImageError, UsageError
from dlcli.records import Source
from dlcli.tasks.classify import sort
from dlcli.tasks.classify.options import ClassifyOptions
from dlcli.tasks.classify.sort import Sorter, class_folders, refuse_places

LABELS = ("tabby cat", "dog", "unsure", "a/b", "A b")


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "in" / "deep" / "x.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"image")
    os.utime(path, (1e9, 1e9))
    return Source("in/deep/x.jpg", path, PurePosixPath("deep/x.jpg"))


def sorter(tmp_path, **options):
    return Sorter(ClassifyOptions(sort_into=tmp_path / "out", **options), LABELS)


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def test_names_of_folders():
    assert class_folders(LABELS) == ["tabby-cat", "dog", "unsure-2", "a-b", "A-b-4"]
    assert class_folders(["x", "X", "x-1"]) == ["x", "X-1", "x-1-2"]
    assert class_folders(["..", "///", "UNSURE"]) == ["class", "class-1", "UNSURE-2"]


def test_copies_keep_the_tree_the_bytes_and_the_time(tmp_path, source):
    assert sorter(tmp_path).put(source, 0) == str(tmp_path / "out/tabby-cat/deep/x.jpg")
    assert sorter(tmp_path).put(source, None) == str(tmp_path / "out/unsure/deep/x.jpg")
    assert sorter(tmp_path).put(source, 2) == str(tmp_path / "out/unsure-2/deep/x.jpg")
    copy = tmp_path / "out/unsure-2/deep/x.jpg"
    assert (copy.read_bytes(), copy.stat().st_mtime) == (b"image", 1e9)
    assert copy.stat().st_ino != source.path.stat().st_ino
    assert source.path.exists()
    assert files(tmp_path / "out") == ["unsure-2/deep/x.jpg"]  # one copy, moved each time


def test_links(tmp_path, source):
    sorter(tmp_path, link=True).put(source, 1)
    assert (tmp_path / "out/dog/deep/x.jpg").samefile(source.path)
    sorter(tmp_path, link=True).put(source, 1)  # once more is no harm
    assert source.path.stat().st_nlink == 2


@pytest.mark.parametrize("across", [False, True])
def test_moves(tmp_path, source, across, monkeypatch):
    if across:
        _no_links(monkeypatch)
    sorter(tmp_path, move=True).put(source, 1)
    moved = tmp_path / "out/dog/deep/x.jpg"
    assert (moved.read_bytes(), moved.stat().st_mtime, moved.stat().st_nlink) == (b"image", 1e9, 1)
    assert not source.path.exists()
    assert files(tmp_path / "out") == ["dog/deep/x.jpg"]


def test_a_moved_link_leaves_what_it_points_to(tmp_path, source):
    link = tmp_path / "in" / "link.jpg"
    link.symlink_to("deep/x.jpg")
    sorter(tmp_path, move=True).put(Source("in/link.jpg", link, PurePosixPath("link.jpg")), 1)
    moved = tmp_path / "out/dog/link.jpg"
    assert (moved.is_symlink(), moved.read_bytes()) == (False, b"image")
    assert not link.is_symlink()
    assert source.path.exists()


@pytest.mark.parametrize("options", [{}, {"link": True}, {"move": True}])
def test_another_file_is_never_replaced(tmp_path, source, options):
    there = tmp_path / "out/dog/deep/x.jpg"
    there.parent.mkdir(parents=True)
    there.write_bytes(b"another")
    with pytest.raises(ImageError, match="is another file") as caught:
        sorter(tmp_path, **options).put(source, 1)
    assert caught.value.kind == "exists"
    assert (there.read_bytes(), source.path.read_bytes()) == (b"another", b"image")
    there.write_bytes(b"image")
    sorter(tmp_path, **options).put(source, 1)  # the same bytes are the same image
    assert source.path.exists() == ("move" not in options)
    assert there.read_bytes() == b"image"


def test_a_file_that_appears_meanwhile_stays(tmp_path, source, monkeypatch):
    there = tmp_path / "out/dog/deep/x.jpg"

    def late(path):
        there.write_bytes(b"another")
        return False

    monkeypatch.setattr(sort.os.path, "lexists", late)
    with pytest.raises(ImageError, match="is another file"):
        sorter(tmp_path).put(source, 1)
    assert there.read_bytes() == b"another"
    assert files(tmp_path / "out") == ["dog/deep/x.jpg"]


def test_a_copy_that_fails_keeps_the_original_and_leaves_nothing(tmp_path, source, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    _no_links(monkeypatch)
    monkeypatch.setattr(whole_file.shutil, "copyfileobj", full)
    with pytest.raises(DlcliError, match=r"No space left.*--sort-into") as caught:
        sorter(tmp_path, move=True).put(source, 1)
    assert caught.value.exit_code == 5
    assert source.path.read_bytes() == b"image"
    assert files(tmp_path / "out") == []


def test_links_across_file_systems_say_what_to_do(tmp_path, source, monkeypatch):
    _no_links(monkeypatch)
    with pytest.raises(ImageError, match="leave out --link"):
        sorter(tmp_path, link=True).put(source, 1)


def test_an_original_that_stays_is_told(tmp_path, source, monkeypatch):
    def denied(path):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(sort.os, "unlink", denied)
    with pytest.raises(ImageError, match=r"is copied to .*x\.jpg, but stays: Permission denied"):
        sorter(tmp_path, move=True).put(source, 1)
    assert (tmp_path / "out/dog/deep/x.jpg").read_bytes() == b"image"


def test_standard_input_gets_the_ending_of_what_it_is(tmp_path):
    source = Source("-", None, PurePosixPath("stdin.png"), b"\xff\xd8\xff rest")
    assert sorter(tmp_path).put(source, 1).endswith("out/dog/stdin.jpg")
    assert (tmp_path / "out/dog/stdin.jpg").read_bytes() == source.data


def test_names_that_are_not_utf8(tmp_path):
    name = os.fsdecode(b"caf\xe9.jpg")
    (tmp_path / name).write_bytes(b"image")
    shown = sorter(tmp_path).put(Source(name, tmp_path / name, PurePosixPath(name)), 1)
    assert shown == str(tmp_path / "out/dog/caf�.jpg")
    assert (tmp_path / "out" / "dog" / name).read_bytes() == b"image"


@pytest.mark.parametrize(
    ("into", "out", "walked", "words"),
    [
        ("in/sorted", None, ["in"], "searched for images"),
        ("in", None, ["in"], "searched for images"),
        ("in/deep", None, [], "lies in it already"),
        ("o/x", "o", [], "lies in --out"),
        ("o", "o/x", [], "lies in --out"),
        ("in/deep/x.jpg", None, [], "is a file"),
    ],
)
def test_places_that_meet(tmp_path, source, into, out, walked, words):
    options = ClassifyOptions(sort_into=tmp_path / into)
    with pytest.raises(UsageError, match=words):
        refuse_places(options, out and tmp_path / out, [str(tmp_path / name) for name in walked], [source])


def test_places_that_do_not_meet(tmp_path, source):
    refuse_places(ClassifyOptions(sort_into=tmp_path / "in2"), tmp_path / "o", [str(tmp_path / "in")], [source])
    refuse_places(ClassifyOptions(sort_into=Path("new")), None, [], [source])


@pytest.mark.parametrize("options", [{"link": True}, {"move": True}])
def test_standard_input_cannot_be_moved(tmp_path, options):
    source = Source("-", None, PurePosixPath("stdin.png"), b"")
    with pytest.raises(UsageError, match="standard input cannot be"):
        refuse_places(ClassifyOptions(sort_into=tmp_path, **options), None, [], [source])


def _no_links(monkeypatch):
    def refuse(*_):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(sort.os, "link", refuse)
