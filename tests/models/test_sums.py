"""The list of bundled files is true, sha256sum can read it, and damage in it is told."""

import subprocess

import pytest

from dlcli.errors import DataError
from dlcli.models.store import BUNDLED
from dlcli.models.sums import LIST, listed_sums, read_sums, sums_of, write_sums


def test_the_committed_list_is_true():
    assert listed_sums(BUNDLED) == sums_of(BUNDLED), "run `python -m dlcli.models.sums` and commit what it writes"


def test_sha256sum_reads_it():
    done = subprocess.run(["sha256sum", "--check", "--strict", LIST], cwd=BUNDLED, capture_output=True, text=True)
    assert (done.returncode, done.stdout.count(": OK")) == (0, len(listed_sums(BUNDLED)))


def test_written_and_read_back(tmp_path):
    sums = {"a.onnx": "0" * 64, "b.onnx": "f" * 64}
    write_sums(tmp_path / "sums", sums)
    assert read_sums(tmp_path / "sums") == sums
    assert read_sums(tmp_path / "none") == {}


@pytest.mark.parametrize("text", ["zero  a.onnx", "0" * 64, "0" * 63 + "  a", "\n", "\xff"])
def test_damage_is_told(tmp_path, text):
    (tmp_path / "sums").write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError, match=r"sums.*expected"):
        read_sums(tmp_path / "sums")
