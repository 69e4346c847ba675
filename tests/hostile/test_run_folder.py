"""Unlucky CI: two runs in one --out, reports that go where other files are, folders that are none, state by hand."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress

import pytest

from tests.hostile.inside import outcome
from tests.program import CAT, ROOT, dlcli


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    for name in ("a.jpg", "b.jpg", "photo"):
        shutil.copy(CAT, tmp_path / "in" / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_report_goes_over_no_input(folder):
    """Not even where the image, the list or the records have a name of no image."""
    (folder / "list").write_text("in/a.jpg\n")
    (folder / "r.jsonl").write_text(dlcli("detect", "in/a.jpg", "--json", cwd=folder).out)
    (folder / "link").symlink_to("in/photo")
    for arguments in (
        ["detect", "in/photo", "--report", "csv=in/photo"],
        ["detect", "in/photo", "--report", "junit=in/../in/photo"],
        ["detect", "in/photo", "--report", "html=link"],
        ["detect", "--files-from", "list", "--report", "sarif=list"],
        ["classify", "--from-jsonl", "r.jsonl", "--report", "markdown=r.jsonl"],
        ["merge", "r.jsonl", "--report", "csv=r.jsonl"],
        ["merge", "r.jsonl", "--out", "m.jsonl", "--report", "csv=m.jsonl"],
    ):
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        ran = outcome(arguments)
        assert ran.code == 2, arguments
        assert "name another file" in ran.err
        assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_report_goes_over_no_other_file_of_the_run(folder):
    for report in ("csv=out/results.jsonl", "junit=out/.results.jsonl.part", "html=out/Annotations/a.xml"):
        ran = outcome(["detect", "in", "--out", "out", "--save", "voc", "--report", report])
        assert (ran.code, "the run writes its own" in ran.err) == (2, True), (report, ran.err)
    assert not (folder / "out").exists()
    assert dlcli("detect", "in", "--out", "out", "--report", "html=out/page.html", cwd=folder).code == 0


@pytest.mark.parametrize("more", [["--resume"], ["--overwrite"]])
def test_a_second_run_in_one_folder_is_refused(folder, more):
    """The first holds the folder until it ends, and is not disturbed."""
    for i in range(60):
        shutil.copy(CAT, folder / "in" / f"{i}.jpg")
    command = [sys.executable, "-m", "dlcli", "detect", "in", "--out", "out", "--json", "--threads", "1"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder, env=environment) as first:
        first.stdout.readline()
        second = dlcli("detect", "in/a.jpg", "--out", "out", *more, cwd=folder)
        rest = first.communicate(timeout=100)[0]
    assert first.returncode == 0
    assert second.code == 2
    assert "another run is writing there" in second.err or "is in this one" in second.err or "was another" in second.err
    assert len(rest.splitlines()) == 61
    assert len((folder / "out" / "results.jsonl").read_text().splitlines()) == 62


@pytest.mark.parametrize("more", [[], ["--overwrite"], ["--resume"]])
@pytest.mark.parametrize("out", ["in/a.jpg/x", "n" * 300, "as-folder", "loop", "dangling/x"])
def test_a_folder_that_cannot_be_written_to(folder, out, more):
    (folder / "as-folder" / "results.jsonl").mkdir(parents=True)
    (folder / "as-folder" / "results.state.jsonl").mkdir()
    (folder / "loop").symlink_to("loop")
    (folder / "dangling").symlink_to("nowhere")
    ran = dlcli("detect", "in", "--out", out, *more, cwd=folder)
    assert ran.code in (0, 2, 5), ran.err
    assert (ran.code == 0) == out.startswith("dangling") or ran.code in (2, 5)
    assert "Traceback" not in ran.err
    assert len(ran.err) < 1000
    assert (folder / "in" / "a.jpg").read_bytes() == CAT.read_bytes()


LINES = [
    "{}",
    "[]",
    "5",
    "null",
    '"a"',
    "{",
    "\0",
    '{"source":"in/a.jpg"}',
    '{"source":"in/a.jpg","ok":true}',
    '{"source":"in/a.jpg","files":5}',
    '{"source":"in/a.jpg","crop":5}',
    '{"source":"in/a.jpg","crop":{}}',
    '{"source":["x"]}',
    '{"source":"in/a.jpg","size":"x","sha256":5,"files":[5],"line":5,"tally":5,"mtime_ns":"x"}',
    '{"fingerprint":5}',
    '{"fingerprint":{"dlcli":5}}',
    "[" * 3000,
    '{"source":"\\ud800"}',
    '{"source":"in/a.jpg","ok":1e999}',
]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[:25].replace("\0", "NUL"))
def test_state_and_results_that_were_edited(folder, line):
    """A line of its own at the end of both files, then half of each file: refused, or done again, and right."""
    whole = outcome(["preprocess", "in", "--gamma", "0.8", "--out", "out", "--json"]).out
    files = [folder / "out" / name for name in ("results.jsonl", "results.state.jsonl")]
    before = [file.read_bytes() for file in files]
    for content in (
        [data + line.encode() + b"\n" for data in before],
        [before[0], before[1].splitlines(True)[0] + line.encode() + b"\n"],
        [line.encode() + b"\n", before[1]],
        [data[: len(data) // 2] for data in before],
    ):
        for file, data in zip(files, content, strict=True):
            file.write_bytes(data)
        ran = outcome(["preprocess", "in", "--gamma", "0.8", "--out", "out", "--json", "--resume"])
        assert ran.code in (0, 2, 5), ran.err
        assert ran.code or json.loads(ran.out.splitlines()[0])["source"] == "in/a.jpg"
        assert ran.code or ran.out == whole
        for name in (".results.jsonl.part", ".results.state.jsonl.part"):
            with suppress(FileNotFoundError):
                (folder / "out" / name).unlink()


def test_results_of_other_images_do_not_stand(folder):
    """--resume with another folder's images under the old names."""
    outcome(["detect", "in", "--out", "out", "--quiet"])
    shutil.copy(ROOT / "sample_data" / "rocket.jpg", folder / "in" / "a.jpg")
    resumed = outcome(["detect", "in", "--out", "out", "--json", "--resume"])
    assert resumed.out == outcome(["detect", "in", "--json"]).out


@pytest.mark.parametrize("more", ["--overwrite", "--resume"])
@pytest.mark.parametrize("name", ["results.state.jsonl", ".results.jsonl.part", ".results.state.jsonl.part"])
def test_files_of_the_user_with_names_of_a_run_stay(tmp_path, name, more):
    (tmp_path / name).write_bytes(b"made by hand")
    assert dlcli("detect", CAT, "--out", tmp_path, more).code == 2
    assert (tmp_path / name).read_bytes() == b"made by hand"
