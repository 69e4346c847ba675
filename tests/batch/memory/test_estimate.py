"""What an image is reckoned to need: each stage, each task, each form in its file."""

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import ClassVar

import numpy as np
import pytest

from dlcli.batch.memory.estimate import estimate, stages
from dlcli.batch.memory.limit import look_at
from dlcli.imaging.footprint import ENCODE, FORMATS, READ, STEPS, Changed, Stored, after
from dlcli.imaging.steps.chain import apply_steps, parse_steps
from dlcli.imaging.steps.table import FORMS
from dlcli.records import Source
from dlcli.tasks.contract import Task
from dlcli.tasks.registry import all_tasks
from dlcli.tasks.style_transfer.options import Method, StyleOptions
from tests.benchmarks.memory import KINDS, image

TASKS = all_tasks()


def test_every_step_save_and_format_is_in_the_tables():
    names = {form.name for form in FORMS} - {"resize", "letterbox", "denoise"}
    methods = next(a for form in FORMS if form.name == "denoise" for a in form.arguments if a.name == "method").choices
    assert set(STEPS) == {*names, *methods}
    for name, task in TASKS.items():
        assert not task.memory.known or set(task.saves) == set(task.memory.saves), name
    assert {*FORMATS.values(), "png"} == set(ENCODE)


@pytest.mark.parametrize(
    "chain", ["resize(30)", "resize(30,50)", "letterbox(40)", "letterbox(40,20) | gamma(2)", "clahe"]
)
@pytest.mark.parametrize("deep", [False, True])
def test_what_steps_make_is_as_large_as_reckoned(chain: str, deep: bool):
    pixels = np.zeros((24, 61, 3), np.uint16 if deep else np.uint8)
    changed = Changed(61, 24, deep)
    for step in parse_steps(chain):
        changed, need = after(step, changed)
        assert need >= changed.size
    made, _ = apply_steps(pixels, parse_steps(chain))
    assert (changed.height, changed.width, changed.size) == (*made.shape[:2], made.nbytes)


def test_the_peak_is_the_largest_stage_not_the_sum():
    task = TASKS["detect"]
    need = stages(
        task, task.options(), parse_steps("clahe | gamma(2) | clahe"), ("annotated",), 1000, 1000, False, Stored()
    )
    assert list(need) == ["to read it", "for --pre clahe", "for --pre gamma", "to predict", "for --save annotated"]
    assert need["for --pre clahe"] == pytest.approx(12.1e6)  # the image, the step before, and what clahe takes
    everything = estimate(task, task.options(), parse_steps("clahe | gamma(2)"), ("annotated",), 1000, 1000)
    assert everything == need["for --save annotated"] < sum(need.values())


def test_a_step_that_narrows_16_bits_counts_it():
    task = TASKS["preprocess"]
    need = stages(task, task.options(), parse_steps("denoise"), (), 1000, 1000, True, Stored("rgb16", 0, ".png"))
    assert need["for --pre denoise"] == pytest.approx(15.1e6)
    wide = stages(task, task.options(), parse_steps("denoise"), (), 1000, 1000, False, Stored("rgb16", 0, ".png"))
    assert wide["for --pre denoise"] == pytest.approx(9.1e6)
    assert wide["to read it"] == 1e6 * READ["rgb16"][0]


def test_painting_is_bounded_by_the_size_that_is_painted_at():
    task, styles = TASKS["style-transfer"], ["starry-night"]
    small, large = (estimate(task, StyleOptions(style=styles), (), ("image",), side, side) for side in (1280, 4000))
    assert large - small == pytest.approx(12 * (4000**2 - 1280**2))  # the network's part is the same
    asked = estimate(task, StyleOptions(style=styles, size=320), (), ("image",), 4000, 4000)
    assert large - asked == pytest.approx(500 * (1280**2 - 320**2))
    slow = estimate(task, StyleOptions(style=styles, method=Method.OPTIMIZE), (), ("image",), 512, 512)
    assert slow >= 2000 * 512 * 512


def test_a_task_that_is_not_in_the_tables_is_reckoned_too():
    class Other(Task):
        name: ClassVar[str] = "depth"

    plain = estimate(Other(), None, (), (), 1000, 1000)  # type: ignore[arg-type]
    assert 6e6 < plain < estimate(Other(), None, (), ("map",), 1000, 1000)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_how_an_image_is_stored_is_seen_in_its_header(tmp_path: Path, kind: str):
    path = image(tmp_path, kind, (60, 40))
    expected = {"turned": "jpeg", "cmyk": "rgb", "palette": "gray", "tiff": "rgb",
                "tiff16": "rgb16", "bmp": "rgb", "gif": "gray"}  # fmt: skip
    width, height, stored = look_at(Source.of_file(path))
    assert (width, height) == (60, 40)
    assert replace(stored, extra=0) == Stored(expected.get(kind, kind), path.stat().st_size, path.suffix)
    assert stored.extra < 4 * path.stat().st_size + 4000
    piped = Source("-", None, PurePosixPath("stdin"), path.read_bytes())
    assert look_at(piped)[2] == replace(stored, suffix="")


def test_a_header_that_cannot_be_read_is_the_costliest():
    bad = Source("-", None, PurePosixPath("a.png"), b"\x89PNG\r\n\x1a\nwords")
    assert look_at(bad) == (0, 0, Stored("alpha16", 13, ".png"))
    assert READ["alpha16"] == max(READ.values())
