"""Every command in the docs that can run here, as pasted, in order, in one folder for each page, says what is shown."""

import re
import shutil

import pytest

from tests.docs.commands import commands, run, shown
from tests.docs.folder import make_clone, make_folder
from tests.program import ROOT

WALKS = ("detect", "classify", "segment", "style-transfer", "preprocess", "train", "gallery", "install")
OF_A_CLONE = ("README.md", *(f"docs/{name}.md" for name in WALKS))  # which run with what a clone has, and show output
LOOKED_UP = sorted(
    f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md") if path.stem not in (*WALKS, "reference")
)
PAGES = (*OF_A_CLONE, *LOOKED_UP)
AGAIN = {"README.md": "docs/train.md"}  # a page's commands that another page runs as well
NOT_HERE = {
    "pip install": "installs; .ci/run does it",
    "--watch": "runs until a signal; tests/batch/sources/test_watch.py",
    "--method opti": "half a minute; tests/tasks/style_transfer",
    "models pull": "opens a socket; tests/models/test_pull.py",
    "torchvision/": "needs weights that are pulled; tests/nets/torchvision",
    "--against runs/mine": "needs a run of one's own; tests/evaluation/test_against.py",
    "train/rare": "needs a class of such a name; tests/training/gan",
    "rare=runs/rare": "the same; tests/training/classify",
    "docker ": "no Docker engine; tests/ways_in",
    "completion": "sourced in shells by tests/cli/completion",
    '"$out': "docs/ci.md shows tests/pipeline/pipeline.sh, which tests/pipeline runs",
    '"$photos"': "the same",
    '--shard "${{': "a job of GitHub; the same with a number runs",
    "$SLURM": "a job of Slurm; the same with a number runs",
    "$((JOB": "a job of Kubernetes; the same with a number runs",
    "of-8.jsonl": "after eight jobs; the same after two runs",
    "train segment my-data": "half a minute; tests/training",
    "train classify my-classes": "the same",
    "--unlabeled photos": "the same",
    "git clone": "opens a socket",
    "s3://": "the same; tests/batch/sources/test_remote_stores.py",
    "https://": "the same; tests/batch/sources/test_remote.py",
    "--on ray": "needs Ray; tests/batch/cluster",
    "raccoon": "a set that is fetched, and minutes of training; measured by hand",
    "export runs/starry": "ten seconds; tests/export",
    "--model runs/starry": "the same",
}
QUICK = {
    f"DLCLI_TRAIN_{name}": value
    for name, value in {"EPOCHS": "1", "SIZE": "64", "BATCH": "8", "WORKERS": "0", "THREADS": "1"}.items()
}
GATES = ("--fail-if", "--require", "--min", "--max-drop", "--check", "diff", "--strict")


def expected(command: str) -> set[int]:
    """A gate may fail; of broken files four fail."""
    if "--strict" in command:  # a gate of doctor and eval, exit 3 of an image command
        return {0, 1, 3}
    return (
        {3}
        if re.search(r"sample_data/broken( |$)", command)
        else {0, 1}
        if any(gate in command for gate in GATES)
        else {0}
    )


def quick(command: str) -> str:
    """A training of a few steps, whatever was asked for."""
    least = {"epochs": 1, "size": 64, "steps": 2}
    return re.sub(r"--(epochs|size|steps) \d+", lambda found: f"--{found[1]} {least[found[1]]}", command)


def untrue(lines: list[str], said: str) -> list[str]:
    """Lines that are shown and were not said, but for tables and what is left out."""
    return [line for line in lines if line != "..." and not re.match("[┏┃┡│└]", line) and line not in said]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_runs_as_pasted(page, tmp_path, monkeypatch):
    monkeypatch.setenv("DLCLI_MODELS", str(tmp_path / "models"))
    walk, failed = page in OF_A_CLONE, []
    program = make_clone(tmp_path) if walk else make_folder(tmp_path)
    elsewhere = list(commands((ROOT / AGAIN[page]).read_text())) if page in AGAIN else []
    for command, lines in shown((ROOT / page).read_text()):
        if any(part in command for part in NOT_HERE) or ("jq " in command and not shutil.which("jq")):
            continue
        if command not in elsewhere:
            trains = " train " in command
            code, out, err = run(quick(command) if trains else command, tmp_path, program, QUICK if trains else {})
            if code not in expected(command):
                failed.append(f"{command}\n    exit {code}: {err[-500:]}")
            if walk:
                failed += [f"{command}\n    does not say: {line}" for line in untrue(lines, out + err)]
    assert not failed, "\n".join(failed)
