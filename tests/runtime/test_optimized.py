"""What `doctor --tune` keeps counts for its model, its runtime and its processor alone, and only while it is whole."""

import os

import pytest

from dlcli.errors import DlcliError
from dlcli.runtime import optimized
from dlcli.runtime.optimized import cache_folder, forget, keep, kept

DIGEST, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "dlcli" / "networks"


def test_what_is_kept_is_found_again(cache):
    path = keep(DIGEST, "1.0", b"network")
    assert kept(DIGEST, "1.0") == path
    assert path.parent == cache
    assert path.read_bytes() == b"network"


def test_another_model_runtime_or_processor_finds_nothing(monkeypatch, tmp_path):
    keep(DIGEST, "1.0", b"network")
    assert kept(OTHER, "1.0") is None
    assert kept(DIGEST, "1.1") is None
    (tmp_path / "cpuinfo").write_text("processor : 0\nflags : fpu sse\n")
    monkeypatch.setattr(optimized, "CPU_INFO", tmp_path / "cpuinfo")
    assert kept(DIGEST, "1.0") is None


@pytest.mark.parametrize("damage", [b"netwerk", b"", None])
def test_what_is_damaged_does_not_count(damage):
    path = keep(DIGEST, "1.0", b"network")
    path.write_bytes(damage) if damage is not None else path.with_suffix(".sha256").unlink()
    assert kept(DIGEST, "1.0") is None


@pytest.mark.skipif(os.name == "nt", reason="Windows has other owners")
def test_a_folder_in_which_others_may_write_does_not_count(cache):
    keep(DIGEST, "1.0", b"network")
    cache.chmod(0o777)
    assert kept(DIGEST, "1.0") is None
    with pytest.raises(DlcliError, match="others may write there"):
        keep(DIGEST, "1.0", b"network")


def test_without_a_home_nothing_is_kept(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.delenv("HOME")
    assert cache_folder() is None
    assert kept(DIGEST, "1.0") is None
    with pytest.raises(DlcliError, match="XDG_CACHE_HOME"):
        keep(DIGEST, "1.0", b"network")


def test_what_is_forgotten_is_gone(cache):
    keep(DIGEST, "1.0", b"network")
    keep(OTHER, "1.0", b"network")
    forget(DIGEST)
    assert kept(DIGEST, "1.0") is None
    assert kept(OTHER, "1.0") is not None
    assert len(list(cache.iterdir())) == 2


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read_is_passed_over(cache):
    keep(DIGEST, "1.0", b"network")
    cache.parent.chmod(0)
    try:
        assert kept(DIGEST, "1.0") is None
    finally:
        cache.parent.chmod(0o700)
