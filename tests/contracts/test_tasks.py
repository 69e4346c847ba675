"""Every task that the registry finds meets the contract of dlcli/tasks/contract.py."""

import json
from dataclasses import fields, is_dataclass
from pathlib import PurePosixPath

import jsonschema
import pytest

from dlcli.batch.options import BatchOptions
from dlcli.cli.commands.schema import record_schema
from dlcli.tasks.registry import all_tasks
from tests.program import SAMPLES, dlcli

TASKS = list(all_tasks().values())
NEEDED = {"style-transfer": ["--style", "starry-night"], "preprocess": ["--gamma", "0.8"]}  # to run at all
each_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)


@each_task
def test_options_are_a_frozen_dataclass_with_defaults(task):
    assert is_dataclass(task.options)
    task.options()
    with pytest.raises(AttributeError):
        task.options().model = "other"


@each_task
def test_options_do_not_clash_with_those_of_every_command(task):
    assert not {f.name for f in fields(task.options)} & {f.name for f in fields(BatchOptions)}


@each_task
def test_every_option_has_help(task):
    ran = dlcli(task.name, "--help")
    assert ran.code == 0
    for field in fields(task.options):
        assert "--" + field.name.strip("_").replace("_", "-") in ran.out
        assert field.type.__metadata__[0].help


@each_task
def test_output_names_stay_below_out(task):
    for name in task.output_names(PurePosixPath("deep/x.jpg"), task.saves):
        assert not name.is_absolute()
        assert ".." not in name.parts


@each_task
def test_records_meet_the_schema(task, tmp_path):
    schema = json.loads(dlcli("schema", task.name).out)
    assert schema == json.loads(json.dumps(record_schema(task)))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    out = ["--out", tmp_path / "out"] if task.needs_out else []
    ran = dlcli(
        task.name, SAMPLES, SAMPLES / "broken", "gone.jpg", "--json", "--timings", *out, *NEEDED.get(task.name, [])
    )
    lines = ran.lines
    assert len(lines) == len(list(SAMPLES.glob("*.jpg"))) + len(list((SAMPLES / "broken").iterdir())) + 1
    for line in lines:
        validator.validate(json.loads(line))
    assert not validator.is_valid(json.loads(lines[0]) | {"more": 1})
