"""`train --tensorboard`: TensorBoard reads what metrics.csv holds; a missing package is told before a run begins."""

import csv
from importlib.util import find_spec

import pytest

from tests.program import SAMPLES, dlcli

WORDS = ("--size", "64", "--batch", "8", "--workers", "0", "--threads", "1", "--quiet")


def test_without_the_package_nothing_is_begun(tmp_path, monkeypatch):
    monkeypatch.setattr("dlcli.training.runs.tensorboard.find_spec", lambda name: None)
    ran = dlcli("train", "detect", SAMPLES / "shapes", "--out", tmp_path / "run", "--tensorboard")
    assert ran.code == 4
    assert "--tensorboard needs tensorboard, not installed here; run: " in ran.err
    assert "[tensorboard]" in ran.err
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(find_spec("tensorboard") is None, reason="the extra [tensorboard] is not installed")
def test_what_is_read_back_is_what_the_run_measured(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run = tmp_path / "run"
    begun = dlcli("train", "detect", SAMPLES / "shapes", "--out", run, "--epochs", "2", "--tensorboard", *WORDS)
    assert begun.code == 0, begun.err
    longer = dlcli("train", "detect", "--out", run, "--resume", "--epochs", "3")
    assert longer.code == 0, longer.err
    events = EventAccumulator(str(run / "tensorboard"))
    events.Reload()
    rows = list(csv.DictReader((run / "metrics.csv").read_text().splitlines()))
    for name in set(rows[0]) - {"epoch"}:
        found = [(event.step, event.value) for event in events.Scalars(name)]
        assert found == [(int(row["epoch"]), pytest.approx(float(row[name]), rel=1e-5)) for row in rows], name
    assert len(events.Scalars("learning rate")) == 3
    assert all(event.value > 0 for event in events.Scalars("images a second"))
