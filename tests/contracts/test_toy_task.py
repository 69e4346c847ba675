"""A task is one folder: a toy goes through reports, gates, merge, diff, --plan, --resume, shards, settings, help."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.program import CAT, ROOT, SAMPLES

TOY = Path(__file__).with_name("toy_brightness.py")


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Path:
    """A copy of dlcli with one more folder below tasks/."""
    root = tmp_path_factory.mktemp("house")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "dlcli", root / "dlcli", ignore=ignored, copy_function=_link)
    (root / "dlcli/tasks/brightness").mkdir()
    shutil.copy(TOY, root / "dlcli/tasks/brightness/task.py")
    (root / "in").mkdir()
    for name in ("cat.jpg", "rocket.jpg", "coffee.jpg"):
        shutil.copy(SAMPLES / name, root / "in" / name)
    (root / "in" / "bad.jpg").write_bytes(CAT.read_bytes()[:2000])
    return root


def _link(source: str, goal: str) -> None:
    if source.endswith(".py"):
        shutil.copy(source, goal)
    else:
        os.symlink(source, goal)  # models


@pytest.fixture
def dlcli(house):
    def run(*words: object, code: int | None = None) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "dlcli", *map(str, words)]
        environment = os.environ | {"PYTHONPATH": str(house)}
        done = subprocess.run(command, capture_output=True, text=True, cwd=house, env=environment, check=False)
        assert code is None or done.returncode == code, done.stderr
        assert done.returncode != 70, done.stderr
        return done

    return run


def test_every_report_tells_of_it(dlcli, house):
    kinds = ("junit", "sarif", "markdown", "csv", "html")
    reports = [word for kind in kinds for word in ("--report", f"{kind}=r.{kind}")]
    gates = ["--fail-if", "count(dark) > 9", "--require", "score() >= 0"]
    dlcli("brightness", "in", *reports, "--report", "github", code=3)
    assert all("bad.jpg" in (house / f"r.{kind}").read_text() for kind in kinds)
    assert all("cat.jpg" in (house / f"r.{kind}").read_text() for kind in ("junit", "markdown", "csv", "html"))
    assert (house / "r.csv").read_text().splitlines()[0].endswith("label,class_id,score,share,error_kind,error_message")
    assert dlcli("brightness", "in", *gates).returncode in (2, 3)


def test_a_run_and_the_merge_of_its_records_say_the_same(dlcli, house):
    run = dlcli("brightness", "in", "--out", "whole", code=3)
    merged = dlcli("merge", "whole/results.jsonl", "--report", "html=m.html", "--report", "csv=m.csv", code=3)
    assert merged.stderr.splitlines()[-1] == run.stderr.splitlines()[-1]
    assert "verdict" in run.stderr
    assert (house / "whole/cat.jpg.txt").exists()


def test_shards_merge_into_the_whole(dlcli, house):
    dlcli("brightness", "in", "--out", "all", code=3)
    for shard in (1, 2):
        dlcli("brightness", "in", "--out", "parts", "--shard", f"{shard}/2")
    dlcli("merge", *sorted((house / "parts").glob("results.?-of-2.jsonl")), "--out", "again.jsonl")
    assert (house / "again.jsonl").read_bytes() == (house / "all/results.jsonl").read_bytes()


def test_it_goes_on_and_plans_and_compares(dlcli):
    first = dlcli("brightness", "in", "--out", "twice", code=3)
    again = dlcli("brightness", "in", "--out", "twice", "--resume", code=3)
    assert "3 of 4" in again.stderr
    assert again.stderr.splitlines()[-1] == first.stderr.splitlines()[-1]
    plan = json.loads(dlcli("brightness", "in", "--out", "new", "--plan", "--json", code=0).stdout)
    assert plan["task"] == "brightness"
    assert dlcli("diff", "twice/results.jsonl", "twice/results.jsonl").returncode == 0


def test_settings_completion_help_and_schema_know_it(dlcli, house):
    (house / "dlcli.toml").write_text("[brightness]\nlimit = 0.0\n")
    assert "bright" in dlcli("brightness", "in/rocket.jpg").stdout
    (house / "dlcli.toml").unlink()
    assert "brightness" in dlcli("completion", "bash").stdout
    assert "--limit 0..1" in dlcli("brightness", "--help").stdout
    assert '"classes"' in dlcli("schema", "brightness", code=0).stdout


def test_what_it_cannot_do_is_said(dlcli):
    """It has no trainer, no score, no format: each command says so and names what there is."""
    for words in (
        ("convert", "twice/results.jsonl", "x.json", "--to", "coco"),
        ("train", "brightness", "in"),
        ("eval", "brightness", "in"),
    ):
        done = dlcli(*words)
        assert done.returncode in (2, 5), words
        assert done.stderr.strip()
