"""Two processes that learn as one, against one process: losses, checkpoints, who speaks, and how a run ends."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dlcli.errors import ExitCode, UsageError
from dlcli.training import folds, labeled
from dlcli.training.checkpoint import load_checkpoint
from dlcli.training.processes.rank import Rank, this_rank
from tests.program import ROOT
from tests.training.cases import CASES, QUIET, assert_same_run, rows
from tests.training.processes.pairs import CLASSIFY, EVEN, VIT

WITH_BATCH_NORM = [case for case in CASES if case.metric and case is not CLASSIFY]
ONE_STEP_OFF = 0.15  # of a loss: batch statistics of half a batch, random numbers of two processes


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(labeled, "draw_curves", lambda *_: None)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("pairs")
    subprocess.run([sys.executable, "-m", "tests.training.processes.pairs", place], cwd=ROOT, check=True, timeout=600)
    return place


def said(place: Path) -> tuple[str, str]:
    """What the two processes wrote."""
    return tuple((place / f"process-{rank}.txt").read_text() for rank in range(2))  # type: ignore[return-value]


@pytest.mark.parametrize(("name", "more"), [("two", {}), ("accumulated", {"accumulate": 2, "batch": 2})])
def test_the_loss_is_that_of_one_process(name, more, pairs, tmp_path):
    """Of a network without batch statistics, up to rounding, over the whole run."""
    VIT.train(VIT.given(pairs / "classify-data", tmp_path / "run", **more))
    ours, theirs = rows(tmp_path / "run"), rows(pairs / name / "run")
    assert [float(row["class"]) for row in theirs] == pytest.approx([float(row["class"]) for row in ours], rel=1e-4)
    one, two = (load_checkpoint(run)["net"] for run in (tmp_path / "run", pairs / name / "run"))
    for key, value in one.items():
        torch.testing.assert_close(two[key], value, rtol=1e-3, atol=1e-5, msg=key)


@pytest.mark.parametrize("case", WITH_BATCH_NORM, ids=lambda case: case.name)
def test_with_batch_statistics_it_is_about_the_same(case, pairs, tmp_path):
    case.train(case.given(pairs / f"{case.name}-data", tmp_path / "run", **EVEN))
    ours, theirs = rows(tmp_path / "run"), rows(pairs / case.name / "run")
    terms = [name for name in ("class", "box", "dice", "ce") if name in ours[0]]
    one, two = ([sum(float(row[name]) for name in terms) for row in run] for run in (ours, theirs))
    assert two == pytest.approx(one, rel=ONE_STEP_OFF)


def test_only_the_first_process_speaks(pairs):
    first, second = said(pairs / "detect")
    assert second == "exit code 0\n"
    assert "on 2 processes, each on cpu, 1 thread" in first
    assert first.count("next: dlcli export") == 1


def test_a_killed_process_ends_the_run_with_what_was_learned(pairs):
    """The pair was killed in step 5 and went on: the folder is that of a whole run."""
    first, second = said(pairs / "lost")
    assert (first.splitlines()[-1], second) == ("exit code 0", "exit code 0\n")
    assert [row["epoch"] for row in rows(pairs / "lost" / "run")] == ["1", "2", "3"]
    assert load_checkpoint(pairs / "lost" / "run")["total"] == load_checkpoint(pairs / "two" / "run")["total"]


def test_a_signal_stops_all_after_one_step_and_the_run_goes_on_to_the_same_bits(pairs):
    assert said(pairs / "stopped")[1] == "exit code 0\n"
    assert_same_run(pairs / "stopped" / "run", pairs / "two" / "run")


@pytest.mark.parametrize(
    ("name", "message", "code"),
    [
        ("lost-first", "another process of this training ended, or can no longer be reached", ExitCode.STOPPED),
        ("stopped-first", "stopped after step 5; go on with --resume", ExitCode.TERMINATED),
        ("uneven", "2 processes: a batch of 3 images cannot be shared; pass --batch 2", ExitCode.USAGE),
        ("style-transfer", "this training learns in one process; start it without torchrun", ExitCode.USAGE),
    ],
)
def test_the_first_process_says_why_the_run_ends(name, message, code, pairs):
    first, second = said(pairs / name)
    assert message in first
    assert first.endswith(f"\nexit code {code}\n")
    assert second == f"exit code {-9 if name == 'lost-first' else code}\n"


def test_torchrun_trains(pairs, tmp_path):
    """The real way in: torch.distributed.run starts two programs."""
    data, out = pairs / "classify-data", tmp_path / "run"
    words = (
        f"--out {out} --net vit-micro --size 32 --from none --batch 4 --epochs 3 --workers 0 --freeze 0 --threads 1 "
        "--optimizer momentum --lr 0.01"
    )
    starter = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "-m", "dlcli", "train", "classify"]
    done = subprocess.run(
        [*starter, data, *words.split()], cwd=ROOT, check=False, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("next: dlcli export") == 1
    losses = [[float(row["class"]) for row in rows(run)] for run in (out, pairs / "two" / "run")]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


TORCHRUN = {
    "RANK": "1",
    "WORLD_SIZE": "4",
    "LOCAL_RANK": "1",
    "LOCAL_WORLD_SIZE": "2",
    "MASTER_ADDR": "localhost",
    "MASTER_PORT": "29500",
}


def test_who_this_is():
    assert this_rank({}) == this_rank({"WORLD_SIZE": "1", "RANK": "0"}) == Rank()
    assert this_rank(TORCHRUN) == Rank(1, 4, 1, 2)
    assert str(this_rank(TORCHRUN)) == "process 1 of 4"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"RANK": None}, "WORLD_SIZE is 4, but RANK not set; start several processes with: torchrun"),
        ({"LOCAL_RANK": "first"}, "expected whole numbers, as torchrun sets them"),
        ({"RANK": "4"}, "RANK is 4; expected a number below 4"),
    ],
)
def test_half_of_what_torchrun_sets_is_refused(change, message):
    with pytest.raises(UsageError, match=message):
        this_rank({name: value for name, value in (TORCHRUN | change).items() if value is not None})


def test_folds_are_for_one_process(tmp_path, monkeypatch):
    for name, value in TORCHRUN.items():
        monkeypatch.setenv(name, value)
    options = replace(VIT.given(tmp_path, tmp_path / "run"), kfold=3)
    with pytest.raises(UsageError, match="--kfold 3: several processes train one fold at a time"):
        folds.train(VIT.recipe, options, QUIET)
