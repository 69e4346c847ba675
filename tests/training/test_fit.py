"""What `fit` makes of a plan: hooks, validation, the best weights, and a network that learns one number."""

import math
import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from rich.console import Console
from safetensors.torch import load_file
from torch import nn

from dlcli.errors import DataError, DlcliError, UsageError
from dlcli.models.run_folder import read_run
from dlcli.training.checkpoint import good_checkpoint, load_checkpoint, save_checkpoint
from dlcli.training.fit import fit
from dlcli.training.log import TrainLog
from dlcli.training.optim import weight_groups
from dlcli.training.optimization.names import OptimizerName, ScheduleName
from dlcli.training.optimization.schedules import RateCurve
from dlcli.training.plan import Schedule, Validation
from dlcli.training.runs.resuming import matching_checkpoint
from tests.training.cases import differences
from tests.training.optimization.toy import CARD, Threes, toy


@dataclass
class Options:
    out: Path
    resume: bool = False
    checkpoint_minutes: float = 0.0
    data: Path = Path("set")
    tensorboard: bool = False


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
    opening, device, end = run(plan, tmp_path).splitlines()
    assert (opening, device[:7], end[:12]) == ("begun", "on cpu,", "done at -1 (")
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


def schedules():
    """Each optimizer and each curve, once or more, with what else moves in a step."""
    for optimizer in OptimizerName:
        yield Schedule(4, 1, 0.5, 0.5, optimizer=optimizer, accumulate=2, dropout=0.3)
    for shape in ScheduleName:
        yield Schedule(4, 2, 0.0, 0.5, curve=RateCurve(shape, cycles=2, wait=0), clip_value=0.1, eval_every=2)
    yield Schedule(9, 1, 0.0, 0.5, patience=2)


@pytest.mark.parametrize("schedule", list(schedules()), ids=lambda s: f"{s.optimizer}-{s.curve.shape}-{s.patience}")
@pytest.mark.parametrize("step", [3, 5])
def test_a_run_goes_on_to_the_same_bits_whatever_moves_the_weights(schedule, step, tmp_path):
    class Killed(BaseException):
        pass

    def plan(stop=0):
        net, asked = nn.Sequential(nn.Linear(1, 3), nn.Dropout(0.1), nn.Linear(3, 1)), iter(range(1, 99))

        def loss(net, batch):
            if next(asked) == stop:
                raise Killed
            return {"square": (net(batch) - 3).square().mean()}

        torch.manual_seed(1)
        for value in net.parameters():
            nn.init.uniform_(value)
        score = {
            "validate": lambda net, _: Validation({"score": -abs(float(net[0].weight.sum()) - 2)}),
            "best_by": "score",
        }
        batches = Threes(steps=2 * schedule.accumulate)
        return toy(net=net, groups=weight_groups(net, None, 0.1, 0.0, 0.01), loss=loss, batches=batches,
                   schedule=schedule, set_training=net.train, **score)  # fmt: skip

    log = TrainLog(Console(quiet=True), quiet=True)
    fit(plan(), Options(tmp_path / "whole"), log)
    options = Options(tmp_path / "run")
    with pytest.raises(Killed):
        fit(plan(stop=step * schedule.accumulate), options, log)
    saved = load_checkpoint(options.out)
    assert 0 < saved["total"] < step  # of the end of an epoch
    fit(plan(), options, log, saved)
    ends = [load_checkpoint(tmp_path / name) | {"config": None} for name in ("whole", "run")]
    assert list(differences(*ends)) == []


def test_it_stops_when_nothing_gets_better(tmp_path):
    schedule = Schedule(epochs=9, warmup=0, clip=0.0, ema=0.5, patience=2)
    said = run(toy(**scored(iter([0.5, 0.9, 0.7, 0.9, 1.0])), schedule=schedule), tmp_path)
    assert "early stopping: no better score for 2 epochs; epoch 2 is best\ndone at 0.9 (" in said
    saved = load_checkpoint(tmp_path / "run")
    assert [row.get("score") for row in saved["history"]] == [0.5, 0.9, 0.7, 0.9]
    again = toy(**scored(iter([])), schedule=schedule)
    fit(again, Options(tmp_path / "run", resume=True), TrainLog(Console(quiet=True), quiet=True), saved)
    assert len(load_checkpoint(tmp_path / "run")["history"]) == 4


