"""The HTML page as its bytes say it is: self-contained, escaped, with the images that the records name.

test_html_in_browser.py opens it.
"""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dlcli.batch.gates.outcome import GateOutcome
from dlcli.batch.reports.html import page as html_page
from dlcli.batch.reports.html.page import chosen, render
from dlcli.batch.reports.html.templates import ASSETS, templates_of
from dlcli.batch.reports.html.thumbnails import thumbnail_of
from dlcli.batch.reports.predictions import BrokenGates
from dlcli.imaging.drawing.palette import label_color
from dlcli.ops.masks import rle_counts, rle_to_string
from dlcli.records import Crop
from tests.batch.reports.conftest import COMMANDS, failed, found, summary_of


class Page(HTMLParser):
    """Tags with their attributes, and the text of the page without style and script."""

    def __init__(self, data: bytes):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.parts: list[str] = []
        self.inside = ""
        self.feed(data.decode())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = tag

    def handle_data(self, data):
        if self.inside not in {"style", "script"}:
            self.parts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [have for name, have in self.tags if name == tag and wanted.items() <= have.items()]

    def images(self) -> list[Image.Image]:
        uris = [have["href"] or "" for have in self.all("image")]
        return [Image.open(BytesIO(base64.b64decode(uri.partition(",")[2]))) for uri in uris]


@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_is_asked_of_anyone(runs, name):
    page = Page(render(runs[name].summary, runs[name].records, runs[name].out))
    assert page.all("image")
    for tag, have in page.tags:
        for key in ("src", "href", "srcset", "action", "data", "poster"):
            assert (have.get(key) or "data:").startswith("data:"), (tag, have)
        assert "style" not in have, "the policy would not apply it"
        assert not any(key.startswith("on") for key in have)


def test_the_policy_allows_the_page_s_own_style_and_script_alone(runs):
    data = render(runs["segment"].summary, runs["segment"].records).decode()
    policy = Page(data.encode()).all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"] or ""
    for tag in ("style", "script"):
        (inner,) = re.findall(f"<{tag}>(.*?)</{tag}>", data, re.S)
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", COMMANDS)
def test_failures_gates_and_every_image_are_told(runs, name):
    run = runs[name]
    text = Page(render(run.summary, run.records, run.out)).text
    assert all(record["source"] in text for record in run.records)
    assert text.index("damaged.jpg") < text.index("astronaut.jpg") < text.index("cat.jpg")
    assert "the file is empty (0 bytes)" in text
    for gate in run.summary.gates:
        assert gate.reason in text
    assert run.summary.sentence in text


def test_thumbnails_are_the_images():
    record = found("sample_data/rocket.jpg") | {"width": 640, "height": 427}
    (shown,) = Page(render(summary_of([record]), [record])).images()
    whole = Image.open("sample_data/rocket.jpg").convert("RGB").resize(shown.size, Image.Resampling.BOX)
    assert shown.size == (640, 427)
    assert np.abs(np.asarray(shown.convert("RGB"), int) - np.asarray(whole, int)).mean() < 6


def test_a_part_of_an_image_shows_that_part():
    crop = Crop(2, "cat", (100.2, 50.0, 200.0, 150.0)).fields()
    record = found("sample_data/cat.jpg") | {"crop": crop, "width": 100, "height": 100}
    page = Page(render(summary_of([record]), [record]))
    (shown,) = page.images()
    whole = Image.open("sample_data/cat.jpg").convert("RGB").crop((100, 50, 200, 150))
    assert np.abs(np.asarray(shown.convert("RGB"), int) - np.asarray(whole, int)).mean() < 6
    assert "cat.jpg#2" in page.text


@pytest.mark.parametrize("name", ["gone.jpg", "-", "sample_data/broken/empty.jpg", "a\0b.jpg", "\ud800.jpg"])
def test_an_image_that_cannot_be_read_now_has_a_placeholder(name):
    page = Page(render(summary_of([found(name)]), [found(name, "cat")]))
    assert not page.all("image")
    assert "cannot be read now" in page.text
    assert page.all("rect", **{"class": "line"})  # the box is drawn all the same


def test_a_name_that_is_not_utf_8_is_read_by_its_bytes(tmp_path):
    name = os.fsencode(tmp_path) + b"/\xff.png"
    Path(os.fsdecode(name)).write_bytes(Path("sample_data/shapes/images/01.png").read_bytes())
    record = found(name.decode("utf-8", "replace")) | {"source_bytes": base64.b64encode(name).decode()}
    assert Page(render(summary_of([record]), [record])).images()


def test_boxes_lie_where_they_are():
    """On a stage of 320 x 240 an image of 640 x 320 is 320 x 160, 40 below the top."""
    record = found("none.jpg", "cat") | {"width": 640, "height": 320}
    record["detections"][0]["box"] = [64.0, 32.0, 320.0, 320.0]
    (line,) = Page(render(summary_of([record]), [record])).all("rect", **{"class": "line"})
    assert [float(line[key] or 0) for key in ("x", "y", "width", "height")] == [32, 56, 128, 144]


