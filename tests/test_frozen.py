"""dlcli.frozen against dataclasses itself: what it makes behaves the same."""

import copy
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, field, fields, is_dataclass, replace
from dataclasses import dataclass as standard
from typing import Any

import pytest

from dlcli.frozen import dataclass

Make = Callable[..., Any]


@dataclass(frozen=True)
class Kept:
    """Of a module, so that it can be pickled."""

    a: int
    b: tuple[int, ...] = ()


def declared(make: Make) -> dict[str, type]:
    """The same classes by either decorator."""

    @make(frozen=True)
    class Point:
        """A point."""

        x: int
        y: int = 2
        seen: list[int] = field(default_factory=list, compare=False)
        hidden: str = field(default="h", repr=False)

    @make(frozen=True, kw_only=True)
    class Named(Point):
        z: float = 0.5

    @make(frozen=True)
    class Checked:
        a: int

        def __post_init__(self) -> None:
            if self.a < 0:
                raise ValueError("below 0")

        def __repr__(self) -> str:
            return "mine"

    return {"Point": Point, "Named": Named, "Checked": Checked}


OURS, THEIRS = declared(dataclass), declared(standard)
CALLS = [
    ("Point", (1,), {}),
    ("Point", (1, 3), {}),
    ("Point", (), {"x": 1, "hidden": "q"}),
    ("Point", (1, 2, [4], "z"), {}),
    ("Named", (1, 5), {"z": 2.0}),
    ("Named", (), {"x": 3}),
    ("Checked", (1,), {}),
]


@pytest.mark.parametrize(("name", "given", "named"), CALLS)
def test_an_object_has_the_same_fields_words_and_hash(name: str, given: tuple[Any, ...], named: dict[str, Any]):
    ours, theirs = OURS[name](*given, **named), THEIRS[name](*given, **named)
    assert asdict(ours) == asdict(theirs)
    assert repr(ours).replace("declared.<locals>.", "") == repr(theirs).replace("declared.<locals>.", "")
    assert hash(ours) == hash(theirs)
    assert [(f.name, f.compare, f.repr, f.kw_only) for f in fields(ours)] == [
        (f.name, f.compare, f.repr, f.kw_only) for f in fields(theirs)
    ]
    assert ours.__match_args__ == theirs.__match_args__


@pytest.mark.parametrize("classes", [OURS, THEIRS], ids=["ours", "standard"])
def test_equal_fields_are_equal_objects_of_one_class(classes: dict[str, type]):
    point, named = classes["Point"], classes["Named"]
    assert point(1, seen=[1]) == point(1, seen=[2])
    assert point(1) != point(2)
    assert point(1) != named(1)
    assert point(1) != 1
    assert point(1).seen is not point(1).seen
    assert replace(point(1), y=9) == point(1, 9)
    assert copy.copy(point(1)) == point(1)


@pytest.mark.parametrize("classes", [OURS, THEIRS], ids=["ours", "standard"])
@pytest.mark.parametrize(
    ("given", "named"), [((), {}), ((1, 2, [], "h", 5), {}), ((1,), {"x": 1}), ((1,), {"w": 3}), ((), {"y": 1})]
)
def test_what_does_not_fit_is_a_type_error(classes: dict[str, type], given: tuple[Any, ...], named: dict[str, Any]):
    with pytest.raises(TypeError):
        classes["Point"](*given, **named)


@pytest.mark.parametrize("classes", [OURS, THEIRS], ids=["ours", "standard"])
def test_nothing_can_be_changed_and_checks_run(classes: dict[str, type]):
    point = classes["Point"](1)
    with pytest.raises(FrozenInstanceError):
        point.x = 2
    with pytest.raises(FrozenInstanceError):
        del point.x
    with pytest.raises(ValueError, match="below 0"):
        classes["Checked"](-1)
    with pytest.raises(TypeError):
        classes["Named"](1, 2, [], "h", 3.0)


def test_a_standard_dataclass_may_inherit_and_be_inherited():
    @standard(frozen=True)
    class Below(Kept):
        c: int = 3

    @dataclass(frozen=True)
    class Lowest(Below):
        d: int = 4

    assert is_dataclass(Lowest)
    assert asdict(Lowest(1)) == {"a": 1, "b": (), "c": 3, "d": 4}
    assert Below(1, c=5) == Below(1, (), 5)


def test_objects_travel_between_processes():
    assert pickle.loads(pickle.dumps(Kept(1, (2,)))) == Kept(1, (2,))


def test_one_that_is_not_frozen_is_made_by_dataclasses():
    @dataclass
    class Loose:
        a: int = 1

    loose = Loose()
    loose.a = 5
    assert loose == Loose(5)