def test_the_rate_falls_where_the_metric_stalls(tmp_path):
    schedule = Schedule(4, 0, 0.0, 0.5, curve=RateCurve(ScheduleName.PLATEAU, factor=0.5, wait=0))
    rates, score = [], scored(iter([0.5, 0.4, 0.6, 0.5]))
    plan = toy(**score, schedule=schedule)
    hook = lambda end: rates.append(plan.groups[0]["lr"])  # noqa: E731  # torch's optimizer moves it there
    run(replace(plan, hooks=(hook,)), tmp_path)
    assert rates == pytest.approx([0.1, 0.1, 0.05, 0.05])


def test_what_needs_a_metric_is_refused_without_one(tmp_path):
    for more in ({"patience": 1}, {"curve": RateCurve(ScheduleName.PLATEAU)}):
        with pytest.raises(UsageError, match="nothing is measured while this learns"):
            run(toy(schedule=Schedule(3, 0, 0.0, 0.5, **more)), tmp_path)


@pytest.mark.parametrize(("loss", "message"), [("square", r"the square loss is nan"), ("root", "the gradient is nan")])
def test_a_run_that_diverges_says_where_and_what_is_left(loss, message, tmp_path):
    """In its second epoch, so that the checkpoint of the first is good."""
    seen = iter(range(9))

    def diverging(net, batch):
        bad = next(seen) == 3
        if loss == "root":
            return {"root": (net.weight * (0 if bad else 1)).abs().sum().sqrt() * (0 if bad else 1)}
        return {"square": (net(batch) - 3).square().mean() * (math.nan if bad else 1)}

    with pytest.raises(DlcliError, match=message) as caught:
        run(toy(loss=diverging), tmp_path)
    where = (
        rf"at step 4 \(epoch 2\), learning rate 0\.\d+; the last good checkpoint is {tmp_path}/run/last\.pt, of step 2"
    )
    assert re.search(where + "; start again with a lower --lr or a smaller --clip$", str(caught.value))


def test_a_checkpoint_that_has_diverged_already_is_not_called_good(tmp_path):
    run(toy(), tmp_path)
    saved = load_checkpoint(tmp_path / "run")
    save_checkpoint(tmp_path / "run", saved | {"net": {"weight": torch.tensor([[math.inf]])}})
    assert good_checkpoint(tmp_path / "run") == f"{tmp_path}/run/last.pt, of step 6, has such weights already"


def test_several_batches_make_the_step_of_one_large_one(tmp_path):
    """Without batch normalization, and with a mean as the loss: the same up to rounding."""
    images = torch.randn(12, 5, generator=torch.Generator().manual_seed(3))

    @dataclass
    class Parts:
        size: int

        @property
        def steps(self):
            return len(images) // self.size

        def __call__(self, epoch, done):
            return iter(images.split(self.size)[done:])

    def weights(size, accumulate, optimizer):
        torch.manual_seed(0)
        net = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 1))
        schedule = Schedule(3, 0, 0.5, 0.5, accumulate=accumulate, optimizer=optimizer)
        plan = toy(net=net, groups=weight_groups(net, None, 0.05, 0.0, 0.0), set_training=net.train,
                   schedule=schedule, batches=Parts(size))  # fmt: skip
        run(plan, tmp_path / f"{size}-{optimizer}")
        return torch.cat([value.detach().flatten() for value in net.parameters()])

    for optimizer in (OptimizerName.MOMENTUM, OptimizerName.ADAMW):
        large = weights(6, 1, optimizer)
        torch.testing.assert_close(weights(2, 3, optimizer), large, rtol=1e-4, atol=1e-6)
        assert not torch.allclose(weights(3, 1, optimizer), large, atol=1e-3)


def test_an_epoch_of_fewer_batches_than_are_asked_for_is_one_step(tmp_path):
    ends = []
    run(toy(schedule=Schedule(2, 0, 0.0, 0.5, accumulate=99), hooks=(ends.append,)), tmp_path)
    assert load_checkpoint(tmp_path / "run")["total"] == 2
