import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.batch.reports.csv_table import columns_of, render
from tests.batch.reports.conftest import COMMANDS, failed, found, summary_of


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))


@pytest.mark.parametrize("name", COMMANDS)
def test_rows_and_columns_of_every_task(runs, name):
    run = runs[name]
    data = render(run.summary, run.records)
    assert data.splitlines(keepends=True)[0] == (",".join(columns_of(run.summary.task)) + "\r\n").encode()
    rows = rows_of(data)
    lists = ("detections", "classes", "outputs", "findings")
    each = [sum(len(record.get(name, ())) for name in lists) for record in run.records]
    assert [row["source"] for row in rows] == [
        record["source"] for record, count in zip(run.records, each, strict=True) for _ in range(count or 1)
    ]
    assert sum(row["error_kind"] != "" for row in rows) == 4


def test_numbers_are_those_of_the_record(runs):
    run = runs["detect"]
    boxes = [item for record in run.records for item in record.get("detections", ())]
    rows = [row for row in rows_of(render(run.summary, run.records)) if row["label"]]
    numbers = [[float(row[name]) for name in ("x1", "y1", "x2", "y2", "score", "class_id")] for row in rows]
    assert numbers == [[*item["box"], item["score"], item["class_id"]] for item in boxes]


def test_ranks_shares_styles_and_findings(runs):
    table = {name: rows_of(render(run.summary, run.records)) for name, run in runs.items()}
    assert [row["rank"] for row in table["classify"][:4]] == ["1", "2", "3", "1"]
    assert 0.3 < float(table["segment"][0]["share"]) < 0.7
    assert table["style-transfer"][0]["styles"] == "starry-night 1.0"
    assert table["preprocess"][0]["output"] == "astronaut.jpg"
    assert table["preprocess"][0]["output_width"] == "512"
    assert "cmyk" in {row["finding"] for row in table["check"]}


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=1+1.jpg", "./=1+1.jpg"),
        ("-a.jpg", "./-a.jpg"),
        ("@a/b.jpg", "./@a/b.jpg"),
        ("+", "./+"),
        ("＝1.jpg", "./＝1.jpg"),
        ("-", "-"),  # standard input
        ("a=1.jpg", "a=1.jpg"),
        ("/=a.jpg", "/=a.jpg"),
    ],
)
def test_a_name_is_no_formula_and_still_names_the_file(name, cell):
    assert rows_of(render(summary_of([found(name)]), [found(name)]))[0]["source"] == cell


def test_other_text_that_a_spreadsheet_would_run_gets_an_apostrophe():
    records = [found("a.jpg", "=HYPERLINK(1)"), failed("-b.jpg")]
    rows = rows_of(render(summary_of(records), records))
    assert rows[0]["label"] == "'=HYPERLINK(1)"
    assert rows[1]["error_message"].startswith("'-b.jpg: ")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_any_name_comes_back(name):
    records = [found(name, name), failed(name)]
    rows = rows_of(render(summary_of(records), records))
    assert len(rows) == 2
    assert rows[0]["source"].removeprefix("./") == name.removeprefix("./")
    assert rows[0]["label"].removeprefix("'") == name.removeprefix("'")
