"""Images elsewhere: the records of a local run, whatever the network does, and one sentence where it cannot be."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dlcli.batch.sources import remote
from dlcli.batch.sources.addresses import is_address, location
from dlcli.batch.sources.paths import find_images
from tests.program import SAMPLES, dlcli

fsspec = pytest.importorskip("fsspec")
NAMES = sorted(path.name for path in SAMPLES.glob("*.jpg"))


@pytest.fixture(autouse=True)
def no_waits(monkeypatch):
    monkeypatch.setattr(remote, "FIRST_WAIT", 0.0)
    remote._system.cache_clear()


@pytest.fixture
def stored() -> Iterator[str]:
    """A folder of fsspec's own store in memory, with the sample images in it, one of them deeper."""
    system = fsspec.filesystem("memory")
    for number, name in enumerate(NAMES):
        system.pipe_file(f"/shop/{'deep/' if number == 0 else ''}{name}", (SAMPLES / name).read_bytes())
    system.pipe_file("/shop/notes.txt", b"no image")
    yield "memory://shop"
    system.rm("/shop", recursive=True)


@pytest.fixture
def local(tmp_path) -> Path:
    """The same tree on the disk."""
    for number, name in enumerate(NAMES):
        goal = tmp_path / "shop" / ("deep" if number == 0 else ".") / name
        goal.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLES / name, goal)
    return tmp_path / "shop"


def without_names(lines: list[str]) -> list[dict]:
    return [{**json.loads(line), "source": Path(json.loads(line)["source"]).name} for line in lines]


def test_records_and_files_are_those_of_a_local_run(stored, local, tmp_path):
    far = dlcli("detect", stored, "-r", "--out", tmp_path / "far")
    near = dlcli("detect", local, "-r", "--out", tmp_path / "near")
    assert (far.code, near.code) == (0, 0), far.err
    here, there = (
        {p.relative_to(tmp_path / run): p.read_bytes() for p in (tmp_path / run).rglob("*.jpg")}
        for run in ("near", "far")
    )
    assert len(here) == len(NAMES)
    assert here == there
    lines = [(tmp_path / run / "results.jsonl").read_text().splitlines() for run in ("far", "near")]
    assert without_names(lines[0]) == without_names(lines[1])
    assert json.loads(lines[0][0])["source"].startswith("memory://shop/")


def test_each_object_is_read_once(stored, monkeypatch):
    read = []
    before = remote.read_address
    monkeypatch.setattr(remote, "read_address", lambda address: (read.append(address), before(address))[1])
    ran = dlcli("classify", stored, "-r", "--json")
    assert ran.code == 0, ran.err
    assert sorted(read) == sorted(json.loads(line)["source"] for line in ran.lines)


def test_folders_globs_and_names(stored):
    names = [source.name for source in find_images([stored], recursive=True)]
    assert names == [*(f"{stored}/{name}" for name in NAMES[1:]), f"{stored}/deep/{NAMES[0]}"]  # as of a folder here
    assert [s.name for s in find_images([f"{stored}/**/{NAMES[0]}"])] == [f"{stored}/deep/{NAMES[0]}"]
    assert len(find_images([stored])) == len(NAMES) - 1  # one lies deeper
    assert [s.name for s in find_images([f"{stored}/deep/*.jpg"])] == [f"{stored}/deep/{NAMES[0]}"]
    (one,) = find_images([f"{stored}/{NAMES[1]}"])
    assert (one.path, str(one.place), one.content) == (None, NAMES[1], (SAMPLES / NAMES[1]).read_bytes())
    mixed = find_images([str(SAMPLES / NAMES[0]), f"{stored}/{NAMES[1]}", f"{stored}/{NAMES[1]}"])
    assert len(mixed) == 2
    assert str(mixed[1].place) == f"memory:/shop/{NAMES[1]}"


