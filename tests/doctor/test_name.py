"""Whose the command and the module are, by distributions that are laid beside ours."""

from pathlib import Path

import pytest

from dlcli.doctor import name
from dlcli.doctor.finding import State


@pytest.fixture
def ours(tmp_path: Path, monkeypatch) -> Path:
    """A folder of packages that holds ours alone, and the name of which packages are looked for."""
    _install(tmp_path, "dlcli-vision", command=True, module=True)
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    monkeypatch.setattr(name, "installed", object)
    return tmp_path


def test_ours_alone_is_well(ours):
    found = name.check_name()
    assert (found.state, found.facts["owners"]) == (State.OK, ["dlcli-vision"])


@pytest.mark.parametrize(
    ("command", "module", "shared"),
    [
        (True, False, "the command dlcli"),
        (False, True, "the module dlcli"),
        (True, True, "the command dlcli and the module dlcli"),
    ],
)
def test_another_distribution_of_the_name_is_a_warning(ours, command, module, shared):
    _install(ours, "dlcli", command, module)
    found = name.check_name()
    assert found.state is State.WARNING
    assert found.message == f"dlcli 9.9 brings {shared} as well"
    assert "uninstall dlcli, then" in found.advice
    assert "--force-reinstall --no-deps" in found.advice


def test_a_copy_that_is_not_installed_says_where_it_is(ours, monkeypatch):
    monkeypatch.setattr(name, "installed", lambda: None)
    _install(ours, "dlcli", command=True, module=True)
    found = name.check_name()
    assert found.state is State.OK
    assert found.message.startswith("not installed, runs from ")
    assert found.message.endswith("belongs to dlcli 9.9")


def _install(place: Path, distribution: str, command: bool, module: bool) -> None:
    info = place / f"{distribution.replace('-', '_')}-9.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 9.9\n")
    (info / "top_level.txt").write_text("dlcli\n" if module else "other\n")
    (info / "entry_points.txt").write_text("[console_scripts]\ndlcli = other:main\n" if command else "")
