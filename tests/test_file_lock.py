"""One process at a time, and nothing left of it."""

import os
import signal
import subprocess
import sys

import pytest

from dlcli.errors import DlcliError, UsageError
from dlcli.file_lock import alone
from tests.program import ROOT

HOLD = "import sys\nfrom pathlib import Path\nfrom dlcli.file_lock import alone\n"
HOLD += "with alone(Path(sys.argv[1]), 'x', 'run'):\n    print('held', flush=True)\n    sys.stdin.read()\n"


def holder(path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout.readline() == b"held\n"
    return process


def test_the_second_is_refused_until_the_first_ends(tmp_path):
    path = tmp_path / "made" / "lock"
    with holder(path) as first:
        with pytest.raises(UsageError, match=r"^--out made: another run is writing there; wait for it"):
            alone(path, "--out made", "run").__enter__()
        assert path.exists()
        first.communicate(timeout=60)
    assert not (tmp_path / "made").exists()
    with alone(path, "x", "run"):
        assert path.exists()
    assert not (tmp_path / "made").exists()


def test_a_killed_one_holds_nothing(tmp_path):
    with holder(tmp_path / "lock") as first:
        first.send_signal(signal.SIGKILL)
    assert (tmp_path / "lock").exists()
    with alone(tmp_path / "lock", "x", "run"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_child_that_outlives_its_parent_does_not_hold_the_lock(tmp_path):
    """As the workers of a training do for some seconds, after the training was killed."""
    read, write = os.pipe()
    with alone(tmp_path / "lock", "x", "run"):
        child = os.fork()
        if not child:
            os.close(write)
            os.read(read, 1)  # to the end of the test
            os._exit(0)
    with alone(tmp_path / "lock", "x", "run"):
        pass
    os.close(write)
    os.close(read)
    os.waitpid(child, 0)


def test_folders_with_something_in_them_stay(tmp_path):
    with alone(tmp_path / "a" / "b" / "lock", "x", "run"):
        (tmp_path / "a" / "result").touch()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["result"]


def test_a_link_is_no_lock(tmp_path):
    (tmp_path / "mine").write_text("precious")
    (tmp_path / "lock").symlink_to("mine")
    with pytest.raises(DlcliError, match="cannot be written"):
        alone(tmp_path / "lock", "x", "run").__enter__()
    assert (tmp_path / "mine").read_text() == "precious"
