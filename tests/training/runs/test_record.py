"""RUN/run.json: what a run was told and what came of it."""

import json
import math

from dlcli.training.runs.record import RunRecord, versions
from tests.training.test_checkpoint import options

HISTORY = [{"epoch": 1.0, "map50": 0.2}, {"epoch": 2.0, "map50": 0.4}, {"epoch": 3.0, "map50": 0.3}]


def record(ours):
    return RunRecord(ours, ["train", "detect", "set"], "map50", "sha256:0", 7, "cpu, 1 thread")


def read(ours):
    return json.loads((ours.out / "run.json").read_text())


def test_what_it_holds(tmp_path):
    ours = options(tmp_path, lr=0.5)
    begun = record(ours)
    begun.end_epoch(1.234)
    begun.write("done", 3.21, HISTORY)
    found = read(ours)
    assert found["argv"] == ["dlcli", "train", "detect", "set"]
    assert (found["options"]["lr"], found["options"]["optimizer"], found["seed"]) == (0.5, "adamw", 0)
    assert found["data"] == {"images": 7, "fingerprint": "sha256:0"}
    assert found["versions"]["torch"] == versions()["torch"]
    assert [found[name] for name in ("state", "metric", "best", "best_epoch")] == ["done", "map50", 0.4, 2]
    assert (found["seconds"], found["sittings"][0]["seconds"], found["sittings"][0]["epochs"]) == (3.2, 3.2, [1.23])


def test_a_run_that_goes_on_adds_its_time(tmp_path):
    ours = options(tmp_path)
    record(ours).write("stopped", 5.0, HISTORY[:1])
    record(options(tmp_path, resume=True)).write("done", 2.0, HISTORY)
    found = read(ours)
    assert (found["seconds"], [sitting["seconds"] for sitting in found["sittings"]]) == (7.0, [5.0, 2.0])
    (ours.out / "run.json").write_text("{")  # damaged: nothing to add to
    record(options(tmp_path, resume=True)).write("done", 2.0, HISTORY)
    assert read(ours)["seconds"] == 2.0


def test_a_metric_that_is_no_number_is_none(tmp_path):
    ours = options(tmp_path)
    record(ours).write("done", 1.0, [{"epoch": 1.0, "map50": math.nan}])
    assert (read(ours)["best"], read(ours)["best_epoch"]) == (None, 1)
    record(ours).write("running", 1.0, [])
    assert (read(ours)["best"], read(ours)["best_epoch"]) == (None, None)
