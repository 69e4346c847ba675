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
