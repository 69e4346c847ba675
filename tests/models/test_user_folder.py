"""Where imported models are kept: the folder, names, the sum that is recorded, what is refused."""

import fcntl
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dlcli.errors import DlcliError, ExitCode, MissingError, UsageError
from dlcli.models.checksums import file_digest
from dlcli.models.user_folder import imported_models, keep_model, recorded_sum, remove_model, user_folder


@pytest.fixture
def environment(monkeypatch):
    for name in ("DLCLI_MODELS", "XDG_DATA_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture
def folder(environment, tmp_path) -> Path:
    environment.setenv("DLCLI_MODELS", str(tmp_path / "mine"))
    return tmp_path / "mine"


def test_the_folder_by_environment(environment):
    assert user_folder() is None
    environment.setenv("HOME", "/home/me")
    assert user_folder() == Path("/home/me/.local/share/dlcli/models")
    environment.setenv("XDG_DATA_HOME", "relative/does/not/count")
    assert user_folder() == Path("/home/me/.local/share/dlcli/models")
    environment.setenv("XDG_DATA_HOME", "/data")
    assert user_folder() == Path("/data/dlcli/models")
    environment.setenv("DLCLI_MODELS", "models")
    assert user_folder() == Path("models")


def test_kept_found_and_removed(folder):
    assert imported_models() == {}
    path = keep_model("night-v1.2", b"bytes")
    assert imported_models() == {"night-v1.2": path} == {"night-v1.2": folder / "night-v1.2.onnx"}
    assert path.read_bytes() == b"bytes"
    assert recorded_sum(path) == file_digest(path)
    assert remove_model("night-v1.2") == path
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("sums", [None, "my sums\n", "0" * 64 + "  a.onnx\n", "{}  a.onnx\n{}  b.onnx\n"])
def test_a_file_that_no_import_wrote_is_not_removed(folder, sums):
    """Without a record, beside something else, with another sum, and with a list of one's own."""
    folder.mkdir()
    (folder / "a.onnx").write_bytes(b"mine")
    if sums:
        digest = file_digest(folder / "a.onnx")
        (folder / "a.sha256").write_text(sums.format(digest, digest))
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(UsageError, match=r"a: .*a\.onnx is not as an import wrote it, so it is not removed"):
        remove_model("a")
    assert before == {path: path.read_bytes() for path in folder.iterdir()}


def test_a_link_and_a_folder_are_not_removed(folder, tmp_path):
    keep_model("a", b"one")
    (folder / "a.onnx").rename(tmp_path / "moved.onnx")
    for make in (lambda: (folder / "a.onnx").symlink_to(tmp_path / "moved.onnx"), lambda: (folder / "a.onnx").mkdir()):
        make()
        with pytest.raises(UsageError, match="not removed"):
            remove_model("a")
        if (folder / "a.onnx").is_symlink():
            (folder / "a.onnx").unlink()
    assert sorted(path.name for path in folder.iterdir()) == ["a.onnx", "a.sha256"]


@pytest.mark.parametrize("link", [False, True])
def test_sums_that_no_import_wrote_stay(folder, tmp_path, link):
    folder.mkdir()
    if link:
        (folder / "a.sha256").symlink_to(tmp_path / "elsewhere")
    else:
        (folder / "a.sha256").write_text("my sums\n")
    with pytest.raises(UsageError, match=r"--name a: .*a\.sha256 is there already, and no import wrote it"):
        keep_model("a", b"one")
    assert [path.name for path in folder.iterdir()] == ["a.sha256"]
    assert not (tmp_path / "elsewhere").exists()
    assert link or (folder / "a.sha256").read_text() == "my sums\n"


def test_a_record_of_an_import_that_was_cut_off_is_replaced(folder):
    keep_model("a", b"one").unlink()
    path = keep_model("a", b"two")
    assert recorded_sum(path) == file_digest(path)


def test_a_taken_name_stays_as_it_is(folder):
    path = keep_model("a", b"one")
    with pytest.raises(UsageError, match=r"--name a: is taken by .*; run `dlcli models remove a` first"):
        keep_model("a", b"two")
    assert path.read_bytes() == b"one"


@pytest.mark.parametrize("name", ["", "../a", "a/b", "..", "a..b", ".a", "-a", "a b", "ä", "a\n", "x" * 101, "/etc/x"])
def test_impossible_names(folder, name):
    for use in (lambda: keep_model(name, b""), lambda: remove_model(name)):
        with pytest.raises(UsageError, match="expected a name of letters"):
            use()
    assert not folder.exists()


def test_nothing_to_remove(folder):
    keep_model("a", b"")
    with pytest.raises(MissingError, match=r"b: no model of that name was imported; there are: a$"):
        remove_model("b")


def test_no_home_at_all(environment):
    assert imported_models() == {}
    for use in (lambda: keep_model("a", b""), lambda: remove_model("a")):
        with pytest.raises(MissingError, match="set DLCLI_MODELS to one") as caught:
            use()
        assert caught.value.exit_code == ExitCode.MISSING


def test_a_folder_that_is_a_file(folder):
    folder.write_bytes(b"")
    with pytest.raises(DlcliError, match=r"mine/a\.onnx: cannot be written: .*; set DLCLI_MODELS to a folder"):
        keep_model("a", b"")


def test_other_files_in_the_folder_are_no_models(folder):
    folder.mkdir()
    for name in (".hidden.onnx", "a.onnx.part", "b.part", "c.txt", "spaces in it.onnx"):
        (folder / name).touch()
    (folder / "d.onnx").mkdir()
    assert imported_models() == {}


def test_of_many_at_once_one_gets_the_name(folder):
    """And its sum is that of the one that came in."""
    together = threading.Barrier(8)

    def keep(number):
        together.wait()
        try:
            return keep_model("a", bytes([number]) * 100_000) and number
        except UsageError:
            return None

    with ThreadPoolExecutor(8) as pool:
        kept = [number for number in pool.map(keep, range(8)) if number is not None]
    assert len(kept) == 1
    path = folder / "a.onnx"
    assert path.read_bytes() == bytes(kept) * 100_000
    assert recorded_sum(path) == file_digest(path)
    assert sorted(file.name for file in folder.iterdir()) == ["a.onnx", "a.sha256"]


def test_it_waits_for_who_is_bringing_one_in(folder):
    folder.mkdir()
    handle = os.open(folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(keep_model, "a", b"second")
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.2)
        (folder / "a.onnx").write_bytes(b"first")
        os.close(handle)
        with pytest.raises(UsageError, match="is taken by"):
            waiting.result()
    assert (folder / "a.onnx").read_bytes() == b"first"
