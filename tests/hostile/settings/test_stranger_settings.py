"""A dlcli.toml of a stranger, or one that others can write: it names no place and no model, and weakens no verdict."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcli.cli.app import build_app
from dlcli.cli.settings import trust as settings_trust
from dlcli.cli.settings.classes import CLASSES, Class, class_of
from dlcli.cli.settings.layers import settable
from dlcli.cli.settings.trust import not_ours
from dlcli.cli.spec import read_tree
from tests.hostile.inside import outcome
from tests.program import CAT, ROOT, dlcli, unscored

TREE = read_tree(typer.main.get_command(build_app()))
OPTIONS = {option.key: option for command in TREE.all_commands() for option in settable(command)}
STRANGER = 12345
NOT_FREE = {
    "out": "x",
    "report": "csv=x.csv",
    "files_from": "x",
    "from_jsonl": "x",
    "model": "coco",
    "resume": True,
    "exit_zero": True,
    "skip_bad": True,
    "conf": 0.9,
    "classes": "dog",
    "exclude_classes": "cat",
    "max_errors": 1,
    "fail_if": "count(dog) > 0",
}


def toml(key: str, value: object) -> str:
    return f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder of the user's, with an image."""
    place = tmp_path / "work"
    place.mkdir(mode=0o755)
    (place / ".git").mkdir()
    shutil.copy(CAT, place / "cat.jpg")
    monkeypatch.chdir(place)
    return place


def write(folder: Path, text: str) -> Path:
    file = folder / "dlcli.toml"
    file.write_text(text)
    file.chmod(0o644)
    return file


def test_every_option_has_a_class_and_no_class_an_option_that_is_gone():
    assert OPTIONS.keys() - CLASSES.keys() == set()
    assert CLASSES.keys() - OPTIONS.keys() == set()


def test_options_that_name_paths_are_places():
    for key, option in OPTIONS.items():
        if option.kind == "path" or "FILE" in option.metavar or "FOLDER" in option.metavar:
            assert class_of(option) in (Class.PLACE, Class.MODEL), key


@pytest.mark.parametrize("key", NOT_FREE)
def test_a_file_that_others_can_write_says_none_of_it(folder, key):
    write(folder, "threads = 1\n" + toml(key, NOT_FREE[key])).chmod(0o666)
    there = sorted(os.listdir(folder))
    ran = outcome(["detect", "cat.jpg"])
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"dlcli: dlcli.toml:2: {key}: an option that ")
    assert f"others can write {folder / 'dlcli.toml'}; give --{key.replace('_', '-')} on the command line" in ran.err
    assert f"chmod go-w {folder / 'dlcli.toml'}, or pass dlcli --no-settings" in ran.err
    assert sorted(os.listdir(folder)) == there
    assert outcome(["--no-settings", "detect", "cat.jpg"]).code == 0


def test_what_the_command_line_or_a_variable_says_is_not_asked_of_the_file(folder, monkeypatch):
    write(folder, "conf = 0.99\nthreads = 1\n").chmod(0o666)
    ran = outcome(["detect", "cat.jpg", "--conf", "0.5"])
    assert (ran.code, unscored(ran.out)) == (0, "cat.jpg: 1 cat (S)\n")
    assert ran.err == "settings: dlcli.toml (threads)\n"  # what is free is taken, and told
    monkeypatch.setenv("DLCLI_CONF", "0.5")
    assert outcome(["detect", "cat.jpg"]).code == 0


def test_an_own_file_says_all_of_it_and_is_told(folder):
    write(folder, '[detect]\nconf = 0.5\nreport = ["csv=found/r.csv"]\nclasses = ["cat"]\n')
    (folder / "pyproject.toml").write_text("[tool.dlcli]\nthreads = 1\n")
    ran = outcome(["detect", "cat.jpg"])
    assert (ran.code, (folder / "found" / "r.csv").is_file()) == (0, True)
    assert ran.err.splitlines()[0] == "settings: dlcli.toml (conf, classes, report), pyproject.toml (threads)"
    assert outcome(["detect", "cat.jpg", "--quiet"]).err == ""
    given = ["--conf", "0.6", "--classes", "cat", "--report", "csv=r.csv", "--threads", "1"]
    assert "settings" not in outcome(["detect", "cat.jpg", *given]).err  # nothing came from a file


@pytest.mark.parametrize("open_place", ["folder", "file"])
@pytest.mark.parametrize(("mode", "taken"), [(0o755, True), (0o777, False), (0o1777, True), (0o757, False)])
def test_modes(folder, open_place, mode, taken):
    file = write(folder, "conf = 0.5\n")
    (folder if open_place == "folder" else file).chmod(mode)
    if open_place == "file" and mode & 0o1000:
        taken = False  # the sticky bit protects what is in a folder, not a file
    assert (outcome(["detect", "cat.jpg"]).code == 0) == taken


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("given", ["file", "folder", "link", "target", "target's folder"])
def test_owners(folder, tmp_path, given):
    """Also of a link, which in /tmp anybody may set, and of what it leads to."""
    file = write(folder, "conf = 0.5\n")
    other = tmp_path / "other"
    other.mkdir(mode=0o755)
    if given not in ("file", "folder"):
        file = file.rename(other / "dlcli.toml")
        (folder / "dlcli.toml").symlink_to(file)
    place = {"file": file, "folder": folder, "link": folder / "dlcli.toml", "target": file, "target's folder": other}
    assert outcome(["detect", "cat.jpg"]).code == 0
    os.chown(place[given], STRANGER, -1, follow_symlinks=False)
    ran = outcome(["detect", "cat.jpg"])
    assert (ran.code, f"{place[given]} belongs to {STRANGER}" in ran.err) == (2, True)
    assert outcome(["detect", "cat.jpg", "--conf", "0.5"]).code == 0


