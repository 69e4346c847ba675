"""Every relative link of every page leads to a file that is there, and to a heading of it; every page is reached."""

import re
from pathlib import Path

import pytest

from tests.program import ROOT

PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
MOST = 3_000_000  # bytes of all images


def links(page: Path) -> list[str]:
    text = re.sub(r"```.*?```|^    [^\n]*$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for link in links(page):
        name, _, anchor = link.partition("#")
        goal = (page.parent / name) if name else page
        assert goal.is_file(), link
        assert not anchor or anchor in anchors(goal), link


def test_every_page_and_image_is_linked():
    linked = {(page.parent / link.partition("#")[0]).resolve() for page in PAGES for link in links(page)}
    there = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs/gallery").iterdir()]
    assert [path.name for path in there if path.resolve() not in linked] == []


def test_images_are_small():
    assert sum(path.stat().st_size for path in (ROOT / "docs/gallery").iterdir()) < MOST


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120
