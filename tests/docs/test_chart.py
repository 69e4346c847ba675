"""The chart of peers is of the table that stands beside it."""

from xml.etree import ElementTree

import pytest

from tests.benchmarks.peers.chart import chart, rows_of
from tests.program import ROOT

PAGE, CHART = ROOT / "docs" / "speed.md", ROOT / "docs" / "peers.svg"
RENEW = "python -m tests.benchmarks.peers.chart docs/speed.md docs/peers.svg"


def test_the_chart_is_of_the_table():
    assert CHART.read_text() == chart(rows_of(PAGE.read_text())), f"renew it: {RENEW}"


def test_bars_are_as_long_as_their_seconds():
    table = "| | installed | first answer | one image | 100 images |\n|---|---|---|---|---|\n"
    table += "| `dlcli detect` | 4 MB | 0.5 s | 0.25 s | 1.00 s |\n| a < b | 4 MB | 0.5 s | 1.00 s | |\n"
    rows = rows_of(table)
    assert [(row.name, row.is_ours) for row in rows] == [("dlcli detect", True), ("a < b", False)]
    drawn = ElementTree.fromstring(chart(rows))
    bars = [float(bar.get("width")) for bar in drawn.iter("{http://www.w3.org/2000/svg}rect") if bar.get("rx")]
    assert bars == [75.0, 300.0, 300.0]
    words = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a < b", "0.25 s", "1.00 s"} < set(words)


def test_a_page_without_the_table_is_refused():
    with pytest.raises(ValueError, match="expected a table"):
        rows_of("# nothing")
