"""What `fit` makes of a plan: hooks, validation, the best weights, and a network that learns one number."""

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console
from safetensors.torch import load_file
from torch import nn

from dlcli.card import ModelCard
from dlcli.errors import DataError, UsageError
from dlcli.models.run_folder import read_run
from dlcli.training.checkpoint import load_checkpoint, matching_checkpoint
from dlcli.training.fit import fit
from dlcli.training.log import TrainLog
from dlcli.training.optim import weight_groups
from dlcli.training.plan import Plan, Schedule, Validation

CARD = ModelCard(name="toy", task="toy", labels=(), input=(1, 1), mean=(0, 0, 0), std=(1, 1, 1))


@dataclass
class Options:
    out: Path
    resume: bool = False
    checkpoint_minutes: float = 0.0
    data: Path = Path("set")


@dataclass
class Threes:
    """Batches whose every value is 3."""

    steps: int = 2
    size: int = 4
    asked: list[tuple[int, int]] = field(default_factory=list)

    def __call__(self, epoch, done):
        self.asked.append((epoch, done))
        return iter([torch.full((4, 1), 3.0)] * (self.steps - done))


def toy(**more) -> Plan:
    torch.manual_seed(0)
    net = nn.Linear(1, 1)
    given: dict[str, Any] = {
        "card": CARD,
        "net": net,
        "groups": weight_groups(net, None, 0.1, 0.0, 0.0),
        "loss": lambda net, batch: {"square": (net(batch) - 3).square().mean()},
        "batches": Threes(),
        "schedule": Schedule(epochs=3, warmup=0, clip=0.0, ema=0.5),
        "set_training": net.train,
        "data": {"labels": ["a"], "images": ["a.png"]},
        "opening": "begun",
        "last_line": lambda best: f"done at {best:g}",
    }
    return Plan(**(given | more))


def scored(values):
    """Validates as these numbers, one after the other."""
    return {"validate": lambda _net, progress: Validation({"score": next(values)}), "best_by": "score"}


def run(plan, tmp_path, **more):
    """What was said."""
    tmp_path.mkdir(exist_ok=True)
    console = Console(record=True, width=200, file=(tmp_path / "said.txt").open("w"))
    fit(plan, Options(tmp_path / "run", **more), TrainLog(console, quiet=False))
    return console.export_text()


def test_hooks_are_called_in_turn_before_the_epoch_is_kept(tmp_path):
    seen = []

    def kept():
        return load_checkpoint(tmp_path / "run")["epoch"] if (tmp_path / "run" / "last.pt").exists() else 0

    plan = toy(hooks=(lambda end: seen.append((end.epoch, kept())), lambda end: seen.append(list(end.row))))
    assert run(plan, tmp_path).startswith("begun\ndone at -1 (")
    assert seen == [(1, 0), ["epoch", "square"], (2, 1), ["epoch", "square"], (3, 2), ["epoch", "square"]]
    assert plan.batches.asked == [(0, 0), (1, 0), (2, 0)]
    assert read_run(tmp_path / "run").card == CARD


def test_it_learns_and_keeps_the_averaged_weights(tmp_path):
    ends = []
    plan = toy(schedule=Schedule(epochs=40, warmup=0, clip=0.0, ema=0.5), hooks=(ends.append,))
    run(plan, tmp_path)
    losses = [end.row["square"] for end in ends]
    assert losses[-1] < losses[0] / 10
    weights = load_file(tmp_path / "run" / "best.safetensors")
    assert torch.equal(weights["weight"], ends[-1].net.weight)
    assert not torch.equal(weights["weight"], plan.net.weight)


def test_the_best_weights_are_kept_and_not_the_last(tmp_path):
    ends = []
    plan = toy(**scored(iter([0.5, 0.9, 0.7])), hooks=(lambda end: ends.append((end.best, end.net.weight.clone())),))
    assert "\ndone at 0.9 (" in run(plan, tmp_path)
    assert [best for best, _ in ends] == [True, True, False]
    assert torch.equal(load_file(tmp_path / "run" / "best.safetensors")["weight"], ends[1][1])


def test_a_score_that_is_no_number_still_leaves_weights(tmp_path):
    run(toy(**scored(iter([math.nan] * 3))), tmp_path)
    assert (tmp_path / "run" / "best.safetensors").is_file()


def test_it_validates_every_so_many_epochs_and_at_the_end(tmp_path):
    ends = []
    schedule = Schedule(epochs=5, warmup=0, clip=0.0, ema=0.5, eval_every=2)
    run(toy(**scored(iter([0.1, 0.2, 0.3])), schedule=schedule, hooks=(ends.append,)), tmp_path)
    assert [end.epoch for end in ends if end.validation] == [2, 4, 5]
    assert ["score" in end.row for end in ends] == [False, True, False, True, True]
    assert not any(end.best for end in ends if not end.validation)


def test_a_checkpoint_has_what_the_plan_adds(tmp_path):
    run(toy(facts={"reinitialized": ["weight"]}), tmp_path)
    saved = load_checkpoint(tmp_path / "run")
    assert (saved["reinitialized"], saved["data"]) == (["weight"], {"labels": ["a"], "images": ["a.png"]})
    assert saved["config"]["out"] == str(tmp_path / "run")


def test_a_run_that_ends_in_its_first_step_can_be_resumed(tmp_path):
    class Killed(BaseException):
        pass

    def kill(net, batch):
        raise Killed

    with pytest.raises(Killed):
        run(toy(loss=kill), tmp_path)
    saved = load_checkpoint(tmp_path / "run")
    assert (saved["epoch"], saved["total"]) == (0, 0)
    console = Console(width=200, file=(tmp_path / "said.txt").open("w"))
    fit(toy(), Options(tmp_path / "run", resume=True), TrainLog(console, quiet=False), saved)
    run(toy(), tmp_path / "whole")
    weights = [load_file(folder / "run" / "best.safetensors")["weight"] for folder in (tmp_path, tmp_path / "whole")]
    assert torch.equal(*weights)


def test_other_data_and_other_networks_are_refused(tmp_path):
    run(toy(), tmp_path)
    options = Options(tmp_path / "run", resume=True)
    saved, log = matching_checkpoint(replace(options, resume=False)), TrainLog(Console(quiet=True), quiet=True)
    with pytest.raises(UsageError, match=r"--resume: set has other labels than when .* was started \(1 then, 2 now\)"):
        fit(toy(data={"labels": ["a", "b"], "images": ["a.png"]}), options, log, saved)
    other = nn.Linear(2, 1)
    with pytest.raises(DataError, match=r"last\.pt: is of another training: .*; start a new run in another --out"):
        fit(toy(net=other, groups=weight_groups(other, None, 0.1, 0.0, 0.0)), options, log, saved)
