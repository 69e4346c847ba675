"""`--out result.jpg` is that file, and never a folder of that name; what cannot be written is refused first."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.program import CAT, ROOT, dlcli


@pytest.mark.parametrize(
    ("words", "name", "kind"),
    [
        (["preprocess", "--gamma", "0.8"], "result.jpg", "JPEG"),
        (["preprocess", "--gamma", "0.8"], "result.png", "PNG"),
        (["detect"], "result.png", "PNG"),
        (["classify"], "result.webp", "WEBP"),
        (["segment"], "result.png", "PNG"),
        (["style-transfer", "--style", "great-wave", "--size", "64"], "result.jpg", "JPEG"),
    ],
)
def test_one_image_gets_the_name(tmp_path: Path, words: list[str], name: str, kind: str):
    assert dlcli(*words, CAT, "-o", tmp_path / "new" / name).code == 0
    assert os.listdir(tmp_path / "new") == [name]
    with Image.open(tmp_path / "new" / name) as made, Image.open(CAT) as given:
        assert (made.format, made.size) == (kind, given.size)


def test_it_is_replaced_only_with_overwrite_and_never_the_input(tmp_path: Path):
    goal = tmp_path / "result.jpg"
    goal.write_bytes(b"mine")
    words = ("preprocess", CAT, "--gamma", "2", "--out", goal)
    assert dlcli(*words).code == 2
    assert goal.read_bytes() == b"mine"
    assert dlcli(*words, "--overwrite").code == 0
    assert Image.open(goal).format == "JPEG"
    shutil.copy(CAT, tmp_path / "in.jpg")
    same = dlcli("preprocess", tmp_path / "in.jpg", "--gamma", "2", "--out", tmp_path / "in.jpg", "--overwrite")
    assert (same.code, (tmp_path / "in.jpg").read_bytes()) == (2, CAT.read_bytes())


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["preprocess", CAT, ROOT / "sample_data/coffee.jpg", "--gamma", "2"], "2 images"),
        (["segment", CAT], "would write result.png"),
        (["detect", CAT, "--save", "crops"], "name that file"),
        (["detect", CAT, "--resume"], "--resume wants a folder"),
        (["detect", CAT, "--save", "none"], "no image"),
    ],
)
def test_else_it_is_wrong_usage(tmp_path: Path, words: list[object], reason: str):
    ran = dlcli(*words, "--out", tmp_path / "result.jpg")
    assert (ran.code, ran.out, os.listdir(tmp_path)) == (2, "", [])
    assert reason in ran.err


def test_a_folder_of_that_name_is_a_folder(tmp_path: Path):
    (tmp_path / "odd.jpg").mkdir()
    assert dlcli("detect", CAT, "--out", tmp_path / "odd.jpg").code == 0
    assert (tmp_path / "odd.jpg/results.jsonl").exists()


def test_a_closed_standard_output_does_not_end_a_run_with_out(tmp_path: Path):
    script = f"{sys.executable} -m dlcli detect {CAT} {CAT.parent}/coffee.jpg --json --out {tmp_path}/o >&-"
    done = subprocess.run(["sh", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "o/results.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize("place", ["a.txt/report.xml", "folder", f"{'x' * 300}.xml", "link/report.xml"])
def test_a_report_that_cannot_be_written_is_refused_before_the_first_image(tmp_path: Path, place: str):
    (tmp_path / "a.txt").write_text("words")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    before = sorted(os.listdir(tmp_path))
    ran = dlcli("detect", CAT, "--report", f"junit={tmp_path / place}", "--json")
    assert (ran.code, ran.out) == (2, "")
    assert "--report junit=" in ran.err
    assert sorted(os.listdir(tmp_path)) == before
