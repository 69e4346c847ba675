"""A run's folder: what --resume needs, and what a new run refuses."""

from pathlib import Path

import pytest

from dlcli.errors import UsageError
from dlcli.training.options import TrainingOptions
from dlcli.training.resume import check_run_folder


def options(tmp_path, **more):
    return TrainingOptions(data=Path("set"), out=tmp_path / "run", **more)


def test_nothing_to_resume_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"--resume: .*last.pt is not there; start the run without --resume"):
        check_run_folder(options(tmp_path, resume=True))
    check_run_folder(options(tmp_path))


def test_a_run_is_not_written_over(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "last.pt").write_bytes(b"")
    with pytest.raises(UsageError, match="holds a run already; choose another --out, or go on with --resume"):
        check_run_folder(options(tmp_path))
    check_run_folder(options(tmp_path, resume=True))
