"""`--lr-find` on a real set and on a plan that is known."""

import io
import math
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from rich.console import Console
from torch import nn

from dlcli.errors import DlcliError, UsageError
from dlcli.training.log import TrainLog
from dlcli.training.lr_find import range_test
from dlcli.training.lr_find.range_test import check_lr_find, find_rate, next_command
from dlcli.training.optim import weight_groups
from tests.training.cases import SEGMENT
from tests.training.optimization.toy import toy


@dataclass
class Options:
    out: Path = Path("run")
    lr: float = 0.01
    backbone_lr: float = 0.002
    resume: bool = False
    kfold: int = 0
    lr_find: bool = True


def learning(**more):
    """One number is learned by plain gradient descent, which diverges at a rate of 1 (slope 2 (w - 3))."""
    torch.manual_seed(0)
    net = nn.Linear(1, 1, bias=False)
    plan = toy(net=net, groups=weight_groups(net, None, 0.01, 0.0, 0.0), set_training=net.train)
    loss = {"loss": lambda net, batch: {"square": (net.weight - 3).square().sum()}}
    return replace(plan, **(loss | more))


def said(plan, options) -> str:
    out = io.StringIO()
    find_rate(plan, options, TrainLog(Console(file=out, width=400), quiet=False))
    return out.getvalue()


def test_it_proposes_a_rate_and_trains_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(range_test, "typed_words", lambda: ["train", "toy", "set", "--lr", "0.5", "--lr-find"])
    text = said(learning(), Options(tmp_path / "run"))
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["lr-find.png"]
    rate = float(text.rpartition("--lr ")[2].split()[0])
    assert 1e-3 < rate < 1
    assert f"next: dlcli train toy set --lr {rate:g} --backbone-lr {0.2 * rate:.2g}" in text


def test_a_loss_that_is_no_number_ends_the_test_and_not_the_program(tmp_path):
    count = iter(range(1000))

    def loss(net, batch):
        terms = (net.weight - 3).square().sum()
        return {"square": terms * (math.nan if next(count) >= 80 else 1)}

    assert "seen 80 steps" in said(learning(loss=loss), Options(tmp_path / "run"))


def test_where_no_rate_helps_it_says_so(tmp_path):
    flat = learning(loss=lambda net, batch: {"flat": net.weight.sum() * 0 + 1})
    with pytest.raises(DlcliError, match=r"no learning rate from 1e-07 to 10 lowers the loss, see .*lr-find.png"):
        said(flat, Options(tmp_path / "run"))


@pytest.mark.parametrize(
    ("more", "message"),
    [({"resume": True}, "--resume has no"), ({"kfold": 3}, "--kfold has no"), ({"lr": 0.0}, "expected an --lr above")],
)
def test_what_it_cannot_be_with(more, message):
    with pytest.raises(UsageError, match=message):
        check_lr_find(Options(**more))
    check_lr_find(Options(**more | {"lr_find": False}))


def test_the_next_command_has_each_rate_once():
    words = ["train", "detect", "a b", "--lr=3", "--backbone-lr", "2", "--lr-find", "--lr-wait", "4"]
    assert next_command(words, Options(), 0.1) == "dlcli train detect 'a b' --lr-wait 4 --lr 0.1 --backbone-lr 0.02"


def test_a_real_training(tmp_path):
    """On batches that repeat after an epoch; the run can be begun in the same folder afterwards."""
    data = SEGMENT.write(tmp_path / "set", 4, 1)
    options = replace(SEGMENT.given(data, tmp_path / "run", lr_find=True), quiet=False)
    out = io.StringIO()
    SEGMENT.train(options, Console(file=out, width=400))
    assert "the loss falls fastest at --lr" in out.getvalue()
    assert {path.name for path in options.out.iterdir()} == {"lr-find.png"}
    SEGMENT.train(replace(options, lr_find=False, epochs=1, quiet=True))
    assert (options.out / "best.safetensors").is_file()