def test_masks_are_drawn_in_their_class_s_color():
    mask = np.zeros((48, 64), bool)
    mask[10:40, 20:60] = True
    rle = {"size": [48, 64], "counts": rle_to_string(rle_counts(mask))}
    record = found("sample_data/shapes/images/01.png") | {"schema": "dlcli.segment/1"}
    record["classes"] = [{"label": "cat", "class_id": 8, "share": 0.39, "rle": rle}]
    del record["detections"]
    _, shown = Page(render(summary_of([record], "segment"), [record])).images()
    pixels = np.asarray(shown.convert("RGBA"))
    assert pixels.shape == (48, 64, 4)
    assert np.array_equal(pixels[..., 3] > 0, mask)
    assert (pixels[mask][:, :3] == label_color("cat")).all()
    assert pixels[20, 30, 3] < pixels[10, 30, 3] == 255  # the edge is opaque


def test_what_a_task_made_is_shown_beside_its_image(runs):
    run = runs["style-transfer"]
    with_out = Page(render(run.summary, run.records, run.out))
    assert len(with_out.all("image")) == 18 == 2 * len(Page(render(run.summary, run.records)).all("image"))
    assert len(with_out.all("figcaption")) == 18


HURTS = ["<script>alert(1)</script>.jpg", '"><img src=x onerror=alert(1)>', "a&amp;b", "a\nb\u202ecod.jpg", "</title>"]


@pytest.mark.parametrize("name", HURTS)
def test_text_stays_text(name):
    gate = GateOutcome("--fail-if", name, True, (name,), name)
    records = [failed(name, name, name), found(name, name)]
    summary = summary_of(records, gates=(gate,))
    page = Page(render(summary, records))
    plain = Page(render(summary_of([failed("x"), found("x", "x")], gates=(gate,)), [failed("x"), found("x", "x")]))
    assert len(page.all("script")) == 1
    assert not page.all("img")
    assert len(page.tags) >= len(plain.tags)
    assert page.text.count(name.replace("\n", "\\x0a").replace("\u202e", "\\x202e")) >= 5


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(), min_size=1))
def test_any_text_leaves_the_page_as_it_is(name):
    records = [failed(f"x{name}"), found(f"x{name}", name)]
    page, plain = (Page(render(summary_of(some), some)) for some in (records, [failed("x"), found("x", "x")]))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]


def test_a_page_holds_so_many_images_and_those_that_broke_a_gate_stay(monkeypatch):
    monkeypatch.setattr(html_page, "MOST_IMAGES", 3)
    records = [found(f"{i}.jpg") for i in range(6)]
    broken = BrokenGates([GateOutcome("--require", "x", True, ("1.jpg", "4.jpg"), "")])
    assert [record["source"] for record in chosen(records, broken, 3)] == ["0.jpg", "1.jpg", "4.jpg"]
    assert chosen(records, broken, 6) == records
    assert "2,000" not in Page(render(summary_of(records), records)).text


def test_a_cut_page_says_so():
    records = [found(f"{i}.jpg") for i in range(html_page.MOST_IMAGES + 2)]
    assert (
        "This page shows 2,000 of 2,002 images; the filters count what is on them."
        in Page(render(summary_of(records), records)).text
    )


def test_the_page_is_in_the_package():
    """pyproject.toml names what is no Python file."""
    text = Path("pyproject.toml").read_text()
    assert json.dumps("batch/reports/html/assets/*") in text


def test_equal_runs_are_equal_pages(runs):
    run = runs["segment"]
    assert render(run.summary, run.records, run.out) == render(run.summary, run.records, run.out)


def test_a_text_of_the_templates_that_is_not_given_is_an_error():
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        templates_of(ASSETS).from_string("{{ none_such }}").render()


def test_the_templates_are_loaded_for_this_report_alone(tmp_path):
    code = (
        "import sys; from dlcli.cli.app import run, build_app; "
        "run(build_app(), sys.argv[1:]); print('jinja2' in sys.modules)"
    )
    for kind, loaded in (("markdown", "False"), ("html", "True")):
        words = ["detect", "sample_data/cat.jpg", "--quiet", "--report", f"{kind}={tmp_path}/report.{kind}"]
        done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == loaded


def test_an_image_of_fractions_is_shown_stretched(tmp_path):
    """It was read by --range, which a report does not know."""
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(tmp_path / "a.tif", np.linspace(-1, 1, 40 * 30, dtype=np.float32).reshape(30, 40))
    shown = thumbnail_of({"source": str(tmp_path / "a.tif"), "width": 40, "height": 30})
    pixels = np.array(Image.open(BytesIO(base64.b64decode(shown.uri.partition(",")[2]))))
    assert pixels[0].mean() < 20 < 235 < pixels[-1].mean()
