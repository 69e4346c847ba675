"""The state of a run on disk, and how a damaged or foreign one is refused."""

import pickle

import pytest
import torch
from torch import nn

from dlcli.errors import DataError
from dlcli.training.checkpoint import LAST, load_checkpoint, save_checkpoint


def test_there_and_back(tmp_path):
    state = {
        "net": nn.Linear(2, 2).state_dict(),
        "epoch": 3,
        "history": [{"class": 0.5}],
        "random": torch.get_rng_state(),
    }
    save_checkpoint(tmp_path / "run", state)
    found = load_checkpoint(tmp_path / "run")
    assert torch.equal(found["net"]["weight"], state["net"]["weight"])
    assert (found["epoch"], found["history"]) == (3, [{"class": 0.5}])
    assert [path.name for path in (tmp_path / "run").iterdir()] == [LAST]


def test_a_missing_one_says_what_to_do(tmp_path):
    with pytest.raises(DataError, match=r"last\.pt: no checkpoint there to resume from; start without --resume"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint"])
def test_a_damaged_one_is_named(tmp_path, content):
    (tmp_path / LAST).write_bytes(content)
    with pytest.raises(DataError, match=r"last\.pt: expected a checkpoint of dlcli train"):
        load_checkpoint(tmp_path)


class Trap:
    def __reduce__(self):
        return print, ("executed",)


def test_nothing_in_it_is_executed(tmp_path, capsys):
    torch.save({"net": Trap()}, tmp_path / LAST)
    with pytest.raises(DataError):
        load_checkpoint(tmp_path)
    (tmp_path / LAST).write_bytes(pickle.dumps(Trap()))
    with pytest.raises(DataError):
        load_checkpoint(tmp_path)
    assert "executed" not in capsys.readouterr().out
