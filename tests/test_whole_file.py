"""Files appear whole or not at all."""

import errno
import os
import stat
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlcli.errors import ClosedPipeError, DlcliError, ExitCode
from dlcli.whole_file import new_temporary, sweep, write_text, write_whole

MODES = st.sampled_from([0o600, 0o640, 0o664, 0o444, 0o755])
MASKS = st.sampled_from([0o022, 0o077, 0o002, 0])


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


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o444])
def test_the_mode_of_what_is_replaced_stays(tmp_path, mode):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_whole(path, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", mode)


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_new_files_and_folders_follow_the_umask_of_now(tmp_path, mask):
    before = os.umask(mask)
    try:
        write_whole(tmp_path / "deep" / "a", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "deep" / "a").stat().st_mode) == 0o666 & ~mask
    assert stat.S_IMODE((tmp_path / "deep").stat().st_mode) == 0o777 & ~mask


def test_the_umask_is_never_set(tmp_path, monkeypatch):
    """Threads that make files at that moment would get another mode."""
    monkeypatch.setattr(os, "umask", None)
    write_whole(tmp_path / "a", b"x")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_of_what_is_replaced_stays(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    os.chown(tmp_path / "a", 12345, 54321)
    write_whole(tmp_path / "a", b"new")
    assert ((tmp_path / "a").stat().st_uid, (tmp_path / "a").stat().st_gid) == (12345, 54321)


def test_a_link_stays_and_what_it_points_at_is_replaced(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a").write_bytes(b"old")
    (tmp_path / "elsewhere" / "a").chmod(0o640)
    (tmp_path / "link").symlink_to("second")
    (tmp_path / "second").symlink_to("elsewhere/a")
    write_whole(tmp_path / "link", b"new")
    assert os.readlink(tmp_path / "link") == "second"
    assert (tmp_path / "elsewhere" / "a").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "elsewhere" / "a").stat().st_mode) == 0o640
    assert names(tmp_path) == ["elsewhere", "link", "second"]
    assert names(tmp_path / "elsewhere") == ["a"]


def test_a_link_to_nothing_makes_its_goal_where_there_is_a_folder(tmp_path):
    (tmp_path / "link").symlink_to("new")
    write_whole(tmp_path / "link", b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "new").read_bytes() == b"x"
    (tmp_path / "far").symlink_to("gone/new")
    with pytest.raises(DlcliError, match="cannot be written"):
        write_whole(tmp_path / "far", b"x")
    assert names(tmp_path) == ["far", "link", "new"]


def test_a_link_to_itself_and_one_to_a_folder_are_refused(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "folder").mkdir()
    (tmp_path / "to").symlink_to("folder")
    with pytest.raises(DlcliError, match="leads to itself"):
        write_whole(tmp_path / "loop", b"x")
    with pytest.raises(DlcliError, match="is a folder"):
        write_whole(tmp_path / "to", b"x")
    assert names(tmp_path) == ["folder", "loop", "to"]


def test_a_fifo_is_written_to(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    data = bytes(range(256)) * 1000  # more than a pipe holds
    with ThreadPoolExecutor() as pool:
        read = pool.submit((tmp_path / "pipe").read_bytes)
        write_whole(tmp_path / "pipe", data)
        assert read.result() == data
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert names(tmp_path) == ["pipe"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_a_device_stays_a_device(tmp_path):
    device = tmp_path / "null"
    try:
        os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        device.write_bytes(b"")
    except OSError:
        pytest.skip("this file system has no devices")
    (tmp_path / "link").symlink_to("null")
    write_whole(device, b"x")
    write_whole(tmp_path / "link", b"x")
    assert stat.S_ISCHR(device.stat().st_mode)
    assert names(tmp_path) == ["link", "null"]


@pytest.mark.parametrize("name", ["/dev/fd/{}", "/proc/self/fd/{}", "/proc/thread-self/fd/{}", "link"])
def test_an_open_descriptor_goes_on_where_it_is(tmp_path, name):
    """Though it is a regular file, which is neither replaced nor begun anew."""
    with (tmp_path / "out").open("wb", buffering=0) as file:
        file.write(b"first ")
        inode = os.fstat(file.fileno()).st_ino
        (tmp_path / "link").symlink_to(f"/dev/fd/{file.fileno()}")
        write_whole(tmp_path / name.format(file.fileno()), b"second ")
        file.write(b"third")
    assert (tmp_path / "out").read_bytes() == b"first second third"
    assert (tmp_path / "out").stat().st_ino == inode


def test_a_descriptor_that_nobody_reads_ends_without_a_word():
    read, write = os.pipe()
    os.close(read)
    with pytest.raises(ClosedPipeError):
        write_whole(Path(f"/dev/fd/{write}"), b"x")
    os.close(write)


KINDS = st.sampled_from(["missing", "file", "folder", "fifo"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(kind=KINDS, links=st.lists(st.sampled_from(["flat", "deep", "absolute"]), max_size=4), mode=MODES, mask=MASKS)
def test_whatever_is_there(tmp_path, kind, links, mode, mask):
    """Chains of links to each kind of thing: no name changes its kind, no other file appears or goes."""
    folder = Path(tempfile.mkdtemp(dir=tmp_path))
    (folder / "deep").mkdir()
    (folder / "bystander").write_bytes(b"mine")
    end = folder / "deep" / "end"
    make(kind, end, mode)
    path = end
    for number, link in enumerate(links):
        name = (folder / "deep" if link == "deep" else folder) / f"link{number}"
        name.symlink_to(path if link == "absolute" else os.path.relpath(path, name.parent))
        path = name
    before = {name: kind_of(name) for name in folder.rglob("*")}
    reader = os.open(end, os.O_RDONLY | os.O_NONBLOCK) if kind == "fifo" else None
    old = os.umask(mask)
    try:
        if kind == "folder":
            with pytest.raises(DlcliError, match="is a folder"):
                write_whole(path, b"new")
        else:
            write_whole(path, b"new")
    finally:
        os.umask(old)
    if reader is not None:
        assert os.read(reader, 9) == b"new"
        os.close(reader)
    after = {name: kind_of(name) for name in folder.rglob("*")}
    assert after == before | ({end: stat.S_IFREG} if kind == "missing" else {})
    assert (folder / "bystander").read_bytes() == b"mine"
    if kind in ("missing", "file"):
        assert end.read_bytes() == b"new"
        assert stat.S_IMODE(end.stat().st_mode) == (mode if kind == "file" else 0o666 & ~mask)


def make(kind, path, mode):
    if kind == "file":
        path.write_bytes(b"old")
        path.chmod(mode)
    elif kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)


def kind_of(path):
    return stat.S_IFMT(path.lstat().st_mode)


def test_a_sweep_takes_what_nobody_writes_any_more(tmp_path):
    (tmp_path / "deep").mkdir()
    for name in ("deep/.dlcli-0123456789abcde0.tmp", ".dlcli-0123456789abcde1.tmp.mp4", "mine.tmp", ".dlcli-mine"):
        (tmp_path / name).write_bytes(b"part")
    (tmp_path / ".dlcli-abcdefgh.tmp").symlink_to("mine.tmp")
    handle, held = new_temporary(tmp_path)
    sweep(tmp_path)
    assert names(tmp_path) == sorted([".dlcli-abcdefgh.tmp", ".dlcli-mine", held.name, "deep", "mine.tmp"])
    assert names(tmp_path / "deep") == []
    os.close(handle)
    sweep(tmp_path)
    assert held.name not in names(tmp_path)
