"""A run's folder belongs to one training at a time."""

from pathlib import Path

import pytest

from dlcli.errors import UsageError
from dlcli.models.run_folder import LOCK
from dlcli.training.folder_lock import locked_folder
from dlcli.training.options import TrainingOptions


def options(tmp_path, **more):
    return TrainingOptions(data=Path("set"), out=tmp_path / "runs" / "mine", **more)


def test_the_second_is_refused_also_with_resume(tmp_path):
    with locked_folder(options(tmp_path)):
        (tmp_path / "runs/mine/last.pt").touch()
        for resume in (False, True):
            with pytest.raises(UsageError, match="another training is writing there; wait for it"):
                locked_folder(options(tmp_path, resume=resume)).__enter__()
    assert [path.name for path in (tmp_path / "runs/mine").iterdir()] == ["last.pt"]


def test_what_a_killed_one_left_is_swept(tmp_path):
    out = options(tmp_path).out
    (out / "weak-masks").mkdir(parents=True)
    for name in ("last.pt", ".dlcli-0123456789abcdef.tmp", "weak-masks/.dlcli-0123456789abcdef.tmp", LOCK, "notes.tmp"):
        (out / name).touch()
    with locked_folder(options(tmp_path, resume=True)):
        assert sorted(path.name for path in out.rglob("*")) == sorted([LOCK, "last.pt", "notes.tmp", "weak-masks"])
    assert not (out / LOCK).exists()


def test_a_folder_in_which_nothing_came_to_be_goes_again(tmp_path):
    with pytest.raises(UsageError, match="--resume"):
        locked_folder(options(tmp_path, resume=True)).__enter__()
    with locked_folder(options(tmp_path)):
        assert options(tmp_path).out.is_dir()
    assert list(tmp_path.iterdir()) == []
