"""The state of a run on disk, and how a damaged or foreign one is refused."""

import json
import pickle
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.optim import AdamW

from dlcli.errors import DataError, UsageError
from dlcli.training.checkpoint import (
    LAST,
    card_name,
    check_run_folder,
    load_checkpoint,
    plain,
    save_checkpoint,
    training_state,
)
from dlcli.training.loop import TrainingState
from dlcli.training.optim import average_of
from dlcli.training.options import TrainingOptions


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


def whole():
    """The state of a small training after one step."""
    torch.manual_seed(0)
    state = training()
    state.net(torch.ones(1, 3)).sum().backward()
    state.optimizer.step()
    state.sums = {"loss": 0.5}
    state.history = [{"epoch": 1, "map50": 0.5}]
    return state.to_dict() | {"config": {"lr": 0.1}, "data": {"labels": ["a"], "images": ["a.jpg"]}}


def training(inputs=3):
    net = nn.Linear(inputs, 2)
    return TrainingState(net, average_of(net, 0.9), AdamW(net.parameters(), 0.1), 5, 1, 1.0)


def test_a_whole_one_is_taken(tmp_path):
    save_checkpoint(tmp_path, whole())
    again = training()
    again.restore(training_state(tmp_path))
    assert torch.equal(again.net.weight, whole()["net"]["weight"])


@pytest.mark.parametrize(
    "change",
    [
        {"net": 5},
        {"optimizer": []},
        {"epoch": -1},
        {"step": True},
        {"total": 1.5},
        {"best": "x"},
        {"sums": {"loss": "x"}},
        {"history": [5]},
        {"history": [{"epoch": "x"}]},
        {"random": [1, 2]},
        {"config": None},
        {"data": {}},
        {"data": {"labels": ["a"], "images": 5}},
        {"data": {"labels": ["a"], "images": [], "more": []}},
    ],
)
def test_one_of_another_kind_is_named(tmp_path, change):
    save_checkpoint(tmp_path, whole() | change)
    with pytest.raises(DataError, match=r"last\.pt: expected a checkpoint of dlcli train, got .*; start a new run in"):
        training_state(tmp_path)
    if "data" in change:
        return
    save_checkpoint(tmp_path, {name: value for name, value in whole().items() if name not in change})
    with pytest.raises(DataError, match=rf"got one without {next(iter(change))}; start a new run in another --out"):
        training_state(tmp_path)


@pytest.mark.parametrize("content", [5, [1], "text", torch.zeros(3)])
def test_one_that_is_no_state_at_all(tmp_path, content):
    torch.save(content, tmp_path / LAST)
    with pytest.raises(
        DataError, match=r"last\.pt: expected a checkpoint of dlcli train, got a (int|list|str|Tensor);"
    ):
        training_state(tmp_path)


def with_moments(shape):
    state = whole()
    state["optimizer"]["state"][0]["exp_avg"] = torch.zeros(shape)
    return state


@pytest.mark.parametrize(
    "saved",
    [
        whole() | {"net": {}},
        whole() | {"net": {"weight": torch.zeros(9, 9), "bias": torch.zeros(2)}},
        whole() | {"net": {"weight": "x", "bias": 5}},
        whole() | {"ema": {"weight": torch.zeros(2, 3)}},
        whole() | {"optimizer": {}},
        whole() | {"optimizer": {"state": {}, "param_groups": []}},
        whole() | {"optimizer": {"state": 5, "param_groups": 5}},
        whole() | {"random": torch.zeros(3)},
        with_moments((7, 7)),
    ],
)
def test_tensors_that_do_not_fit(saved):
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        training().restore(saved)


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


@pytest.mark.parametrize(
    "name",
    [
        *("config.json", "best.safetensors", "metrics.csv", "curves.png", "confusion.png", "classes.csv"),
        *("sheet.png", "samples/epoch-01.png"),
    ],
)
def test_files_that_no_run_is_known_to_have_written_are_refused(tmp_path, name):
    path = tmp_path / "run" / name
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(UsageError, match=rf"--out .*run: {Path(name).parts[0]} is there already.*choose another --out"):
        check_run_folder(options(tmp_path))
    assert path.read_text() == "mine"


@pytest.mark.parametrize("name", ["config.json", "best.safetensors", "last.pt", "samples", "weak-masks"])
@pytest.mark.parametrize("resume", [False, True])
def test_links_in_place_of_files_of_a_run_are_refused(tmp_path, name, resume):
    (tmp_path / "run").mkdir()
    if resume and name != "last.pt":
        (tmp_path / "run" / "last.pt").write_bytes(b"")
    (tmp_path / "run" / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match=name):
        check_run_folder(options(tmp_path, resume=resume))
    if name == "last.pt":
        (tmp_path / "elsewhere").write_bytes(b"")
        with pytest.raises(UsageError, match="a link" if resume else "holds a run"):
            check_run_folder(options(tmp_path, resume=resume))


def test_a_link_below_a_folder_of_a_run_is_refused(tmp_path):
    (tmp_path / "run" / "weak-masks").mkdir(parents=True)
    (tmp_path / "run" / "weak-masks" / "a.png").symlink_to(tmp_path / "elsewhere.png")
    with pytest.raises(UsageError, match=r"weak-masks/a\.png is reached through a link"):
        check_run_folder(options(tmp_path))


def test_the_first_of_many_files_are_named(tmp_path):
    (tmp_path / "run").mkdir()
    for name in ("config.json", "curves.png", "classes.csv", "metrics.csv"):
        (tmp_path / "run" / name).touch()
    with pytest.raises(UsageError, match=r"config.json, metrics.csv, curves.png and 1 more are there already"):
        check_run_folder(options(tmp_path))


def test_a_folder_with_other_files_is_fine(tmp_path):
    (tmp_path / "run" / "notes").mkdir(parents=True)
    (tmp_path / "run" / "notes.txt").write_text("mine")
    check_run_folder(options(tmp_path))


@pytest.mark.parametrize(
    ("folder", "name"),
    [("voc", "voc"), ("My Run 2", "my-run-2"), ("größe", "gr--e"), ("_x.1", "x.1"), ("", "run"), ("???", "run")],
)
def test_a_card_is_named_by_the_folder(folder, name):
    assert card_name(folder) == name


def test_options_are_compared_as_they_are_kept(tmp_path):
    ours = options(tmp_path)
    assert plain(ours) == json.loads(json.dumps(plain(ours)))
