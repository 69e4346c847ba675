"""The examples that --help gives are gates that the command takes."""

import re

import pytest

from dlcli.batch.gates.gates import Gates
from dlcli.batch.gates.helps import gate_helps
from dlcli.tasks.registry import all_tasks


@pytest.mark.parametrize("task", [name for name in all_tasks() if name != "style-transfer"])
def test_an_example_is_a_gate_of_the_task(task):
    fail_if, require = (re.search(r"'(.*)'", gate_helps(all_tasks()[task])[name])[1] for name in ("fail_if", "require"))
    gates = Gates.parse([fail_if], [require])
    gates.check(task, ())
    assert len(gates.scoped) == 2


def test_what_tasks_say():
    helps = {name: gate_helps(task)["fail_if"] for name, task in all_tasks().items()}
    assert helps["detect"].endswith("'count(dog) > 0'.")
    assert helps["segment"].endswith("'share(person) > 20%'.")
    assert helps["classify"].endswith("'score(cat) < 0.6'.")
    assert helps["preprocess"].startswith("With --check: exit 1 if an image meets this, such as 'count(")
    assert helps["style-transfer"] is None
