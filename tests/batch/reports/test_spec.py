import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.batch.reports.spec import EXAMPLES, ReportSpec, parse_reports
from dlcli.errors import UsageError


def test_none_given_is_none():
    assert parse_reports(None) == () == parse_reports([])


def test_every_example_of_the_messages_is_right():
    specs = parse_reports(EXAMPLES.values())
    assert [spec.kind for spec in specs] == list(EXAMPLES)
    assert specs[0] == ReportSpec("junit", Path("report.xml"))
    assert ReportSpec("github", None) in specs


def test_a_file_may_hold_an_equals_sign_and_a_folder_that_is_not_there_yet(tmp_path):
    (spec,) = parse_reports([f"CSV={tmp_path}/new/a=b.csv"])
    assert spec == ReportSpec("csv", tmp_path / "new/a=b.csv")


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["junt=a.xml"], ["--report junt=a.xml", "did you mean junit=report.xml?"]),
        (["zzz=a"], ["no such kind", "junit=report.xml, sarif=report.sarif, github,"]),
        ([""], ["no such kind"]),
        (["html"], ["needs a file, such as html=report.html"]),
        (["csv="], ["needs a file, such as csv=report.csv"]),
        (["csv=-"], ["needs a file"]),  # standard output is for records
        (["github=a.md"], ["github takes no file"]),
        (["github", "github"], ["given twice"]),
        (["csv=a.txt", "markdown=./a.txt"], ["--report csv=a.txt goes to the same file"]),
        (["html=cat.jpg"], ["does not go over an image", "cat.html"]),
        (["html=."], [". is a folder"]),
    ],
)
def test_a_wrong_order_is_refused_with_what_to_do(texts, words):
    with pytest.raises(UsageError) as caught:
        parse_reports(texts)
    assert all(word in str(caught.value) for word in words), caught.value


def test_two_names_of_one_file_are_one(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    with pytest.raises(UsageError, match="same file"):
        parse_reports([f"csv={tmp_path}/there/a", f"html={tmp_path}/link/a"])


@given(st.lists(st.text(max_size=20), max_size=3))
def test_whatever_is_typed_is_read_or_refused(texts):
    try:
        specs = parse_reports(texts)
    except UsageError:
        return
    assert len(specs) == len(texts)


def test_reading_orders_is_light():
    code = "import sys, dlcli.batch.reports.spec, dlcli.batch.reports.write as w; print({'numpy', 'PIL', 'csv', "
    code += "'xml.etree.ElementTree'} & set(sys.modules) or 'light')"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "light\n"
