"""Records as Parquet, read back by pyarrow and DuckDB, equal the lines that they came from."""

import json
from typing import Any

import pytest

from dlcli.batch.parquet import arrow_schema, parquet_bytes
from dlcli.errors import DataError
from dlcli.tasks.registry import all_tasks
from tests.program import CAT, SAMPLES, dlcli

arrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
RUNS = {
    "detect": ("detect", SAMPLES, "--timings"),
    "classify": ("classify", SAMPLES, "--top", "3"),
    "segment": ("segment", CAT),
    "preprocess": ("preprocess", CAT, "--gamma", "0.9"),
}


def without_nulls(value: Any) -> Any:
    """What a table gives back -> the record: nulls are fields that were not there, lists of pairs are maps."""
    if isinstance(value, dict):
        return {name: without_nulls(below) for name, below in value.items() if below is not None}
    if isinstance(value, list) and value and all(isinstance(item, tuple) for item in value):
        return {name: without_nulls(below) for name, below in value}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", RUNS)
def test_the_table_holds_the_records(tmp_path, name):
    (tmp_path / "bad.jpg").write_bytes(b"no image")
    words = [*RUNS[name], tmp_path / "bad.jpg"]
    assert dlcli(*words, "--out", tmp_path / "found", "--save", "none").code == 3 or name == "preprocess"
    if name == "preprocess":
        dlcli(*words, "--out", tmp_path / "found")
    ran = dlcli("merge", tmp_path / "found" / "results.jsonl", "--out", tmp_path / "all.parquet", "--exit-zero")
    assert ran.code in (0, 3), ran.err
    lines = [json.loads(line) for line in (tmp_path / "found" / "results.jsonl").read_text().splitlines()]
    rows = parquet.read_table(tmp_path / "all.parquet").to_pylist()
    assert [without_nulls(row) for row in rows] == lines
    assert {line["ok"] for line in lines} == {True, False}


def test_duckdb_counts_what_the_lines_hold(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    assert dlcli("detect", SAMPLES, "--out", tmp_path / "found", "--save", "none").code == 0
    assert dlcli("merge", tmp_path / "found" / "results.jsonl", "--out", tmp_path / "all.parquet").code == 0
    query = f"""
        SELECT thing.label, count(*) FROM (SELECT unnest(detections) AS thing FROM '{tmp_path}/all.parquet')
        GROUP BY ALL ORDER BY ALL
    """
    counts: dict[str, int] = {}
    for line in (tmp_path / "found" / "results.jsonl").read_text().splitlines():
        for thing in json.loads(line)["detections"]:
            counts[thing["label"]] = counts.get(thing["label"], 0) + 1
    assert duckdb.sql(query).fetchall() == sorted(counts.items())


@pytest.mark.parametrize("task", all_tasks())
def test_every_task_has_columns(task):
    schema = arrow_schema(arrow, task)
    assert {"source", "ok", "error", "width", "model"} <= set(schema.names)
    assert schema.field("ok").type == arrow.bool_()


def test_a_field_without_a_column_is_not_lost_silently():
    record = {"schema": "dlcli.detect/1", "source": "a", "ok": False, "error": {"kind": "x", "message": "y"}, "mine": 1}
    with pytest.raises(DataError, match="its record has mine"):
        parquet_bytes([record], "detect")


def test_a_table_is_replaced_where_it_is_one(tmp_path):
    assert dlcli("detect", CAT, "--out", tmp_path / "found", "--save", "none").code == 0
    words = ("merge", tmp_path / "found" / "results.jsonl", "--out", tmp_path / "all.parquet")
    assert dlcli(*words).code == 0
    assert dlcli(*words).code == 2
    assert dlcli(*words, "--overwrite").code == 0
    (tmp_path / "all.parquet").write_text("my notes")
    assert dlcli(*words, "--overwrite").code == 2
