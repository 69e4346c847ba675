"""Many sources in little memory: the same sources, in the same order, as a plain list of them would be."""

import os
import tracemalloc
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.batch.shards import Shard
from dlcli.batch.sources.addresses import place_below
from dlcli.batch.sources.listing import FoundSources, SomeSources, hashed_twice, videos_of
from dlcli.batch.sources.tree import Found
from dlcli.records import Failure, Source

NAMES = st.lists(st.text(st.characters(exclude_characters="\0"), min_size=1).filter(lambda name: name != "-"))


def listed(*names: str) -> FoundSources:
    found = FoundSources(Found(name, "/data") for name in names)
    found.root = "/data"
    return found


@given(NAMES)
def test_names_come_back_as_they_were_whatever_they_hold(names):
    found = FoundSources(Found(name, "/") for name in names)
    assert list(found.names()) == names
    assert len(found) == len(names)


@given(NAMES, st.data())
def test_without_leaves_out_the_numbers_alone(names, data):
    found = FoundSources(Found(name, f"/{len(name) % 3}") for name in names)
    left_out = data.draw(st.sets(st.integers(0, max(0, len(names) - 1))))
    kept = [name for number, name in enumerate(names) if number not in left_out]
    assert list(found.without(left_out).names()) == kept
    assert set(found.without(left_out).bases) == {f"/{len(name) % 3}" for name in kept}


def test_a_source_is_what_a_list_would_hold():
    found = listed("/data/a.jpg", "/data/b/\udcff.png")
    assert list(found) == [
        Source("/data/a.jpg", Path("/data/a.jpg"), PurePosixPath("a.jpg")),
        Source("/data/b/\udcff.png", Path("/data/b/\udcff.png"), PurePosixPath("b/\udcff.png")),
    ]
    assert found[-1] == found[1]
    assert found[:1] == [found[0]]
    with pytest.raises(IndexError):
        found[2]


def test_failures_and_videos_are_kept_with_their_numbers():
    failure = Failure("unreadable", "b: no")
    found = FoundSources([Found("a.mp4", "/"), Found("b.mp4", "/", failure), Found("c.jpg", "/"), Found("d.mov", "/")])
    assert [source.name for source in videos_of(found)] == ["a.mp4", "d.mov"]
    assert found[1].failure == failure
    left = found.without({0})
    assert [source.name for source in videos_of(left)] == ["d.mov"]
    assert left[0].failure == failure
    assert videos_of([found[0], found[2]]) == [found[0]]


@given(st.text("ab/.", max_size=12), st.sampled_from(["/", "/a", "/a/b", "/ab"]))
def test_a_place_is_the_relative_path(path, root):
    assert place_below(path, root) == os.path.relpath(os.path.abspath(path), root)


def test_shards_and_changes_are_looked_through():
    found = listed(*(f"/data/{i:03d}.jpg" for i in range(40)))
    own = Shard(2, 3).of(found)
    expected = [i for i, source in enumerate(found) if Shard(2, 3).holds(source)]
    assert 3 < len(own) < 30
    assert [source.index for source in own] == expected
    assert [source.name for source in own] == [found[i].name for i in expected]
    assert [source.name for source in SomeSources(found, lambda number, source: source, [3, 1])] == [
        "/data/003.jpg",
        "/data/001.jpg",
    ]


@given(st.lists(st.integers(0, 20)))
def test_what_comes_twice_is_found(things):
    assert hashed_twice(things) == {hash(thing) for thing in things if things.count(thing) > 1}


def test_a_name_takes_little_more_than_its_letters():
    tracemalloc.start()
    try:
        found = FoundSources(Found(f"/data/part/image_{i:06d}.jpg", "/data") for i in range(20_000))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found) == 20_000
    assert held / len(found) < 60  # 27 of them letters; a Source takes 650
