"""Markdown as another implementation reads it: markdown-it, with GitHub's tables."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dlcli.batch.gates.outcome import GateOutcome
from dlcli.batch.reports.markdown import MOST_ROWS, render
from tests.batch.reports.conftest import COMMANDS, failed, found, summary_of

PAGE = MarkdownIt("gfm-like", {"linkify": False}).enable("table")


def page(data: bytes) -> ET.Element:
    return ET.fromstring(f"<page>{PAGE.render(data.decode())}</page>")


def tables(data: bytes) -> list[list[list[str]]]:
    """Text of the cells of every table, without its head."""
    return [
        [["".join(cell.itertext()) for cell in row] for row in table.findall("tbody/tr")]
        for table in page(data).iter("table")
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_task_has_gates_failures_and_images(runs, name):
    run = runs[name]
    data = render(run.summary, run.records)
    gates, failures, *_, images = tables(data)
    assert [row[0] for row in gates] == ["❌", "✅", "❌"]
    assert [row[:2] for row in failures][1] == ["sample_data/broken/empty.jpg", "empty"]
    assert images[0][:3] == ["❌ person 0.78", "sample_data/astronaut.jpg", "512 x 512"]
    assert len(images) == 9
    assert page(data).findtext("p") == run.summary.sentence


def test_labels_are_counted_the_most_frequent_first(runs):
    _, _, labels, images = tables(render(runs["detect"].summary, runs["detect"].records))
    assert labels[0] == ["cat", "6"]
    people = [found["label"] for record in runs["detect"].records if record["ok"] for found in record["detections"]]
    assert ["person", str(people.count("person"))] in labels
    assert images[1][3].startswith("cat 0.")
    *_, labels, _ = tables(render(runs["classify"].summary, runs["classify"].records))
    assert sum(int(count) for _, count in labels) == 9  # the best of each image


def test_long_tables_are_cut_and_say_so():
    records = [found(f"{i}.jpg", "cat") for i in range(MOST_ROWS + 5)]
    gate = GateOutcome("--fail-if", "no(cat)", True, ("204.jpg",), "1 of 205")
    data = render(summary_of(records, gates=(gate,)), records)
    *_, images = tables(data)
    assert len(images) == MOST_ROWS
    assert images[0][1] == "204.jpg"
    assert "5 more are left out of this table." in data.decode()


ALLOWED = {"page", "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td"}


@pytest.mark.parametrize(
    "name", ["a|b.jpg", "`x`_y_*z*.jpg", "<script>alert(1)</script>.jpg", "[a](http://b.c)", "a\nb"]
)
def test_names_are_text(name):
    records = [found(name), failed(name)]
    data = render(summary_of(records), records)
    assert {element.tag for element in page(data).iter()} <= ALLOWED
    shown = name.replace("\n", "\\x0a")
    failures, images = tables(data)
    assert failures[0][0] == images[0][0] == shown


@given(st.text(st.characters(), min_size=1))
def test_any_text_stays_in_its_cell(name):
    records = [found(name, name), failed(name, "x", name)]
    data = render(summary_of(records), records)
    tags = set(re.findall(r"<(\w+)", PAGE.render(data.decode())))
    assert tags <= ALLOWED
    assert [len(row) for table in tables(data) for row in table] == [3, 2, 3]
