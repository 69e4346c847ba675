"""What holds for every training: it learns, goes on where it was stopped, and refuses what does not fit."""

import io
import json
import shutil
import signal
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import torch
from rich.console import Console

from dlcli.errors import DataError, DlcliError, ExitCode, InterruptedRunError, UsageError
from dlcli.models.run_folder import read_run
from dlcli.nets.weights import load_weights
from dlcli.training import fit, labeled
from dlcli.training.checkpoint import load_checkpoint, save_checkpoint
from tests.training.cases import CASES, FAST_RCNN, assert_same_run, rows, watched

LABELED = [case for case in CASES if case.metric]
every_labeled_training = pytest.mark.parametrize("case", LABELED, ids=lambda case: case.name)
every_training = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """No curves, which take longer than the learning here."""
    monkeypatch.setattr(labeled, "draw_curves", lambda *_: None)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Of a training: its tiny set, made once."""
    root, made = tmp_path_factory.mktemp("sets"), {}

    def of(case):
        if case.name not in made:
            made[case.name] = case.write(root / case.name, *case.images)
        return made[case.name]

    return of


@pytest.fixture(scope="module")
def whole_run(place, tmp_path_factory):
    """Of a training: the folder of an uninterrupted run of four steps, and what was said meanwhile."""
    root, made = tmp_path_factory.mktemp("runs"), {}

    def of(case):
        if case.name not in made:
            said = io.StringIO()
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(labeled, "draw_curves", lambda *_: None)
                options = replace(case.given(place(case), root / case.name / "run"), quiet=False)
                case.train(options, Console(file=said, width=400))
            made[case.name] = options.out, said.getvalue()
        return made[case.name]

    return of


@every_training
def test_a_run_leaves_what_the_others_read(case, whole_run):
    out, _ = whole_run(case)
    assert {path.name for path in out.iterdir()} == case.files
    run = read_run(out)
    assert run.card.task == case.name
    assert json.loads((out / "config.json").read_text())["task"] == case.name
    assert load_weights(run.weights, case.build(run.card)) == []
    saved = load_checkpoint(out)
    assert (saved["epoch"], saved["step"], saved["total"], len(saved["history"])) == (case.epochs, 0, 4, case.epochs)
    if "metrics.csv" in case.files:
        assert [row["epoch"] for row in rows(out)] == ["1", "2"]


@every_training
def test_what_is_said(case, whole_run):
    """What there is to learn from, a line an epoch, and what to do next."""
    out, said = whole_run(case)
    rules = [line for line in said.splitlines() if "marks pixels that do not count" in line]
    assert len(rules) == (case.name == "segment")  # once, though both splits have it
    lines = [line for line in said.splitlines() if line not in rules]
    assert lines.pop(1).startswith("on cpu, 1 thread")
    assert len(lines) == 2 + case.epochs + bool(case.metric)  # with a head over the epochs
    assert lines[-1].startswith(f"{out}/")
    assert f"next: dlcli export {out}" in lines[-1]
    if case.metric:
        assert "images to learn from" in lines[0]
        assert lines[1].split()[0] == "epoch"
        assert lines[1].split()[-2:] == ["img/s", "left"]
        assert [line.split()[0] for line in lines[2:4]] == ["1/2", "2/2"]
        assert any(line.endswith("best") for line in lines[2:4])
        assert all(len(line) <= 80 for line in lines[1:4])


@every_training
@pytest.mark.parametrize("step", [3, 4], ids=["in the middle of an epoch", "at its last step"])
def test_a_resumed_run_ends_as_an_uninterrupted_one(case, step, place, whole_run, tmp_path):
    options = case.given(place(case), tmp_path / "run")
    with pytest.raises(InterruptedRunError, match=f"stopped after step {step}; go on with --resume"):
        case.stop_at(step, signal.SIGINT, options)
    saved = load_checkpoint(options.out)
    done = 4 // case.epochs * (case.epochs - 1)
    assert (saved["epoch"], saved["step"], saved["total"]) == (case.epochs - 1, step - done, step)
    case.train(replace(options, resume=True))
    assert_same_run(options.out, whole_run(case)[0])


@every_training
def test_a_run_that_is_done_goes_on_to_its_end_at_once(case, place, whole_run, tmp_path):
    shutil.copytree(whole_run(case)[0], tmp_path / "run")
    case.train(case.given(place(case), tmp_path / "run", resume=True))
    assert_same_run(tmp_path / "run", whole_run(case)[0])


@every_labeled_training
def test_a_run_that_is_stopped_while_it_is_validated_loses_nothing(case, place, whole_run, tmp_path, monkeypatch):
    options = case.given(place(case), tmp_path / "run")

    @contextmanager
    def stopped(do):
        raise InterruptedRunError(do("interrupted"))
        yield

    with monkeypatch.context() as patch:
        patch.setattr(fit, "end_at_once", stopped)
        with pytest.raises(InterruptedRunError, match="stopped after step 2; go on with --resume"):
            case.train(options)
    assert load_checkpoint(options.out)["total"] == 2
    case.train(replace(options, resume=True))
    assert_same_run(options.out, whole_run(case)[0])


@every_training
def test_sigterm_keeps_the_run_and_has_its_exit_code(case, place, tmp_path):
    options = case.given(place(case), tmp_path / "run")
    with pytest.raises(DlcliError, match="stopped after step 1") as caught:
        case.stop_at(1, signal.SIGTERM, options)
    assert caught.value.exit_code == 143
    assert load_checkpoint(options.out)["total"] == 1


@every_training
def test_a_checkpoint_is_kept_when_it_is_due(case, place, tmp_path, monkeypatch):
    """Killed in step 3, a run has the state after step 2."""
    monkeypatch.setattr(fit, "Every", lambda _minutes: type("Always", (), {"due": lambda _: True})())
    options, found = case.given(place(case), tmp_path / "run"), []
    killed = watched(case.recipe, {3: lambda: found.append(load_checkpoint(options.out)["total"])})
    fit.train(killed, options, Console(quiet=True))
    assert found == [2]


@every_training
def test_a_run_goes_on_only_as_it_was_set(case, whole_run, place):
    with pytest.raises(UsageError, match=r"--resume: .* was started with other options: --lr was .*, now 5\.0; leave"):
        case.train(case.given(place(case), whole_run(case)[0], resume=True, lr=5.0))


@every_training
def test_a_run_goes_on_only_with_its_data(case, whole_run, tmp_path):
    more = case.write(tmp_path / "more", case.images[0] + 1, case.images[1])
    with pytest.raises(UsageError, match=r"has other images than when .* was started \(\d then, \d now\)"):
        case.train(case.given(more, whole_run(case)[0], resume=True))


@every_training
def test_a_run_is_not_written_over(case, whole_run, place):
    with pytest.raises(UsageError, match="holds a run already; choose another --out, or go on with --resume"):
        case.train(case.given(place(case), whole_run(case)[0]))


@every_training
def test_the_state_of_another_network_is_refused_in_a_sentence(case, place, whole_run, tmp_path):
    shutil.copytree(whole_run(case)[0], tmp_path / "run")
    saved = load_checkpoint(tmp_path / "run")
    name = next(iter(saved["net"]))
    options = case.given(place(case), tmp_path / "run", resume=True)
    for change in ({"net": saved["net"] | {name: torch.zeros(1)}}, {"optimizer": {}}, {"ema": {}}):
        save_checkpoint(tmp_path / "run", saved | change)
        with pytest.raises(DataError, match=r"last\.pt: is of another training: .*; start a new run in another --out$"):
            case.train(options)


@every_labeled_training
def test_bad_data_stops_before_anything_is_written(case, tmp_path):
    data = case.write(tmp_path / "data", *case.images)
    bad = sorted(path for path in data.rglob("*.png") if "val" not in path.parts and "masks" not in path.parts)[1]
    bad.write_bytes(bad.read_bytes()[:-100])
    with pytest.raises(DataError, match=bad.name) as caught:
        case.train(case.given(data, tmp_path / "run"))
    assert caught.value.exit_code == ExitCode.STOPPED
    assert not (tmp_path / "run").exists()


@every_training
def test_a_run_that_diverges_says_so(case, place, tmp_path):
    more = {"steps": 8} if case.epochs == 1 else {"epochs": 8, "warmup": 0, "clip": 0, "backbone_lr": 1e30}
    with pytest.raises(
        DlcliError,
        match=r"training diverged: the .* is .*, learning rate .*last\.pt, of step \d.*; start again with a lower --lr",
    ):
        case.train(case.given(place(case), tmp_path / "run", lr=1e30, **more))


@pytest.mark.parametrize("case", [*CASES, FAST_RCNN], ids=lambda case: case.name)
def test_it_learns(case, tmp_path):
    data, losses = case.write(tmp_path / "data", *case.many), []
    options = case.given(data, tmp_path / "run", **case.learning)
    fit.train(watched(case.recipe, {}, losses, case.loss), options, Console(quiet=True))
    some = max(1, len(losses) // 5)
    assert np.mean(losses[-some:]) < case.share * np.mean(losses[:some])
    if case.metric:
        name, least = case.metric
        measured = [float(row[name]) for row in rows(options.out) if row[name]]
        assert measured[-1] > max(least, measured[0] * (len(measured) > 1 and measured[0] < least))
