"""Files appear whole or not at all."""

import errno
import os

import pytest

from dlcli.errors import DlcliError, ExitCode
from dlcli.whole_file import write_text, write_whole


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_parents_are_made_and_old_files_replaced(tmp_path):
    path = tmp_path / "a" / "b" / "c.bin"
    write_whole(path, b"old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert names(path.parent) == ["c.bin"]


def test_text_keeps_its_line_ends(tmp_path):
    write_text(tmp_path / "a.txt", "één\r\ntwo\n")
    assert (tmp_path / "a.txt").read_bytes() == "één\r\ntwo\n".encode()


def test_permissions_follow_the_umask(tmp_path):
    write_whole(tmp_path / "a", b"x")
    (tmp_path / "plain").write_bytes(b"x")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, call, error):
    path = tmp_path / "c.bin"
    path.write_bytes(b"old")

    def fail(*_):
        raise error

    monkeypatch.setattr(os, call, fail)
    with pytest.raises((DlcliError, KeyboardInterrupt)) as caught:
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["c.bin"]
    if caught.type is DlcliError:
        assert caught.value.exit_code == ExitCode.STOPPED
        assert str(caught.value).startswith(f"{path}: cannot be written: the disk is full")


def test_a_file_in_the_place_of_a_folder(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(DlcliError, match="not a folder"):
        write_whole(tmp_path / "file" / "a.png", b"")


def test_a_folder_in_the_place_of_the_file(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(DlcliError, match="is a folder"):
        write_whole(tmp_path / "folder", b"")
    assert names(tmp_path) == ["folder"]
