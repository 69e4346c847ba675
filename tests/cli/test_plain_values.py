"""Plain values against Typer's own: the same value, or left to Typer, which alone refuses."""

import os
import subprocess
import sys
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from dlcli.cli.app import build_app, run
from dlcli.cli.plain_values import UNSURE, plain_value, read_plainly

typers = pytest.importorskip("typer._adapters", reason="this Typer turns words into values by another way")


class Kind(StrEnum):
    ONE = "one"
    TWO = "two"


def by_typer(value: Any, annotation: Any, info: Any) -> Any:
    """What Typer makes of it; an exception where it refuses."""
    adapter = typers.try_build_adapter(annotation, info)
    return adapter.validate_python(value, context={"ctx": None, "param": None})


def check(value: Any, annotation: Any, info: Any, several: bool = False) -> None:
    found = plain_value(value, annotation, info, several)
    if found is not UNSURE:
        wanted = by_typer(value, annotation, info)
        assert (type(found), found) == (type(wanted), wanted)


WORDS = st.one_of(
    st.text(max_size=8),
    st.from_regex(r"[+-]?[0-9]{0,20}\.?[0-9]{0,5}(e[+-]?[0-9])?", fullmatch=True),
    st.sampled_from(
        ["nan", "inf", "1_0", " 1", "1 ", "٣", "0x1", "1e3", "", "-", ".", "one", "ONE", "Kind.ONE", "true"]
    ),
)
LIMITS = st.tuples(st.sampled_from([None, -1, 0, 1]), st.sampled_from([None, 1, 5, 100]))


@given(
    value=st.one_of(WORDS, st.integers(), st.floats(), st.booleans()), kind=st.sampled_from([int, float]), limits=LIMITS
)
def test_numbers(value: Any, kind: type, limits: tuple[Any, Any]):
    check(value, kind, typer.Option(min=limits[0], max=limits[1]))


@given(value=st.one_of(WORDS, st.sampled_from(Kind)))
def test_choices_and_text(value: Any):
    check(value, Kind, typer.Option())
    check(value, str, typer.Option())
    check([value], list[str], typer.Option(), several=True)
    check((value, "two"), list[Kind], typer.Option(), several=True)


@pytest.mark.parametrize("more", [{}, {"exists": True}, {"exists": True, "readable": False}, {"dir_okay": False},
                                  {"file_okay": False}, {"resolve_path": True}])  # fmt: skip
@pytest.mark.parametrize("name", ["file", "folder", "gone", "broken", ".", "~", "-", "a//b"])
def test_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, more: dict[str, bool]):
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("folder").mkdir()
    Path("broken").symlink_to("nowhere")
    check(name, Path, typer.Option(**more))
    check([name, "file"], list[Path], typer.Option(**more), several=True)


def test_what_is_plain_is_found():
    assert plain_value("0.25", float, typer.Option(min=0, max=1)) == 0.25
    assert plain_value("7", int, typer.Option()) == 7
    assert plain_value("two", Kind, typer.Option()) is Kind.TWO
    assert plain_value(("a", "b"), list[str], typer.Option(), several=True) == ["a", "b"]
    assert plain_value("x", Path, typer.Option()) == Path("x")


@pytest.mark.parametrize(("value", "kind"), [("1.5", int), ("2", Enum), ("x", float), ("nan", float), ("three", Kind)])
def test_the_rest_is_left_to_typer(value: str, kind: type):
    assert plain_value(value, kind, typer.Option()) is UNSURE
    assert plain_value("5", int, typer.Option(max=4)) is UNSURE
    assert plain_value("5", int, typer.Option(parser=int)) is UNSURE


def test_a_typer_without_that_place_is_left_alone():
    class Other:
        name = "other"

    item = Other()
    assert read_plainly([item]) == [item]
    assert vars(item) == {}


def test_a_command_with_plain_words_never_loads_pydantic():
    code = (
        "import sys\nfrom dlcli.cli.app import build_app, run\n"
        "words = ['detect', 'gone.jpg', '--conf', '0.5', '--plan']\n"
        "run(build_app(words), words)\nprint('pydantic' in sys.modules)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert ran.stdout.strip().splitlines()[-1] == "False"


def test_every_option_of_the_program_has_that_place():
    """Else a newer Typer would cost a tenth of a second without a word."""
    command: Any = typer.main.get_command(build_app())
    items = [item for below in command.commands.values() for item in below.params]
    assert items
    assert all(hasattr(item, "_runtime_param") for item in items)


def test_what_is_not_plain_in_a_copy_of_a_parameter_goes_to_typer():
    """`config show` makes copies, here of a command that was asked for its parameters before."""
    app = typer.main.get_command(build_app())
    assert run(app, ["detect", "gone.jpg", "--conf", "0.5", "--plan"]) == 0
    assert run(app, ["config", "show", "detect", "--threads", "0.4"]) == 2
