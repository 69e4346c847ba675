"""The HTML page opened in a real browser without a window: filters clicked, the slider moved, requests watched."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dlcli.batch.reports.html.page import render
from tests.batch.reports.conftest import Run, failed, found, summary_of
from tests.browser import SHOTS


class Opened:
    """A page in the browser, with what it asked for and complained of."""

    def __init__(self, browser: Any, file: Path, **options: Any):
        self.page, self.file = browser.new_page(**options), file
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(file.as_uri())

    def names(self) -> list[str]:
        return [text.rpartition("/")[2] for text in self.page.locator(".card:visible h3").all_text_contents()]

    def status(self) -> str:
        return self.page.locator(".status").inner_text()

    def slide(self, value: float) -> None:
        self.page.locator("#least").fill(str(value))

    def label(self, text: str) -> Any:
        return self.page.locator(".chip", has_text=text)

    def view(self, text: str) -> None:
        self.page.locator(".views label", has_text=text).click()


def found_labels(run: Run) -> dict[str, list[str]]:
    """The labels of each image's boxes, by the image's name, in the order of the records."""
    read = [record for record in run.records if record["ok"]]
    return {record["source"].rpartition("/")[2]: [found["label"] for found in record["detections"]] for record in read}


@pytest.fixture
def open_run(browser, tmp_path) -> Iterator[Any]:
    opened: list[Opened] = []

    def open_it(run: Run, **options: Any) -> Opened:
        file = tmp_path / "report.html"
        file.write_bytes(render(run.summary, run.records, run.out))
        opened.append(Opened(browser, file, **options))
        return opened[-1]

    yield open_it
    for one in opened:
        own = [url for url in one.requests if not url.startswith(("data:", "file:"))]
        assert (own, one.complaints) == ([], [])
        assert {url.partition("#")[0] for url in one.requests if url.startswith("file:")} == {one.file.as_uri()}
        one.page.close()


def test_all_is_shown_first(runs, open_run):
    one = open_run(runs["detect"])
    whole = [record for record in runs["detect"].records if record["ok"]]
    assert one.names() == [record["source"].rpartition("/")[2] for record in whole]
    assert one.status() == f"Showing 9 images, {sum(len(record['detections']) for record in whole)} objects."
    assert one.page.locator(".failures li:visible").count() == 4
    assert one.page.locator(".gates li:visible").all_inner_texts()[0].startswith("FAIL")
    assert one.page.locator("svg.stage image").evaluate_all("all => all.every((i) => i.getBBox().width > 10)")


def test_labels_choose_images_and_boxes(runs, open_run):
    one = open_run(runs["detect"])
    one.label("person").click()
    assert one.label("person").get_attribute("aria-pressed") == "true"
    assert one.names() == ["astronaut.jpg"]
    counts = {path: labels.count("person") for path, labels in found_labels(runs["detect"]).items()}
    assert counts["astronaut.jpg"] < len(found_labels(runs["detect"])["astronaut.jpg"])  # else no box could go
    assert one.page.locator(".card:visible rect.line:visible").count() == counts["astronaut.jpg"]
    other = found_labels(runs["detect"])["coffee.jpg"][0]
    one.label(other).click()
    either = [name for name, labels in found_labels(runs["detect"]).items() if {"person", other} & {*labels}]
    assert one.names() == either
    one.page.locator(".clear").click()
    assert len(one.names()) == 9
    assert one.page.locator(".clear:visible").count() == 0


def test_the_address_brings_the_filters_back(runs, open_run):
    one = open_run(runs["detect"])
    one.label("person").click()
    one.slide(0.5)
    one.page.locator("#sort").select_option("name")
    assert one.page.url.endswith("#label=person&least=0.5&sort=name")
    one.page.reload()
    assert one.names() == ["astronaut.jpg"]
    assert one.page.locator("#sort").input_value() == "name"
    one.page.locator(".clear").click()
    assert "#" not in one.page.url


def test_images_are_sorted(runs, open_run):
    one = open_run(runs["detect"])
    came = one.names()
    one.page.locator("#sort").select_option("best")
    best = [
        max(map(float, card.locator(".v").all_text_contents()), default=-1) for card in one.page.locator(".card").all()
    ]
    assert best == sorted(best, reverse=True)
    one.page.locator("#sort").select_option("")
    assert one.names() == came


def test_a_click_shows_an_image_large(runs, open_run):
    one = open_run(runs["detect"], viewport={"width": 1200, "height": 900})
    small = one.page.locator(".card svg.stage").first.bounding_box()
    assert set(one.page.locator(".zoom").all_inner_texts()) == {""}  # else its name would have to say that text
    one.page.locator(".zoom").first.click()
    assert one.page.locator("dialog[open] h3").inner_text().endswith(one.names()[0])
    assert one.page.locator("dialog svg.stage").bounding_box()["width"] > 2 * small["width"]
    one.page.keyboard.press("ArrowRight")
    assert one.page.locator("dialog[open] h3").inner_text().endswith(one.names()[1])
    one.page.keyboard.press("Escape")
    assert one.page.locator("dialog[open]").count() == 0


@pytest.mark.parametrize("width", [400, 1000, 1320])
def test_five_classes_fit_a_card(runs, open_run, width):
    run = runs["classify"]
    records = [one | {"classes": [*one["classes"], *one["classes"]][:5]} if one["ok"] else one for one in run.records]
    one = open_run(Run(run.summary, records, None), viewport={"width": width, "height": 900})
    rows = one.page.locator(".bars")
    assert rows.count() > 0
    assert rows.evaluate_all("all => all.every((list) => list.scrollHeight <= list.clientHeight)")


def test_the_slider_hides_boxes_below_it(runs, open_run):
    run = runs["detect"]
    one = open_run(run)
    scores = sorted(item["score"] for record in run.records for item in record.get("detections", ()))
    for least in (0.0, 0.5, 0.8, 0.95, 0.3):
        one.slide(least)
        left = sum(score >= least for score in scores)
        assert one.page.locator("rect.line:visible").count() == left
        assert one.page.locator(".finds li:visible").count() == left
        assert len(one.names()) == 9  # images stay, their boxes go
        assert one.page.locator("output").inner_text() == f"{least:.2f}"
    one.slide(0.95)
    one.view("With objects")
    assert one.names() == []
    assert one.page.locator(".empty:visible").count() == 1
    assert one.status().startswith("Showing 0 of 9 images, 0 of ")


def test_views_and_names(runs, open_run):
    one = open_run(runs["detect"])
    one.view("Without")
    assert one.names() == [name for name, labels in found_labels(runs["detect"]).items() if not labels]
    one.view("Failed a gate")
    assert one.names() == ["astronaut.jpg"]
    assert "fails --fail-if count(person) > 0: person 0.78" in (one.page.locator(".card:visible").text_content() or "")
    one.view("All")
    one.page.locator("input[type=search]").fill("BROKEN/p")
    assert one.names() == ["palette.gif"]


def test_by_keyboard_alone(runs, open_run):
    one = open_run(runs["detect"])
    one.page.locator("[name=view]").first.focus()
    one.page.keyboard.press("ArrowRight")
    assert "rocket.jpg" not in one.names()
    one.page.keyboard.press("Tab")
    one.page.keyboard.press("End")  # of the slider
    assert one.names() == []
    one.page.keyboard.press("Home")
    for _ in range(4):  # over the order, the search and the button that clears
        one.page.keyboard.press("Tab")
    one.page.keyboard.press("Space")
    assert one.page.locator(".chip[aria-pressed=true]").count() == 1


def test_masks_and_classes_are_filtered_too(runs, open_run):
    one = open_run(runs["segment"])
    masks = one.page.locator("g.f image:visible")
    assert masks.count() == sum(len(record.get("classes", ())) for record in runs["segment"].records)
    one.label("cat").click()
    assert masks.count() == one.page.locator(".finds li:visible").count() == len(one.names()) == 6
    other = open_run(runs["classify"])
    other.slide(0.5)
    assert other.page.locator(".bars li:visible").count() < other.page.locator(".bars li").count()


def test_a_crowd_of_boxes_shows_the_tag_under_the_pointer(open_run):
    records = [found("a.jpg", *(f"label {i}" for i in range(20)))]
    for i, item in enumerate(records[0]["detections"]):
        item["score"] = round(0.99 - 0.04 * i, 2)
    one = open_run(Run(summary_of(records), records, None))
    tags = one.page.locator("rect.tag:visible")
    assert tags.count() == 0
    one.page.locator(".finds li").nth(3).hover()
    assert tags.count() == 1
    one.page.locator("h1").hover()
    one.slide(0.7)
    assert tags.count() == one.page.locator("rect.line:visible").count() == 8


def test_without_its_script_the_page_shows_all(runs, open_run):
    one = open_run(runs["detect"], java_script_enabled=False)
    assert len(one.names()) == 9
    assert one.page.locator(".controls:visible").count() == 0


def test_a_name_that_is_a_script_does_not_run(open_run):
    name = "<img src=x onerror=\"document.title='broken in'\"><script>document.title='broken in'</script>.jpg"
    records = [failed(name), found(name, name)]
    one = open_run(Run(summary_of(records), records, None))
    assert one.page.title().startswith("dlcli detect")
    assert name.rpartition("/")[2] in one.page.locator(".card h3").inner_text()


@pytest.mark.parametrize("name", ["detect", "classify", "segment", "style-transfer", "check"])
def test_nothing_is_cut_off_at_any_width_by_day_or_night(runs, open_run, name):
    page = open_run(runs[name]).page
    for width, scheme, paper in ((360, "light", "rgb(247, 246, 243)"), (1280, "dark", "rgb(20, 20, 22)")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == paper
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}-{width}-{scheme}.png", full_page=True)
