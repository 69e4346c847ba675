"""Shards: every image in one of them, new files move no others, merge gives back the whole run."""

import json
import re
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.batch.shards import Shard, parse_shard
from dlcli.errors import UsageError
from dlcli.records import Source
from tests.program import SAMPLES, dlcli


def source(name: str) -> Source:
    return Source(name, Path("x"), PurePosixPath("x"))


names = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), unique=True, max_size=30)


@given(names, st.integers(1, 9))
def test_every_source_is_in_exactly_one_shard(given_names, count):
    sources = [source(name) for name in given_names]
    shards = [Shard(number, count).of(sources) for number in range(1, count + 1)]
    assert sorted(s.index for shard in shards for s in shard) == list(range(len(sources)))
    for shard in shards:
        assert [s.index for s in shard] == sorted(s.index for s in shard)


@given(names, st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_new_file_moves_no_other(given_names, new):
    before = {name: Shard(2, 5).holds(source(name)) for name in given_names}
    assert {name: Shard(2, 5).holds(source(name)) for name in [new, *given_names] if name in before} == before


def test_shards_are_even():
    sources = [source(f"photos/{number:05d}.jpg") for number in range(8000)]
    sizes = [len(Shard(number, 8).of(sources)) for number in range(1, 9)]
    assert sum(sizes) == 8000
    assert all(880 < size < 1120 for size in sizes)


def test_a_name_that_is_no_utf_8_has_a_shard():
    assert sum(Shard(number, 3).holds(source("a\udcff.jpg")) for number in (1, 2, 3)) == 1


@pytest.mark.parametrize("text", ["3", "0/3", "4/3", "1/0", "a/b", "1/3/4", "-1/3", "1 / 3", "¹/3", "1/9999999"])
def test_what_is_no_shard(text):
    with pytest.raises(UsageError, match="expected K/N"):
        parse_shard(text)


def test_a_shard_is_read_and_written():
    assert parse_shard("") is None
    assert str(parse_shard("3/8")) == "3/8"


def test_shards_that_are_merged_equal_the_whole_run(tmp_path):
    images = [SAMPLES, SAMPLES / "shapes" / "images", SAMPLES / "broken"]
    whole = dlcli("detect", *images, "--json", "--out", tmp_path / "whole")
    parts = []
    for number in (3, 1, 2):
        ran = dlcli("detect", *images, "--json", "--shard", f"{number}/3", "--out", tmp_path / "shared")
        path = tmp_path / f"{number}.jsonl"
        path.write_text(ran.out)
        assert (tmp_path / "shared" / f"results.{number}-of-3.jsonl").read_text() == ran.out
        parts.append(path)
    merged = dlcli("merge", *parts)
    assert (merged.code, merged.out) == (3, whole.out)
    seen = re.sub("; not looked at: [^;]*", "", whole.reported[-1])  # of the run: records do not tell
    assert merged.reported[-1] == seen
    hashes = [re.findall(r"run ([0-9a-f]{12})\)$", ran.err.rstrip()) for ran in (whole, merged)]
    assert hashes[0] == hashes[1] != []
    assert dlcli("merge", *sorted((tmp_path / "shared").glob("results.*-of-3.jsonl"))).out == whole.out
    images_of = [
        {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.suffix != ".jsonl"}
        for folder in (tmp_path / "whole", tmp_path / "shared")
    ]
    assert images_of[0] == images_of[1]
    assert json.loads(parts[0].read_text().splitlines()[0])["shard"]["of"] == len(whole.lines)
