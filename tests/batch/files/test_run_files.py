"""The run's own files: lines that are whole, the last of each source, in order at the end."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.batch.files.run_files import AppendLog, JsonlIndex, Names, finish, partial_name, read_both
from dlcli.batch.shards import Shard
from dlcli.errors import DlcliError


def line(source, value=0, **more):
    return json.dumps({"source": source, **more, "value": value})


def test_names_of_a_run_and_of_a_shard():
    assert Names.of(None).results == "results.jsonl"
    assert Names.of(Shard(3, 8)).all == (
        *("results.3-of-8.jsonl", ".results.3-of-8.jsonl.part"),
        *("results.3-of-8.state.jsonl", ".results.3-of-8.state.jsonl.part"),
    )


@given(cut=st.integers(0, 60))
def test_a_torn_last_line_is_cut_off(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("torn") / ".results.jsonl.part"
    whole = "".join(f"{line(name)}\n" for name in "abc").encode()
    path.write_bytes(whole[: len(whole) - cut])
    growing = AppendLog(path, keep=True)
    growing.write(line("d"))
    growing.close()
    sources = [json.loads(text)["source"] for text in path.read_text().splitlines()]
    kept = whole[: len(whole) - cut].count(b"\n")
    assert sources == [*"abc"[:kept], "d"]


def test_the_last_line_of_a_source_counts(tmp_path):
    (tmp_path / "results.jsonl").write_text(f"{line('a', 1)}\n{line('b', 1)}\n")
    (tmp_path / partial_name("results.jsonl")).write_text(
        f'{{"fingerprint":{{}}}}\n{line("a", 2)}\nnot json\n{line("b", 9)}'
    )
    lines = read_both(tmp_path, "results.jsonl")
    assert [lines.get((name, None, None, None))["value"] for name in "ab"] == [2, 1]  # the torn line is none
    assert lines.get(("c", None, None, None)) is None
    assert lines.heads == [{"fingerprint": {}}]
    lines.close()


def test_parts_of_an_image_have_lines_of_their_own(tmp_path):
    (tmp_path / "x").write_text(
        f"{line('a', 1, crop={'index': 0})}\n{line('a', 2, crop={'index': 1})}\n{line('a', 3)}\n"
    )
    lines = JsonlIndex([tmp_path / "x"])
    assert [lines.get(("a", None, index, None))["value"] for index in (0, 1, None)] == [1, 2, 3]
    lines.close()


def test_what_has_grown_after_an_earlier_run_is_put_in_order(tmp_path):
    (tmp_path / "results.jsonl").write_text(f"{line('a', 1)}\n{line('gone')}\n{line('c', 1)}\n")
    (tmp_path / partial_name("results.jsonl")).write_text(f"{line('b', 2)}\n{line('a', 2)}\n")
    finish(tmp_path, "results.jsonl", [(name, None, None, None) for name in "abc"])
    assert (tmp_path / "results.jsonl").read_text() == f"{line('a', 2)}\n{line('b', 2)}\n{line('c', 1)}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["results.jsonl"]


def test_a_first_run_is_renamed(tmp_path):
    (tmp_path / partial_name("results.jsonl")).write_text("as it is")
    finish(tmp_path, "results.jsonl", None)
    assert (tmp_path / "results.jsonl").read_text() == "as it is"


def test_what_cannot_be_written_is_named(tmp_path):
    with pytest.raises(DlcliError, match="cannot be written"):
        finish(tmp_path / "gone", "results.jsonl", None)
    (tmp_path / "x").write_text("a file")
    with pytest.raises(DlcliError, match=r"x/y: cannot be written"):
        AppendLog(tmp_path / "x" / "y" / "z", keep=False)
