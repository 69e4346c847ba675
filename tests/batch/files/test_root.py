"""The root of a run's output tree is kept with it: --resume moves no file, whatever is searched now."""

import json
import shutil
from pathlib import Path

import pytest

from tests.program import CAT, dlcli


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """in/mon/x.jpg and in/tue/x.jpg, and one on top; the working folder holds `in`."""
    for name in ("mon/x.jpg", "tue/x.jpg", "top.jpg"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CAT, tmp_path / "in" / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.jpg"))


def run(*words: object):
    return dlcli("preprocess", *words, "--gamma", "0.8", "--out", "k", "--quiet", cwd=Path.cwd())


def test_a_wider_source_is_refused_with_the_names_that_would_move(tree: Path):
    assert run("in/mon").code == 0
    refused = run("in", "-r", "--resume")
    assert refused.code == 2
    assert "in/mon/x.jpg (was x.jpg, would be mon/x.jpg)" in refused.err
    assert "--root" in refused.err
    assert "--overwrite" in refused.err
    assert files(tree / "k") == ["x.jpg"]
    assert run("in", "-r", "--root", "in", "--resume").code == 2


def test_with_a_root_the_tree_grows_and_no_file_is_claimed_twice(tree: Path):
    assert run("in/mon", "--root", "in").code == 0
    assert files(tree / "k") == ["mon/x.jpg"]
    assert run("in", "-r", "--resume").code == 0
    assert files(tree / "k") == ["mon/x.jpg", "top.jpg", "tue/x.jpg"]
    outputs = [name for line in (tree / "k/results.jsonl").open() for name in json.loads(line)["outputs"]]
    assert sorted(outputs) == files(tree / "k")


def test_a_narrower_source_keeps_the_names_of_the_run(tree: Path):
    assert run("in", "-r").code == 0
    assert run("in/mon", "--resume").code == 0
    assert files(tree / "k") == ["mon/x.jpg"]


def test_the_state_holds_the_root_as_the_names_are_given(tree: Path):
    run("in/mon")
    assert json.loads((tree / "k/results.state.jsonl").read_text().splitlines()[0])["root"] == "in/mon"
    shutil.rmtree(tree / "k")
    run(tree / "in/mon")
    assert json.loads((tree / "k/results.state.jsonl").read_text().splitlines()[0])["root"] == str(tree / "in/mon")


def test_a_moved_project_goes_on(tree: Path, monkeypatch: pytest.MonkeyPatch):
    assert run("in", "-r").code == 0
    (tree / "else").mkdir()
    for name in ("in", "k"):
        (tree / name).rename(tree / "else" / name)
    monkeypatch.chdir(tree / "else")
    assert run("in", "-r", "--resume").code == 0
    assert files(tree / "else/k") == ["mon/x.jpg", "top.jpg", "tue/x.jpg"]


def test_records_alone_may_be_resumed_with_a_wider_source(tree: Path):
    words = ("--out", "k", "--save", "none", "--quiet")
    assert dlcli("detect", "in/mon", *words, cwd=tree).code == 0
    assert dlcli("detect", "in", "-r", *words, "--resume", cwd=tree).code == 0
    assert len((tree / "k/results.jsonl").read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["in", "-r", "--root", "in/mon"], "does not lie in it"),
        (["in", "--root", "none"], "no such folder"),
    ],
)
def test_a_root_that_does_not_fit(tree: Path, words: list[str], reason: str):
    refused = run(*words)
    assert refused.code == 2
    assert f"--root {words[-1]}: " in refused.err
    assert reason in refused.err