def test_a_stranger_of_the_same_machine(folder, monkeypatch):
    """As another user sees the files of this one, root's apart."""
    monkeypatch.setattr(settings_trust, "_ROOT", -1)
    monkeypatch.setattr(os, "geteuid", lambda: STRANGER)
    assert "belongs to" in not_ours(write(folder, "")).why


def test_a_group_of_ones_own_is_oneself(folder, monkeypatch):
    file = write(folder, "")
    file.chmod(0o664)
    monkeypatch.setattr(settings_trust, "_own_group", lambda number: number == file.stat().st_gid)
    assert not_ours(file) is None
    monkeypatch.setattr(settings_trust, "_own_group", lambda number: False)
    assert not_ours(file).advice == f"if you trust it: chmod go-w {file}"


def test_a_file_of_a_folder_above_is_looked_at_too(folder, monkeypatch):
    write(folder, "exit_zero = true\n").chmod(0o666)
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")
    assert "../dlcli.toml:1: exit_zero" in outcome(["detect", "../cat.jpg"]).err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("report = ['html=/etc/cron.d/x']", "got an absolute path: /etc/cron.d/x"),
        ("report = ['html=~/.bashrc']", "got an absolute path: ~/.bashrc"),
        ("report = ['csv=a.csv', 'html=../x']", "got a path upwards: ../x"),
        ("out = 'a/../../x'", "got a path upwards: a/../../x"),
        ("out = 'leads'", "leads by a link to /"),
        ("out = 'leads/on'", "leads by a link to /"),
        ("report = ['csv=bashrc']", "leads by a link to "),
        ("files_from = '/etc/passwd'", "got an absolute path: /etc/passwd"),
        ("from_jsonl = 'http://127.0.0.1/x'", "got a URL or drive: http://127.0.0.1/x"),
        ("model = '/tmp/x.onnx'", "got an absolute path: /tmp/x.onnx"),
        ("model = 'C:\\x.onnx'", "got a URL or drive: C:\\x.onnx"),
        ("model = '..\\x.onnx'", "got a path upwards: ..\\x.onnx"),
    ],
)
def test_places_lie_below_the_working_folder(folder, tmp_path, line, words):
    (folder / "leads").symlink_to(tmp_path)
    (tmp_path / "home").mkdir()
    (folder / "bashrc").symlink_to(tmp_path / "home" / ".bashrc")
    write(folder, line + "\n")
    ran = outcome(["detect", "cat.jpg"])
    assert (ran.code, words in ran.err) == (2, True), ran.err
    assert ran.err.startswith(f"dlcli: dlcli.toml:1: {line.split()[0]}: a settings file may name places below")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "work"]
    assert list((tmp_path / "home").iterdir()) == []


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["classify", "cat.jpg"], "sort_into = '/x'"),
        (["style-transfer", "cat.jpg", "--out", "o"], "style = '/x'"),
        (["eval", "detect", "."], "baseline = '../x'"),
        (["eval", "segment", "."], "plots = '/x'"),
        (["eval", "classify", "."], "map = '/x'"),
        (["eval", "detect", "."], "split = '../x'"),
        (["train", "detect", "."], "out = '../x'"),
        (["train", "segment", ".", "--out", "o"], "weak_masks = '/x'"),
        (["train", "classify", ".", "--out", "o"], "from = '../x'"),
        (["export", "."], "out = '/x'"),
        (["export", "."], "data = '/x'"),
        (["convert", ".", "y", "--to", "coco"], "images = '/x'"),
        (["merge", "x"], "out = '../x'"),
        (["models", "import", "cat.jpg", "--name", "n", "--task", "classify"], "labels = '/x'"),
        (["preprocess", "cat.jpg"], "for = '../x'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_places_of_every_command(folder, words, line):
    (folder / "x").mkdir()  # an input that is not there is refused before any setting is read
    write(folder, line + "\n")
    ran = outcome(words)
    assert (ran.code, f"dlcli.toml:1: {line.split()[0]}: a settings file may name places" in ran.err) == (2, True)


def test_variables_may_name_any_place(folder, tmp_path):
    out = tmp_path / "elsewhere"
    assert dlcli("detect", "cat.jpg", cwd=folder, env={"DLCLI_OUT": str(out)}).code == 0
    assert (out / "results.jsonl").is_file()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["a", "..", ".", "", "~", "up", "in", "C:", "\\", "x.csv"]), min_size=1, max_size=5))
def test_no_text_leads_out_of_the_working_folder(tmp_path_factory, parts):
    """Whatever is let through lies, with its links followed, below the folder."""
    place = tmp_path_factory.getbasetemp() / "places"
    (place / "work" / "a").mkdir(parents=True, exist_ok=True)
    for name, target in (("up", ".."), ("in", "a")):
        if not os.path.lexists(place / "work" / name):
            (place / "work" / name).symlink_to(target)
    text = "/".join(parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place / "work")
        refused = settings_trust.refuse(OPTIONS["out"], text, lambda: None)
        if refused is None:
            real = Path(os.path.realpath(os.path.expanduser(text)))
            assert real.is_relative_to(os.path.realpath(place / "work")), text


def test_without_a_settings_file_none_of_this_is_loaded(folder):
    """Start-up stays as cheap as it was."""
    code = (
        "import sys; from dlcli.cli.app import main; sys.argv = ['dlcli', 'detect', 'missing.jpg']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([name for name in sys.modules if name in ('dlcli.cli.settings.trust', 'dlcli.cli.settings.layers')])"
    )
    env = {name: text for name, text in os.environ.items() if not name.startswith("DLCLI_")} | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
