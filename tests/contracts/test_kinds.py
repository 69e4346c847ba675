"""What a task names of its labels: kind, options of `dlcli eval`, exporter; and a toy task that is scored by them."""

import json
import shutil
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from dlcli.data.kinds import KINDS
from dlcli.evaluation.metric_names import METRICS_OF
from dlcli.evaluation.plots import PLOTS
from dlcli.evaluation.tables import TABLES
from dlcli.tasks.eval_options import EvalOptions
from dlcli.tasks.registry import all_tasks, import_name
from tests.contracts.test_toy_task import copied_house
from tests.data.class_sets import image
from tests.forks import Forks

SCORED = [task for task in all_tasks().values() if task.kind is not None]
EXPORTED = [task for task in all_tasks().values() if task.exporter]
FOR_PREDICTORS = {
    "runtime",
    "device",
    "model",
    "conf",
    "iou",
    "max_det",
    "tile",
    "tile_size",
    "tile_overlap",
    "tile_merge",
}


def test_each_kind_can_be_told():
    assert KINDS.keys() == METRICS_OF.keys() == TABLES.keys() >= PLOTS.keys()


@pytest.mark.parametrize("task", SCORED, ids=lambda task: task.name)
def test_a_task_with_a_kind_can_be_scored(task):
    assert task.kind in KINDS
    options = import_name(task.eval_options)
    assert is_dataclass(options)
    assert issubclass(options, EvalOptions)
    shared = {field.name for field in fields(options)} & {field.name for field in fields(task.options)}
    assert shared <= FOR_PREDICTORS, "an option of eval would set another thing of the task"
    made = options(data=Path("x"), conf=0.2) if "conf" in shared else options(data=Path("x"))
    assert made.predictor_options(task.options).model == made.model


@pytest.mark.parametrize("task", EXPORTED, ids=lambda task: task.name)
def test_exporters_are_there(task):
    assert callable(import_name(task.exporter))


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Path:
    root = copied_house(tmp_path_factory.mktemp("house"), "shades")
    for label, level in (("bright", 200), ("night", 20)):
        for number in range(3):
            image(root / "set" / "val" / label / f"{number}.png", (level, level, level + number))
    shutil.copy(root / "set/val/night/0.png", root / "set/val/bright/wrong.png")
    return root


def test_a_toy_is_scored_and_its_set_examined(house):
    with Forks(house) as program:

        def dlcli(*words: str) -> str:
            done = program.run(words, house)
            assert done.returncode == 0, done.stderr
            return done.stdout

        scores = json.loads(dlcli("eval", "shades", "set", "--json"))
        assert (scores["schema"], scores["images"], scores["top1"]) == ("dlcli.eval.shades/1", 7, round(6 / 7, 6))
        assert [entry["label"] for entry in scores["classes"]] == ["bright", "dark"]
        assert "wrong.png" in scores["worst"][0]["image"]
        assert '"task":"shades"' in dlcli("doctor", "set", "--task", "shades", "--json").replace(" ", "")
        assert "--min and --max-drop may name" in dlcli("eval", "shades", "--help")
