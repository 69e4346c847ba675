"""With which options a run goes on."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from dlcli.errors import UsageError
from dlcli.training.checkpoint import load_checkpoint, plain, save_checkpoint
from dlcli.training.log import TrainLog
from dlcli.training.runs.resuming import matching_checkpoint, say_longer
from tests.training.test_checkpoint import options, whole


def saved_as(ours, **change):
    save_checkpoint(ours.out, whole() | {"config": plain(ours)} | change)


def test_every_option_that_differs_is_named(tmp_path):
    ours = options(tmp_path)
    saved_as(ours)
    same = replace(ours, resume=True, workers=5, data=Path("moved"), device="cpu")
    assert matching_checkpoint(same)["total"] == 0
    with pytest.raises(
        UsageError,
        match=r"^--resume: .*run was started with other options: --from was imagenet, now none, "
        r"--lr was 0\.0015, now 1\.0; leave them out$",
    ):
        matching_checkpoint(replace(ours, from_="none", lr=1.0))


def test_epochs_may_grow_which_is_said_and_not_shrink(tmp_path):
    ours = options(tmp_path)
    saved_as(ours)
    longer = replace(ours, epochs=ours.epochs + 5)
    console = Console(record=True, width=200, file=(tmp_path / "said.txt").open("w"))
    say_longer(matching_checkpoint(longer), longer, TrainLog(console, quiet=False))
    assert console.export_text().startswith("--resume: --epochs grows from 20 to 25; the learning rate follows")
    with pytest.raises(UsageError, match="--epochs was 20, now 19"):
        matching_checkpoint(replace(ours, epochs=19))


def test_a_run_that_does_not_know_its_images_asks_for_the_same_folder(tmp_path):
    ours = options(tmp_path)
    saved_as(ours)
    state = load_checkpoint(ours.out)
    save_checkpoint(ours.out, {name: value for name, value in state.items() if name != "data"})
    assert matching_checkpoint(ours)["config"]["data"] == "set"
    with pytest.raises(UsageError, match=r"--resume: .* DATA was set, now moved"):
        matching_checkpoint(replace(ours, data=Path("moved")))
