"""A task is one folder: a toy goes through reports, gates, merge, diff, --plan, --resume, shards, settings, help."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import jsonschema
import numpy as np
import pytest

from tests.forks import Forks
from tests.program import CAT, ROOT, SAMPLES, Ran


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Path:
    root = copied_house(tmp_path_factory.mktemp("house"), "brightness")
    (root / "in").mkdir()
    for name in ("cat.jpg", "rocket.jpg", "coffee.jpg"):
        shutil.copy(SAMPLES / name, root / "in" / name)
    (root / "in" / "bad.jpg").write_bytes(CAT.read_bytes()[:2000])
    return root


def copied_house(root: Path, task: str) -> Path:
    """A copy of dlcli in the folder, with one more folder below tasks/, in place of one of that name."""
    ignored = shutil.ignore_patterns("__pycache__", task)
    shutil.copytree(ROOT / "dlcli", root / "dlcli", ignore=ignored, copy_function=_link)
    (root / "dlcli/tasks" / task).mkdir()
    shutil.copy(Path(__file__).with_name(f"toy_{task}.py"), root / "dlcli/tasks" / task / "task.py")
    return root


def _link(source: str, goal: str) -> None:
    if source.endswith((".py", ".pyi")):
        shutil.copy(source, goal)
    else:
        os.symlink(source, goal)  # models


@pytest.fixture(scope="module")
def dlcli(house):
    with Forks(house) as program:

        def run(*words: object, code: int = 3, **variables: str) -> subprocess.CompletedProcess[str]:
            done = program.run(words, house, variables)
            assert done.returncode == code, done.stderr
            return done

        yield run


def write_gray(path: Path, value: float) -> None:
    """An image whose every pixel has this share of white."""
    path.write_bytes(cv2.imencode(".png", np.full((8, 8, 3), round(value * 255), np.uint8))[1].tobytes())


def said(done: subprocess.CompletedProcess[str]) -> str:
    """The summary, less where files went and how long it took."""
    return Ran(done.returncode, done.stdout, done.stderr).reported[-1]


def records_of(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_every_report_tells_of_it(dlcli, house):
    kinds = ("junit", "sarif", "markdown", "csv", "html")
    reports = [word for kind in kinds for word in ("--report", f"{kind}=r.{kind}")]
    told = dlcli("brightness", "in", *reports, "--report", "github").stderr
    assert all("bad.jpg" in (house / f"r.{kind}").read_text() for kind in kinds)
    assert all("cat.jpg" in (house / f"r.{kind}").read_text() for kind in ("junit", "markdown", "csv", "html"))
    assert "::error file=in/bad.jpg" in told
    rows = list(csv.DictReader((house / "r.csv").open()))
    assert [row["label"] for row in rows if row["label"]] == ["dark"] * 3
    assert all(0.5 < float(row["score"]) < 1 for row in rows if row["label"])
    assert "verdict" in (house / "r.html").read_text()


def test_gates_judge_it(dlcli):
    broken = dlcli("brightness", "in/cat.jpg", "--fail-if", "score(dark) > 0", code=1)
    assert "score(dark) > 0" in broken.stderr
    dlcli("brightness", "in/cat.jpg", "--require", "score(dark) > 0", "--fail-if", "score(bright) > 0", code=0)
    wrong = dlcli("brightness", "in/cat.jpg", "--fail-if", "share(dark) > 0", code=2)
    assert "dlcli brightness has no share(...); expected count(LABEL) or score(LABEL) or no(LABEL)" in wrong.stderr


@pytest.mark.parametrize(("value", "code"), [(0, 1), (0.15, 0)])
def test_the_gate_of_the_guide_fails_on_black_and_passes_on_dim(dlcli, house, value, code):
    write_gray(house / "gray.png", value)
    dlcli("brightness", "gray.png", "--require", "score(dark) < 0.9", code=code)


def test_labels_that_are_no_ranking_are_counted(dlcli, house):
    """In a run and in the merge of its records."""
    (house / "one.jsonl").write_text(dlcli("brightness", "in/cat.jpg", "--json", code=0).stdout)
    for words in (("brightness", "in/cat.jpg"), ("merge", "one.jsonl")):
        dlcli(*words, "--fail-if", "count(dark) > 0", code=1)
        dlcli(*words, "--require", "no(bright)", code=0)


@pytest.mark.parametrize(("save", "files"), [("text", 3), ("none", 0), ("", 3)])
def test_what_it_saves(dlcli, house, save, files):
    out = house / f"saved-{save}"
    dlcli("brightness", "in", "--out", out, *(["--save", save] if save else []))
    assert len(list(out.glob("*.txt"))) == files
    refused = dlcli("brightness", "in", "--out", "x", "--save", "txet", code=2)
    assert "--save txet: expected text or none; did you mean text?" in refused.stderr


def test_a_run_and_the_merge_of_its_records_say_the_same(dlcli, house):
    run = dlcli("brightness", "in", "--out", "whole")
    merged = dlcli("merge", "whole/results.jsonl", "--report", "html=m.html", "--report", "csv=m.csv")
    assert said(merged) == said(run)
    assert "3 verdicts in 3 of them (3 dark); 1 failed" in run.stderr


def test_shards_merge_into_the_whole(dlcli, house):
    dlcli("brightness", "in", "--out", "all")
    for shard, code in ((1, 3), (2, 0)):  # the damaged file is the first
        dlcli("brightness", "in", "--out", "parts", "--shard", f"{shard}/2", code=code)
    dlcli("merge", *sorted((house / "parts").glob("results.?-of-2.jsonl")), "--out", "again.jsonl")
    assert (house / "again.jsonl").read_bytes() == (house / "all/results.jsonl").read_bytes()


def test_it_goes_on_and_plans(dlcli):
    first = dlcli("brightness", "in", "--out", "twice")
    again = dlcli("brightness", "in", "--out", "twice", "--resume")
    assert "3 of 4" in again.stderr
    assert said(again) == said(first)
    plan = json.loads(dlcli("brightness", "in", "--out", "new", "--plan", "--json", code=0).stdout)
    assert plan["task"] == "brightness"
    assert plan["images"][1]["outputs"] == ["cat.jpg.txt"]


def test_two_runs_are_compared(dlcli, house):
    dlcli("brightness", "in", "--out", "dim")
    dlcli("brightness", "in", "--out", "lit", "--limit", 0)
    assert "all the same" in dlcli("diff", "dim/results.jsonl", "dim/results.jsonl", code=0).stderr
    changed = dlcli("diff", "dim/results.jsonl", "lit/results.jsonl", "--json", code=1)
    assert json.loads(changed.stdout)["counts"] == {
        "field": {"changed": 3},
        "image": {"failed": 0, "recovered": 0, "lost": 0, "new": 0},
    }


def test_its_memory_is_measured(dlcli):
    limited = dlcli("brightness", "in", "--json", "--threads", 2, "--max-memory", "1GB")
    assert limited.stdout == dlcli("brightness", "in", "--json").stdout


def test_what_it_found_goes_into_other_commands(dlcli, house):
    (house / "found.jsonl").write_text(dlcli("brightness", "in/cat.jpg", "--json", code=0).stdout)
    assert "in/cat.jpg" in dlcli("classify", "--from-jsonl", "found.jsonl", code=0).stdout


def test_settings_set_its_options(dlcli, house):
    (house / "dlcli.toml").write_text("[brightness]\nlimit = 0.0\n")
    assert "bright" in dlcli("brightness", "in/rocket.jpg", code=0).stdout
    (house / "dlcli.toml").unlink()
    assert "bright" in dlcli("brightness", "in/rocket.jpg", code=0, DLCLI_BRIGHTNESS_LIMIT="0").stdout
    assert "dark" in dlcli("brightness", "in/rocket.jpg", "--limit", 1, code=0, DLCLI_BRIGHTNESS_LIMIT="0").stdout


def test_help_completion_reference_and_schema_know_it(dlcli, house):
    assert "brightness" in dlcli("completion", "bash", code=0).stdout
    assert "--limit 0..1" in dlcli("brightness", "--help", code=0).stdout
    assert "Say how bright images are." in dlcli("--help", code=0).stdout
    schema = json.loads(dlcli("schema", "brightness", code=0).stdout)
    for record in records_of(dlcli("brightness", "in", "--json").stdout):
        jsonschema.validate(record, schema)
    (house / "docs").mkdir()
    subprocess.run(
        [sys.executable, "-m", "dlcli.cli.reference", "docs"],
        cwd=house,
        env=os.environ | {"PYTHONPATH": str(house)},
        check=True,
        capture_output=True,
    )
    assert "## dlcli brightness" in (house / "docs/reference.md").read_text()
    assert "def brightness(" in (house / "dlcli/__init__.pyi").read_text()


def test_python_calls_it(dlcli, house):
    (record,) = records_of(dlcli("brightness", "in/cat.jpg", "--limit", 0.9, "--json", code=0).stdout)
    code = "import dlcli; print(dlcli.brightness('in/cat.jpg', limit=0.9).to_dict())"
    environment = os.environ | {"PYTHONPATH": str(house)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=house, env=environment, check=True, capture_output=True, text=True
    )
    assert done.stdout == f"{record}\n"


@pytest.mark.parametrize(
    "words",
    [("convert", "kept.jsonl", "x.json", "--to", "coco"), ("train", "brightness", "in"), ("eval", "brightness")],
)
def test_what_it_cannot_do_is_said(dlcli, house, words):
    """It has no trainer, no score, no format: each command says so and names what there is."""
    (house / "kept.jsonl").write_text(dlcli("brightness", "in/cat.jpg", "--json", code=0).stdout)
    done = dlcli(*words, code=5 if words[0] == "convert" else 2)
    told = {"train": "brightness cannot be trained", "eval": "brightness cannot be scored"}
    assert told.get(words[0], "brightness") in done.stderr


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("", "{path}: has no TASK; expected TASK = ..."),
        ("TASK = (", "dlcli.tasks.brightness.task: cannot be imported: SyntaxError: '(' was never closed"),
        ("import nowhere", "dlcli.tasks.brightness.task: cannot be imported: ModuleNotFoundError: No module named"),
    ],
)
def test_a_task_that_cannot_be_loaded_is_named(tmp_path, code, said):
    root = copied_house(tmp_path, "brightness")
    unfinished = root / "dlcli/tasks/brightness/task.py"
    unfinished.write_text(code)
    command, environment = [sys.executable, "-m", "dlcli", "--help"], os.environ | {"PYTHONPATH": str(root)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, env=environment, check=False)
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.startswith(f"dlcli: {said.format(path=unfinished)}")
    assert len(done.stderr.splitlines()) == 1
