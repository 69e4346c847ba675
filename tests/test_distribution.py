"""The advice that installs dlcli again: by records of installations, and by installing and pasting it."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from dlcli import distribution
from dlcli.distribution import NAME, from_record, install_command, pip_words, uninstall_command
from tests.program import ROOT

GIT = {"vcs": "git", "commit_id": "1f0c" * 10, "requested_revision": "main"}


def test_the_distribution_is_not_the_program_that_has_our_name_on_the_index():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["name"] == NAME != "dlcli"
    assert project["scripts"].keys() == {"dlcli"}


def test_no_other_file_says_how_to_install():
    texts = {path: path.read_text() for path in (ROOT / "dlcli").rglob("*.py") if path != Path(distribution.__file__)}
    assert [path for path, text in texts.items() if "pip install" in text or "dlcli[" in text] == []


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({}, ["dlcli-vision[train]"]),
        ({"url": "file:///no/such/folder", "dir_info": {}}, ["dlcli-vision[train]"]),
        (
            {"url": "https://github.com/a/b.git", "vcs_info": GIT},
            [f"dlcli-vision[train] @ git+https://github.com/a/b.git@{'1f0c' * 10}"],
        ),
        (
            {"url": "ssh://git@github.com/a/b", "vcs_info": {"vcs": "git", "requested_revision": "v1"}},
            ["dlcli-vision[train] @ git+ssh://git@github.com/a/b@v1"],
        ),
        (
            {"url": "https://a.b/c.git", "vcs_info": GIT, "subdirectory": "sub"},
            [f"dlcli-vision[train] @ git+https://a.b/c.git@{'1f0c' * 10}#subdirectory=sub"],
        ),
        (
            {"url": "file:///srv/dlcli.git", "vcs_info": GIT},
            [f"dlcli-vision[train] @ git+file://localhost/srv/dlcli.git@{'1f0c' * 10}"],
        ),
        (
            {"url": "https://a.b/dlcli-0.1.0.tar.gz", "archive_info": {"hash": "sha256=00"}},
            ["dlcli-vision[train] @ https://a.b/dlcli-0.1.0.tar.gz"],
        ),
    ],
)
def test_each_kind_of_record_gives_what_pip_is_to_install(record, expected):
    assert from_record(record, "train") == expected
    (word,) = from_record(record, "train")
    asked = Requirement(word)  # as packaging, and so pip, reads it
    assert (asked.name, asked.extras) == (NAME, {"train"})
    assert Requirement(from_record(record)[0]).extras == set()


@pytest.mark.parametrize("folder", ["plain", "with blank", "it's", "a[b]", "$HOME", "ünï"])
@pytest.mark.parametrize("editable", [True, False])
def test_a_path_is_quoted_for_the_shell(tmp_path: Path, folder: str, editable: bool):
    place = tmp_path / folder
    place.mkdir()
    words = from_record({"url": place.as_uri(), "dir_info": {"editable": True} if editable else {}}, "train")
    assert words == [*(["-e"] if editable else []), f"{place}[train]"]
    pasted = subprocess.run(
        ["sh", "-c", f"printf '%s\\n' {distribution.quoted(words)}"], capture_output=True, text=True
    )
    assert pasted.stdout.splitlines() == words


def test_a_wheel_that_is_gone_is_asked_for_by_its_name(tmp_path: Path):
    wheel = tmp_path / "dlcli_vision-0.1.0-py3-none-any.whl"
    record = {"url": wheel.as_uri(), "archive_info": {}}
    assert from_record(record, "plot") == ["dlcli-vision[plot]"]
    wheel.touch()
    assert from_record(record, "plot") == [f"{wheel}[plot]"]


def test_pip_is_that_of_the_environment(tmp_path: Path, monkeypatch):
    (tmp_path / "pip").touch(0o755)
    python = tmp_path / "python"
    monkeypatch.setattr(distribution.sys, "executable", str(python))
    monkeypatch.setenv("PATH", "/usr/bin")
    assert pip_words() == [str(python), "-m", "pip", "install"]
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin")
    assert pip_words() == ["pip", "install"]
    assert uninstall_command("a", "b") == "pip uninstall a b"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert pip_words() == ["pip", "--python", str(python), "install"]
    monkeypatch.setattr(distribution, "_installer", lambda: "uv")
    assert pip_words() == ["uv", "pip", "install", "--python", str(python)]


def test_a_copy_that_is_not_installed_is_installed_from_its_sources(monkeypatch):
    monkeypatch.setattr(distribution, "installed", lambda: None)
    assert shlex.split(install_command("train"))[-2:] == ["-e", f"{ROOT}[train]"]
    monkeypatch.setattr(distribution, "PACKAGE", Path("/no/such/dlcli"))
    assert shlex.split(install_command("train"))[-1] == "dlcli-vision[train]"


def test_another_copy_that_is_installed_says_nothing_of_this_one(tmp_path: Path, monkeypatch):
    _info(tmp_path, {"url": tmp_path.as_uri(), "dir_info": {"editable": True}})
    monkeypatch.syspath_prepend(tmp_path)
    found = distribution.installed()
    assert found is None or Path(str(found.locate_file(""))).resolve() != tmp_path
    _info(tmp_path, {"url": ROOT.as_uri(), "dir_info": {"editable": True}})
    found = distribution.installed()
    assert found is not None
    assert Path(str(found.locate_file(""))) == tmp_path


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> Path:
    """A small project of our name with our module, whose `python -m dlcli` prints its own advice."""
    place = tmp_path_factory.mktemp("a project")
    shutil.copy(ROOT / "pyproject.toml", place)
    for name in ("README.md", "LICENSE", "NOTICE"):
        (place / name).write_text("")
    (place / "dlcli").mkdir()
    for name in ("__init__.py", "distribution.py"):
        shutil.copy(ROOT / "dlcli" / name, place / "dlcli")
    advice = "from dlcli.distribution import install_command\nprint(install_command('train', '--dry-run'))\n"
    (place / "dlcli" / "__main__.py").write_text(advice)
    return place


@pytest.mark.parametrize("kind", ["path", "wheel", "git"])
def test_what_an_installation_advises_can_be_pasted(kind: str, sources: Path, tmp_path: Path):
    ways = {"path": lambda *_: sources, "wheel": _wheel, "git": _git}
    given = ways[kind](sources, tmp_path)
    _pip("install", "--target", tmp_path / "site", given)
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    ran = subprocess.run(
        [sys.executable, "-m", "dlcli"], env=env, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    advice = ran.stdout.strip()
    if kind != "git":
        assert shlex.split(advice)[-1] == f"{given}[train]"
    quick = advice.replace("--dry-run", "--dry-run --no-deps --no-build-isolation --no-index --ignore-installed")
    done = subprocess.run(["sh", "-c", quick], cwd=tmp_path, env=os.environ, capture_output=True, text=True)
    assert "Would install dlcli-vision-0.1.0" in done.stdout, done.stderr


def _wheel(sources: Path, place: Path) -> Path:
    _pip("wheel", "--wheel-dir", place, sources)
    return next(place.glob("*.whl"))


def _git(sources: Path, place: Path) -> str:
    """The URL of a repository with the sources."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    repository = shutil.copytree(sources, place / "repository", ignore=shutil.ignore_patterns("build", "*.egg-info"))
    author = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "--quiet"], ["add", "--all"], [*author, "commit", "--quiet", "--message", "first"]):
        subprocess.run(["git", *words], cwd=repository, check=True, capture_output=True)
    return f"git+{repository.as_uri()}"


def _pip(command: str, *words: object) -> None:
    pip = [sys.executable, "-m", "pip", command, "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    if not metadata.version("setuptools"):
        pytest.skip("setuptools is not installed")
    subprocess.run([*pip, *map(str, words)], check=True, capture_output=True)


def _info(place: Path, record: dict[str, object]) -> None:
    info = place / "dlcli_vision-0.1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: dlcli-vision\nVersion: 0.1.0\n")
    (info / "direct_url.json").write_text(json.dumps(record))
