"""The twelve steps of pipeline.sh, which docs/ci.md shows, as a CI job would run them."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from PIL import Image
from pycocotools.coco import COCO

from tests.program import ROOT, SAMPLES, validate_records

SCRIPT = Path(__file__).parent / "pipeline.sh"
pytestmark = pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")


def run(photos: Path, out: Path, folder: Path) -> subprocess.CompletedProcess:
    program = folder / "bin" / "dlcli"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m dlcli "$@"\n')
    program.chmod(0o755)
    path = {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    words = ["bash", str(SCRIPT), str(photos), str(out)]
    return subprocess.run(
        words, cwd=folder, env=os.environ | path, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pipeline")
    photos = folder / "photos"
    shutil.copytree(SAMPLES / "broken", photos / "broken")
    for path in SAMPLES.glob("*.jpg"):
        shutil.copy(path, photos)
    ran = run(photos, folder / "out", folder)
    assert ran.returncode == 0, ran.stderr
    return folder / "out", ran


def records(path: Path) -> list[dict]:
    validate_records(path.read_text())
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_it_says_what_happens_and_no_more(done):
    _, ran = done
    assert "Traceback" not in ran.stderr
    assert "15 images: 4 unusable, 5 with warnings" in ran.stderr
    assert "pass  --fail-if 'count(dog) > 0': 0 of 11 images match" in ran.stderr
    assert "11 images compared: all the same; nothing drifted" in ran.stderr


def test_every_step_leaves_what_the_next_one_needs(done):
    out, _ = done
    assert len(json.loads((out / "audit.sarif").read_text())["runs"][0]["results"]) >= 9
    assert len(records(out / "bright" / "results.jsonl")) == 15
    found = records(out / "found.jsonl")
    assert len(found) == 11
    assert not any("shard" in record for record in found)
    assert len(records(out / "named.jsonl")) == sum(len(record["detections"]) for record in found)
    cases = ElementTree.parse(out / "junit.xml").getroot()
    assert (cases.get("failures"), cases.get("errors")) == ("0", "0")
    assert (out / "report.html").read_text().count("<svg") >= 9
    assert len(list((out / "found").rglob("*.txt"))) >= 11


def test_the_job_that_was_cut_short_is_whole(done):
    out, _ = done
    masks = records(out / "masks" / "results.jsonl")
    assert [record["source"] for record in masks] == [r["source"] for r in records(out / "again.jsonl")]
    for record in masks:
        name = Path(record["source"]).relative_to(out / "bright").with_suffix(".png")
        assert Image.open(out / "masks" / name).size == (record["width"], record["height"])
    assert not list((out / "masks").rglob(".*"))


def test_other_programs_read_what_it_wrote(done):
    out, _ = done
    coco = COCO(str(out / "coco" / "instances.json"))
    assert len(coco.getImgIds()) == 11
    assert len(coco.getAnnIds()) == sum(len(record["detections"]) for record in records(out / "found.jsonl"))
    cats = (out / "cats.txt").read_text().splitlines()
    assert 6 == len(cats) == len([path for path in (out / "thumbnails").rglob("*.*") if path.suffix != ".jsonl"])


def test_the_page_shows_the_script():
    shown = textwrap.indent(SCRIPT.read_text().partition("\n\n")[2].rstrip(), "    ", lambda line: bool(line.strip()))
    assert shown in (ROOT / "docs/ci.md").read_text()