def test_what_is_not_there(stored):
    ran = dlcli("detect", f"{stored}/gone.jpg", "--json")
    record = json.loads(ran.lines[0])
    assert (ran.code, record["error"]["kind"]) == (3, "missing")
    assert "memory://shop/gone.jpg: no such object" in ran.err
    ran = dlcli("detect", "memory://nowhere")
    assert (ran.code, "memory://nowhere: cannot be listed: there is nothing of that name" in ran.err) == (5, True)
    ran = dlcli("detect", "memory://shop/deep/*.png")
    assert (ran.code, "no image there" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--resume"], "--resume wants a folder of this machine"),
        (["--overwrite"], "--overwrite wants a folder of this machine"),
        (["--out", "https://host/found"], "nothing can be written there"),
        (["--out", "s3://bucket/a.jpg"], "in a store name a folder"),
    ],
)
def test_what_a_store_is_not_for(words, reason):
    ran = dlcli("detect", SAMPLES, "--out", "s3://bucket/found", *words)
    assert (ran.code, reason in ran.err) == (2, True), ran.err


def test_results_gather_and_go(stored, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ran = dlcli("classify", stored, "--out", "memory://shop-made/here")
    assert ran.code == 0, ran.err
    system = fsspec.filesystem("memory")
    local = dlcli("classify", stored, "--out", tmp_path / "local")
    assert local.code == 0
    assert system.cat_file("/shop-made/here/results.jsonl") == (tmp_path / "local" / "results.jsonl").read_bytes()
    assert list(tmp_path.glob("dlcli-out-*")) == []
    system.rm("/shop-made", recursive=True)


def test_no_socket_for_an_address_that_nobody_typed(tmp_path):
    (tmp_path / "list.txt").write_text("a.jpg\nhttps://a.example/b.jpg\n")
    ran = dlcli("detect", "--files-from", tmp_path / "list.txt")
    assert (ran.code, "https://a.example/b.jpg: addresses are taken as SOURCE alone" in ran.err) == (2, True)
    (tmp_path / "dlcli.toml").write_text('[detect]\nout = "s3:/bucket/found"\n')
    ran = dlcli("detect", SAMPLES / NAMES[0], cwd=tmp_path)
    assert (ran.code, "got a URL or drive" in ran.err) == (2, True), ran.err


@pytest.mark.parametrize(
    ("text", "expected"),
    [("s3://b/a.jpg", True), ("HTTPS://h/a", True), ("s3:/b/a.jpg", False), ("a/s3://b", False), ("ftp://h/a", False)],
)
def test_which_are_addresses(text, expected):
    assert is_address(text) is expected


def test_addresses_lie_in_a_folder_of_their_protocol():
    assert location("s3://bucket/a/b.jpg") == "/s3:/bucket/a/b.jpg"
    assert location("a.jpg") == os.path.abspath("a.jpg")


class Status(Exception):  # noqa: N818
    def __init__(self, status: int):
        self.status = status


class IncompleteReadError(Exception):
    __module__ = "botocore.exceptions"


@pytest.mark.parametrize(
    "passing", [TimeoutError(), ConnectionResetError(), Status(429), Status(503), IncompleteReadError()]
)
def test_what_may_pass_is_asked_again_with_growing_waits(passing, monkeypatch):
    monkeypatch.setattr(remote, "FIRST_WAIT", 0.2)
    failures, waits = [passing] * 3, []

    def ask() -> str:
        if failures:
            raise failures.pop()
        return "here"

    assert remote.patiently(ask, waits.append) == "here"
    assert waits == [0.2, 0.4, 0.8]


@pytest.mark.parametrize("final", [FileNotFoundError(), PermissionError(), Status(403), Status(404), ValueError()])
def test_what_will_not_pass_is_told_at_once(final):
    asked = []

    def ask() -> None:
        asked.append(1)
        raise final

    with pytest.raises(type(final)):
        remote.patiently(ask)
    assert len(asked) == 1


def test_after_the_last_try_it_is_told():
    asked = []

    def ask() -> None:
        asked.append(1)
        raise TimeoutError

    with pytest.raises(TimeoutError):
        remote.patiently(ask)
    assert len(asked) == remote.TRIES


def test_without_its_package_the_extra_is_named(monkeypatch):
    def gone(*_: object, **__: object) -> None:
        raise ImportError("s3fs")

    remote._system.cache_clear()
    monkeypatch.setattr("fsspec.filesystem", gone)
    ran = dlcli("detect", "s3://bucket/a.jpg")
    assert (ran.code, "s3://: addresses need fsspec (s3:// is read by s3fs)" in ran.err) == (4, True)
    assert "[remote]" in ran.err
