"""A report, and records that are merged, go over no file of somebody else, also where it looks like one of ours."""

import shutil

import pytest

from tests.program import CAT, dlcli


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    shutil.copy(CAT, tmp_path / "in" / "1.jpg")
    return tmp_path


def test_a_report_goes_over_no_file_that_is_no_report(folder):
    (folder / "mine.csv").write_text("a,b\n1,2\n")
    ran = dlcli("detect", "in", "--report", "csv=mine.csv", cwd=folder)
    assert (ran.code, "is not a csv report of dlcli" in ran.err) == (2, True)
    assert (folder / "mine.csv").read_text() == "a,b\n1,2\n"
    for kind in ("csv", "junit", "sarif", "markdown", "html"):
        for _ in range(2):  # one of ours is replaced
            assert dlcli("detect", "in", "--report", f"{kind}=r.{kind}", cwd=folder).code == 0


MARKED = {
    "markdown": "# Changes\n\n## dlcli 0.2\n",
    "sarif": '{\n "name": "dlcli",\n "mine": 1}\n',
    "junit": '<testsuite name="dlcli-ui"/>',
    "csv": "notes\nsource,crop,frame,width,height,\n",
    "html": "<html><head><title>dlcli notes</title></head></html>",
}


@pytest.mark.parametrize("kind", MARKED)
def test_a_report_goes_over_no_file_that_only_names_dlcli(folder, kind):
    (folder / "mine").write_text(MARKED[kind])
    ran = dlcli("detect", "in", "--report", f"{kind}=mine", cwd=folder)
    assert (ran.code, f"mine: exists already, and is not a {kind} report of dlcli" in ran.err) == (2, True)
    assert (folder / "mine").read_text() == MARKED[kind]


def test_a_report_neither_makes_nor_fills_what_a_link_names(folder):
    (folder / "empty").touch()
    (folder / "e.csv").symlink_to("empty")
    (folder / "d.csv").symlink_to("new")
    for name in ("e.csv", "d.csv"):
        ran = dlcli("detect", "in", "--report", f"csv={name}", cwd=folder)
        assert (ran.code, f"--report csv={name}: " in ran.err) == (2, True), ran
    assert (folder / "empty").read_bytes() == b""
    assert not (folder / "new").exists()
    assert dlcli("detect", "in", "--report", "csv=empty", cwd=folder).code == 0
    assert dlcli("detect", "in", "--report", "csv=e.csv", cwd=folder).code == 0, "a report of ours behind a link"


def test_merge_neither_makes_nor_fills_what_a_link_names(folder):
    (folder / "r.jsonl").write_text(dlcli("detect", "in", "--json", cwd=folder).out)
    (folder / "empty").touch()
    (folder / "e.jsonl").symlink_to("empty")
    (folder / "d.jsonl").symlink_to("new")
    for name in ("e.jsonl", "d.jsonl"):
        ran = dlcli("merge", "r.jsonl", "--out", name, "--overwrite", cwd=folder)
        assert (ran.code, f"--out {name}: " in ran.err) == (2, True), ran
    assert (folder / "empty").read_bytes() == b""
    assert not (folder / "new").exists()
