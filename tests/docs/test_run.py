"""Every command in the docs that can run here, as pasted, in order, in one folder for each page."""

import shutil

import pytest

from tests.docs.commands import commands, run
from tests.docs.folder import make_folder
from tests.program import ROOT

PAGES = ("README.md", "docs/ci.md", "docs/drawing.md", "docs/models.md", "docs/settings.md", "docs/ways-in.md")
NOT_HERE = {
    "pip install": "installs; .ci/run does it",
    "--watch": "runs until a signal; tests/batch/sources/test_watch.py",
    "--method opti": "half a minute; tests/tasks/style_transfer",
    "models pull": "opens a socket; tests/models/test_pull.py",
    "torchvision/": "needs weights that are pulled; tests/nets/torchvision",
    "docker ": "no Docker engine; tests/ways_in",
    "completion": "sourced in shells by tests/cli/completion",
    '"$out': "README shows tests/pipeline/pipeline.sh, which tests/pipeline runs",
    '"$photos"': "the same",
    '--shard "${{': "a job of GitHub; the same with a number runs",
    "$SLURM": "a job of Slurm; the same with a number runs",
    "$((JOB": "a job of Kubernetes; the same with a number runs",
    "of-8.jsonl": "after eight jobs; the same after two runs",
    "train segment my-data": "half a minute; tests/training",
    "train classify my-classes": "the same",
    "sample_data/shapes --out /tmp": "a minute each; tests/training/test_recipes.py",
}
QUICK = {"DLCLI_TRAIN_EPOCHS": "1", "DLCLI_TRAIN_SIZE": "64", "DLCLI_TRAIN_BATCH": "8", "DLCLI_TRAIN_WORKERS": "0"}
GATES = ("--fail-if", "--require", "--min", "--max-drop", "--check", "diff", "--strict")


def expected(command: str) -> set[int]:
    """A gate may fail; of broken files four fail."""
    if "--strict" in command:  # a gate of doctor and eval, exit 3 of an image command
        return {0, 1, 3}
    return {3} if "sample_data/broken" in command else {0, 1} if any(gate in command for gate in GATES) else {0}


@pytest.mark.parametrize("page", PAGES)
def test_every_command_runs_as_pasted(page, tmp_path, monkeypatch):
    monkeypatch.setenv("DLCLI_MODELS", str(tmp_path / "models"))
    program, failed = make_folder(tmp_path), []
    for command in commands((ROOT / page).read_text()):
        if not any(part in command for part in NOT_HERE) and ("jq " not in command or shutil.which("jq")):
            code, err = run(command, tmp_path, program, QUICK if " train " in command else {})
            if code not in expected(command):
                failed.append(f"{command}\n    exit {code}: {err[-500:]}")
    assert not failed, "\n".join(failed)
