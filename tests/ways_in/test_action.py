"""action.yml: its shell steps run as GitHub's runner runs them, on this machine.

The step that installs is skipped as after a hit of the cache; ACTION_INSTALLS=1 runs it too (pip needs a network).
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

import pytest
import yaml

from tests.program import ROOT, SAMPLES

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
INSTALLS = bool(os.environ.get("ACTION_INSTALLS"))


class Runner:
    """What of GitHub's runner the action needs: expressions in `env` and `if`, outputs of steps, bash."""

    def __init__(self, folder: Path, installs: bool = False, **inputs: str):
        self.folder = folder
        self.values = {f"inputs.{name}": str(given.get("default", "")) for name, given in ACTION["inputs"].items()}
        self.values |= {f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()}
        self.values |= {"github.action_path": str(ROOT), "runner.os": "Linux", "runner.arch": "X64"}
        self.values |= {"steps.python.outputs.python-version": "3.11.0"}
        self.values |= {"steps.cache.outputs.cache-hit": "" if installs else "true"}
        self.ran: list[str] = []
        self.summary = folder / "summary.md"

    def run(self) -> subprocess.CompletedProcess[str]:
        for step in ACTION["runs"]["steps"]:
            if "run" not in step or not self.wanted(step.get("if", "")):
                continue
            done = self.step(step)
            self.ran.append(step["id"])
            if done.returncode:
                break
        return done

    def step(self, step: dict[str, object]) -> subprocess.CompletedProcess[str]:
        script, outputs = self.folder / "step.sh", self.folder / "outputs"
        script.write_text(str(step["run"]))
        outputs.write_text("")
        env = {name: self.filled(value) for name, value in step["env"].items()}
        env |= {
            "RUNNER_TEMP": str(self.folder),
            "GITHUB_OUTPUT": str(outputs),
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }
        env |= {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        done = subprocess.run(
            words, env={**os.environ, **env}, cwd=SAMPLES, capture_output=True, text=True, check=False, timeout=600
        )
        for line in outputs.read_text().splitlines():
            name, _, value = line.partition("=")
            self.values[f"steps.{step['id']}.outputs.{name}"] = value
        return done

    def filled(self, text: str) -> str:
        return re.sub(r"\$\{\{ *(.*?) *\}\}", lambda match: self.values[match[1]], text)

    def wanted(self, condition: str) -> bool:
        if not condition:
            return True
        name, other = re.fullmatch(r"(\S+) != '(\w+)'", condition).groups()
        return self.values[name] != other


@pytest.fixture(scope="session")
def environment(tmp_path_factory) -> Path:
    """One that has this dlcli and the packages of these tests, also for a Python that looks at no variable."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python3*/site-packages")
    (packages / "here.pth").write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n")
    return folder


@pytest.fixture
def place(tmp_path: Path, environment: Path) -> Path:
    """A folder for the runner, with an environment where the cache would bring one."""
    (tmp_path / "dlcli-venv").symlink_to(environment)
    return tmp_path


def test_a_gate_that_holds_and_the_summary(place: Path):
    runner = Runner(place, args="cat.jpg --fail-if 'count(dog) > 0'")
    done = runner.run()
    assert (done.returncode, runner.ran) == (0, ["place", "run"]), done.stderr
    assert "1 cat" in done.stdout
    assert "cat.jpg" in runner.summary.read_text() or "1 image" in runner.summary.read_text()


def test_a_gate_that_breaks_fails_the_step_and_annotates(place: Path):
    done = Runner(place, args="cat.jpg --fail-if 'count(cat) > 0'").run()
    assert done.returncode == 1
    assert "::error" in done.stdout + done.stderr


def test_arguments_are_words_and_no_shell(place: Path):
    trap = place / "trap"
    done = Runner(place, args=f"'no such $(touch {trap}) `touch {trap}`; touch {trap}.jpg' cat.jpg", report="").run()
    assert done.returncode == 3  # a file of that name is missing, the other is there
    assert "no such $(touch" in done.stderr
    assert list(place.glob("trap*")) == []


@pytest.mark.parametrize(("command", "args"), [("detect", "'cat.jpg"), ("", "")])
def test_an_open_quote_and_no_command(place: Path, command: str, args: str):
    done = Runner(place, command=command, args=args).run()
    assert done.returncode == 2
    assert "::error::dlcli: no command" in done.stdout


def test_commands_without_a_report(place: Path):
    done = Runner(place, command="doctor", args="shapes --quiet").run()
    assert (done.returncode, "warning  classes" in done.stdout) == (0, True), done.stderr


def test_a_folder_called_dlcli_in_the_repository_is_not_run(place: Path, monkeypatch):
    (place / "dlcli").mkdir()
    (place / "dlcli" / "__main__.py").write_text("raise SystemExit(99)")
    monkeypatch.setattr("tests.ways_in.test_action.SAMPLES", place)
    assert Runner(place, command="doctor", args="--quiet").run().returncode == 0


def test_no_python_of_the_repository_is_imported(place: Path, monkeypatch):
    """By the steps that run; the one that installs is held by the next."""
    for name in ("shlex", "os", "pip", "venv", "ensurepip", "sitecustomize", "typer", "numpy", "setuptools"):
        (place / f"{name}.py").write_text(f"open({str(place / 'trap')!r}, 'a').write({name!r})\n")
    shutil.copy(SAMPLES / "cat.jpg", place)
    monkeypatch.setattr("tests.ways_in.test_action.SAMPLES", place)
    monkeypatch.setenv("PYTHONPATH", ".")  # as a workflow may have it
    done = Runner(place, args="cat.jpg --require 'score(cat) > 0.5'").run()
    assert (done.returncode, (place / "trap").exists()) == (0, False), done.stderr


def test_python_starts_isolated_everywhere():
    found = 0
    for step in ACTION["runs"]["steps"]:
        for match in re.finditer(r"(?:^|[ (\"/])python\"?( +\S+)", step.get("run", ""), re.MULTILINE):
            assert match[1].strip() == "-I", match[0]
            found += 1
        assert "bin/pip" not in step.get("run", "")
        assert "bin/dlcli" not in step.get("run", "")
    assert found == 4


def test_actions_are_pinned_by_commit():
    text = (ROOT / "action.yml").read_text()
    uses = re.findall(r"uses: (.*)", text)
    assert len(uses) == 2
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line) for line in uses)


def test_settings_of_the_branch_are_read_only_where_an_input_says_so(place: Path, monkeypatch):
    shutil.copy(SAMPLES / "cat.jpg", place)
    (place / "dlcli.toml").write_text("exit_zero = true\n")
    monkeypatch.setattr("tests.ways_in.test_action.SAMPLES", place)
    gate = "cat.jpg --fail-if 'count(cat) > 0'"
    assert [Runner(place, args=gate, settings=given).run().returncode for given in ("false", "", "true")] == [1, 1, 0]


def test_a_file_behind_two_dashes_stays_one(place: Path, monkeypatch):
    """The report that the action adds stands before it."""
    shutil.copy(SAMPLES / "cat.jpg", place / "--exit-zero.jpg")
    monkeypatch.setattr("tests.ways_in.test_action.SAMPLES", place)
    runner = Runner(place, args="--fail-if 'count(cat) > 0' -- --exit-zero.jpg")
    done = runner.run()
    assert (done.returncode, "::error file=--exit-zero.jpg," in done.stderr) == (1, True), done.stderr
    assert "--exit-zero.jpg" in runner.summary.read_text()


@pytest.mark.parametrize("name", ["core", "build"])
def test_packages_have_hashes(name: str):
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().replace("\\\n", " ").splitlines()
    assert lines
    for line in lines:
        assert re.match(r"[a-z0-9.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line), line


def test_the_packages_are_those_that_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for file, asked in (("core", project["project"]["dependencies"]), ("build", project["build-system"]["requires"])):
        pinned = re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements" / f"{file}.txt").read_text(), re.MULTILINE)
        for line in asked:
            name, _, least = line.partition(">=")
            versions = [version for pin, version in pinned if pin == name]
            assert versions, line
            assert all(numbers(version) >= numbers(least) for version in versions), line


def numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def test_the_key_of_the_cache_follows_the_content(place: Path, tmp_path: Path):
    runner = Runner(place, command="doctor", args="--quiet")
    runner.run()
    key = runner.values["steps.place.outputs.key"]
    assert re.fullmatch(r"dlcli-Linux-X64-3\.11\.0-[0-9a-f]{40}", key)
    copy = tmp_path / "copy"
    (copy / "dlcli").mkdir(parents=True)
    (copy / "requirements").mkdir()
    (copy / "requirements" / "core.txt").write_text("")
    (copy / "pyproject.toml").write_text("")
    (copy / "dlcli" / "a.py").write_text("1")
    keys = []
    for text in ("1", "2", "1"):
        (copy / "dlcli" / "a.py").write_text(text)
        runner.values["github.action_path"] = str(copy)
        runner.step(next(step for step in ACTION["runs"]["steps"] if step["id"] == "place"))
        keys.append(runner.values["steps.place.outputs.key"])
    assert keys[0] == keys[2]
    assert len({key, *keys}) == 3


@pytest.mark.skipif(not INSTALLS, reason="ACTION_INSTALLS=1 installs dlcli from here, with a network")
def test_all_steps_with_an_installation(tmp_path: Path, monkeypatch):
    """In a folder whose Python files would be imported by a Python that is not isolated."""
    work = tmp_path / "work"
    work.mkdir()
    shutil.copy(SAMPLES / "cat.jpg", work)
    for name in ("shlex", "pip", "venv", "ensurepip", "setuptools", "sitecustomize"):
        (work / f"{name}.py").write_text(f"open({str(tmp_path / 'trap')!r}, 'a').write({name!r})\n")
    monkeypatch.setattr("tests.ways_in.test_action.SAMPLES", work)
    monkeypatch.setenv("PYTHONPATH", ".")
    runner = Runner(tmp_path, installs=True, args="cat.jpg --require 'score(cat) >= 0.6'")
    done = runner.run()
    assert (done.returncode, runner.ran) == (0, ["place", "install", "run"]), done.stderr
    assert not (tmp_path / "trap").exists()


def test_nothing_that_a_user_types_is_pasted_into_a_script():
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
