"""The hooks: each entry is run with images as pre-commit gives them; PRE_COMMIT names one that is asked itself.

python -m venv V && V/bin/pip install pre-commit && PRE_COMMIT=V/bin/pre-commit pytest tests/ways_in/test_pre_commit.py
"""

import os
import re
import shlex
import shutil
import subprocess

import pytest
import yaml

from dlcli.imaging.extensions import EXTENSIONS
from tests.program import ROOT, SAMPLES, dlcli

HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
PRE_COMMIT = os.environ.get("PRE_COMMIT", "")


def run(hook: str, args: list[str], *names: str) -> int:
    program, *words = shlex.split(HOOKS[hook]["entry"])
    assert program == "dlcli"
    return dlcli(*words, *args, *names, cwd=SAMPLES).code


@pytest.mark.parametrize(
    ("hook", "args", "names", "code"),
    [
        ("dlcli-check", [], ["cat.jpg", "coffee.jpg"], 0),
        ("dlcli-check", [], ["cat.jpg", "broken/truncated.jpg"], 3),
        ("dlcli-check", ["--strict"], ["broken/exif-turned.jpg"], 1),
        ("dlcli-detect", ["--fail-if", "count(dog) > 0"], ["cat.jpg"], 0),
        ("dlcli-detect", ["--fail-if", "count(cat) > 0"], ["cat.jpg", "coffee.jpg"], 1),
        ("dlcli-segment", ["--fail-if", "share(cat) > 20%"], ["cat.jpg"], 1),
        ("dlcli-classify", ["--require", "score(espresso) > 0.5"], ["coffee.jpg"], 0),
    ],
)
def test_hooks(hook: str, args: list[str], names: list[str], code: int):
    assert run(hook, args, *names) == code


@pytest.mark.parametrize("hook", sorted(HOOKS))
@pytest.mark.parametrize("args", [[], ["--exit-zero"], ["--json", "--"]], ids=" ".join)
def test_no_name_of_a_file_is_an_option(hook: str, args: list[str], tmp_path):
    """Damaged files whose names would write elsewhere, or switch the hook off, are looked at and refused."""
    names = ["--out=/made/x.jpg", "--skip-bad.jpg", "-q.jpg"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    ran = dlcli(*shlex.split(HOOKS[hook]["entry"])[1:], *args, *names, cwd=tmp_path)
    assert ran.code == 3
    assert all(f"{name}: the file is empty" in ran.out + ran.err for name in names)
    assert sorted(os.listdir(tmp_path)) == ["--out=", "--skip-bad.jpg", "-q.jpg"]


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_hooks_read_no_settings(hook: str, tmp_path):
    shutil.copy(SAMPLES / "cat.jpg", tmp_path)
    (tmp_path / "dlcli.toml").write_text("conff = 3\n")
    words = shlex.split(HOOKS[hook]["entry"])[1:]
    assert dlcli(*words, "cat.jpg", cwd=tmp_path).code == 0
    assert "dlcli.toml:1: conff" in dlcli(*words, "--settings", "cat.jpg", cwd=tmp_path).err


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_hooks_are_given_images_and_nothing_else(hook: str):
    pattern = re.compile(HOOKS[hook]["files"])
    assert all(pattern.search(f"a/b{ending}") and pattern.search(f"B{ending.upper()}") for ending in EXTENSIONS)
    assert not any(pattern.search(name) for name in ("a.svg", "jpg", "a.jpg.txt", "a.py", "a.ico"))


@pytest.mark.skipif(not PRE_COMMIT, reason="PRE_COMMIT does not name pre-commit")
def test_pre_commit_installs_and_runs_a_hook(tmp_path):
    """Of what is committed here."""
    env = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "home")}
    subprocess.run(["git", "clone", "-q", ROOT, tmp_path / "dlcli"], check=True)
    subprocess.run(["git", "init", "-q", tmp_path / "work"], check=True)
    shutil.copy(SAMPLES / "cat.jpg", tmp_path / "work")
    shutil.copy(SAMPLES / "broken" / "truncated.jpg", tmp_path / "work")
    subprocess.run(["git", "add", "."], cwd=tmp_path / "work", check=True)
    words = [os.path.abspath(PRE_COMMIT), "try-repo", tmp_path / "dlcli", "dlcli-check", "--all-files"]
    done = subprocess.run(words, cwd=tmp_path / "work", env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "truncated.jpg: JPEG data ends too early" in done.stdout
    assert "cat.jpg" not in done.stdout
