"""Runs side by side, from their folders alone."""

import json

import pytest

from dlcli.card import ModelCard
from dlcli.errors import MissingError, UsageError
from dlcli.evaluation.runs.compare import differences, results
from dlcli.evaluation.runs.summary import find_runs, summarize
from dlcli.file_lock import alone
from dlcli.models.run_folder import LOCK
from tests.program import dlcli

CARD = ModelCard(name="x", task="detect", labels=("a",), input=(1, 1), mean=(0, 0, 0), std=(1, 1, 1))


def write_run(folder, best=0.4, **options):
    folder.mkdir(parents=True)
    config = {"task": "detect", "card": json.loads(CARD.to_json()), "options": {"out": str(folder), **options}}
    (folder / "config.json").write_text(json.dumps(config))
    record = {
        "dlcli": "0.1.0",
        "state": "done",
        "epochs": 2,
        "metric": "map50",
        "best": best,
        "best_epoch": 1,
        "seconds": 65.0,
        "sittings": [{"began": "2026-11-30T20:00:00Z"}],
        "versions": {"torch": "2.6"},
        "data": {"fingerprint": "sha256:0"},
    }
    (folder / "run.json").write_text(json.dumps(record))
    (folder / "metrics.csv").write_text("epoch,class,map50\n1,2.0,0.4\n2,1.5,\n")
    return folder


def test_runs_are_found_wherever_they_are_and_nothing_else(tmp_path):
    one, two = write_run(tmp_path / "a" / "b"), write_run(tmp_path / "c")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "config.json").write_text("{}")
    assert find_runs([tmp_path]) == find_runs([tmp_path, one]) == [one, two]
    assert find_runs([one]) == [one]
    with pytest.raises(UsageError, match=r"other: no run in there; expected a folder that dlcli train wrote"):
        find_runs([tmp_path / "other"])
    with pytest.raises(MissingError, match="nowhere: no such folder"):
        find_runs([tmp_path / "nowhere"])


def test_what_a_run_came_to(tmp_path):
    run = summarize(write_run(tmp_path / "run", lr=0.1))
    assert (run.task, run.state, run.metric, run.best, run.best_epoch) == ("detect", "done", "map50", 0.4, 1)
    assert (run.seconds, run.began, run.data) == (65.0, "2026-11-30T20:00:00Z", "sha256:0")
    assert run.last == {"epoch": 2, "class": 1.5}


def test_a_run_that_was_killed_does_not_run_any_more(tmp_path):
    folder = write_run(tmp_path / "run")
    (folder / "run.json").write_text(json.dumps({"state": "running"}))
    with alone(folder / LOCK, "it", "training"):
        assert summarize(folder).state == "running"
    assert summarize(folder).state == "killed"
    (folder / LOCK).touch()  # as kill -9 leaves it
    assert summarize(folder).state == "killed"


@pytest.mark.parametrize("damage", [None, "{", "[]"], ids=["none", "cut off", "another file"])
def test_a_run_without_a_record_says_less(damage, tmp_path):
    folder = write_run(tmp_path / "run")
    (folder / "run.json").unlink()
    if damage:
        (folder / "run.json").write_text(damage)
    run = summarize(folder)
    assert (run.state, run.best, run.seconds, run.epochs) == ("", None, None, 2)


def test_what_differs_and_what_came_of_it(tmp_path):
    runs = [
        summarize(write_run(tmp_path / "a", lr=0.1, seed=0)),
        summarize(write_run(tmp_path / "b", 0.6, lr=0.2, seed=0)),
    ]
    assert differences(runs) == [("--lr", (0.1, 0.2))]
    found = dict(results(runs))
    assert (found["best"], found["last class"]) == ((0.4, 0.6), (1.5, 1.5))
    assert "last epoch" not in found


def test_the_commands(tmp_path):
    one, two = write_run(tmp_path / "a", lr=0.1), write_run(tmp_path / "b", lr=0.2)
    listed = dlcli("runs", "list", tmp_path)
    assert [line.split()[:1] for line in listed.lines] == [["run"], [str(one)], [str(two)]]
    assert "map50 0.4000" in listed.lines[1]
    assert [run["path"] for run in json.loads(dlcli("runs", "list", tmp_path, "--json").out)] == [str(one), str(two)]
    assert dlcli("runs", "compare", one, two).lines[1].split() == ["--lr", "0.1", "0.2"]
    found = json.loads(dlcli("runs", "compare", one, two, "--json").out)
    assert found["differences"] == {"--lr": [0.1, 0.2]}
    assert "differ in no option" in dlcli("runs", "compare", one, one).err
    assert "expected two runs or more" in dlcli("runs", "compare", one).err
