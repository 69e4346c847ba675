"""RUN/report.html: what it says, that it holds all it shows, and how it looks in a browser."""

import base64
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest

from dlcli.imaging.writer import write_image
from dlcli.training.runs.report.page import render, write_report
from tests.browser import SHOTS
from tests.evaluation.runs.test_runs import write_run
from tests.program import dlcli


class Page(HTMLParser):
    """The texts, links, images and polylines of a page."""

    def __init__(self, page: bytes):
        super().__init__()
        self.links: list[str] = []
        self.images: list[str] = []
        self.lines: list[str] = []
        self.words: list[str] = []
        self.feed(page.decode())
        self.text = " ".join(self.words)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        kept = {"a": (self.links, "href"), "img": (self.images, "src"), "polyline": (self.lines, "points")}
        if tag in kept:
            kept[tag][0].append(given[kept[tag][1]])

    def handle_data(self, data):
        self.words += data.split()


@pytest.fixture
def run(tmp_path) -> Path:
    """One with a table of classes, images and a file of a strange name."""
    folder = write_run(tmp_path / "a <b>run", lr=0.1, epochs=5, patience=2, size=320)
    (folder / "classes.csv").write_text("class,ap50,truths\ncat & <dog>,0.5000,3\nbird,,0\n")
    pixels = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    (folder / "samples").mkdir()
    for name in ("worst.png", "samples/epoch-1.png", "samples/epoch-2.png", "curves.png"):
        write_image(folder / name, pixels)
    (folder / "a#b?.txt").write_text("x")
    return folder


def test_what_it_says(run):
    page = Page(render(run))
    assert "map50 0.4000 in epoch 1 of 5 done" in page.text
    assert "Early stopping: no better map50 for 1 epochs (--patience 2)." in page.text
    assert "cat & <dog> 0.5000 3" in page.text
    assert "bird - 0" in page.text
    assert "Samples, epoch-2" in page.text
    assert "Samples, epoch-1" not in page.text
    changed, others = page.text.partition("not the default")[2].split("All others")
    assert "--lr 0.1" in changed
    assert "--size 320" in others  # which is detect's default
    assert len(page.lines) == 2  # class and map50


def test_it_holds_all_that_it_shows_and_links_to_what_is_there(run):
    text = write_report(run).read_bytes()
    page = Page(text)
    assert len(page.images) == 2
    for uri in page.images:
        data = base64.b64decode(uri.partition(",")[2])
        assert data[:3] == b"\xff\xd8\xff" or data[:4] == b"\x89PNG"
    assert {unquote(link).rstrip("/") for link in page.links} == {p.name for p in run.iterdir()} - {"report.html"}
    assert not re.search(rb"https?://|<script|<link (?!rel=\"icon\" href=\"data:)", text)
    assert b"<b>run" not in text


@pytest.mark.parametrize(
    ("state", "said"), [("stopped", "--resume"), ("diverged", "no longer a number"), ("done", "Early stopping")]
)
def test_why_it_ended(run, state, said):
    record = json.loads((run / "run.json").read_text()) | {"state": state}
    (run / "run.json").write_text(json.dumps(record))
    assert said in Page(render(run)).text


def test_a_run_of_which_little_is_known(tmp_path):
    """Of before there was a run.json, with a damaged image, of a task that nothing trains."""
    folder = write_run(tmp_path / "run")
    (folder / "run.json").unlink()
    (folder / "metrics.csv").unlink()
    (folder / "sheet.png").write_bytes(b"no image")
    config = json.loads((folder / "config.json").read_text())
    config["card"]["task"] = "segment-birds"
    (folder / "config.json").write_text(json.dumps(config | {"options": {"lr": 0.1}}))
    page = Page(render(folder))
    assert page.images == page.lines == []
    assert "--lr 0.1" in page.text


def test_dlcli_runs_writes_it_again(run):
    (run / "report.html").write_text("old")
    done = dlcli("runs", "report", str(run))
    assert done.out == f"{run / 'report.html'}\n"
    assert (run / "report.html").read_bytes() == render(run)


def test_nothing_is_cut_off_at_any_width_by_day_or_night(run, browser):
    place, complaints = write_report(run), []
    for width, scheme, paper in ((360, "light", "rgb(247, 246, 243)"), (1280, "dark", "rgb(20, 20, 22)")):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(place.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == paper
        assert page.locator("img").evaluate_all("all => all.every((i) => i.naturalWidth == 60)")
        assert page.locator("polyline").evaluate_all("all => all.every((i) => i.getBBox().width >= 0)")
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/run-{width}-{scheme}.png", full_page=True)
        page.close()
    assert complaints == []
