"""--max-memory: sizes in words, estimates that hold against the real program, and a peak that stays below the limit."""

import itertools
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import ClassVar

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dlcli.batch.admission import Admission
from dlcli.batch.budget import LIMIT
from dlcli.batch.memory import MemoryLimit, budget_pixels, look_at, parse_size, show_size, too_large
from dlcli.batch.memory_estimate import ENCODE, FORMATS, READ, SAVES, STEPS, Changed, Stored, after, estimate, stages
from dlcli.errors import PictureError, UsageError
from dlcli.imaging.header import read_header
from dlcli.imaging.step_table import FORMS
from dlcli.imaging.steps import apply_steps, parse_steps
from dlcli.records import Source
from dlcli.tasks.contract import TaskDefaults
from dlcli.tasks.registry import all_tasks
from dlcli.tasks.style_transfer.options import Method, StyleOptions
from tests.benchmarks.memory import KINDS, SMALL, Peak, peak_of, picture
from tests.program import CAT, dlcli

MEGAPIXELS_8 = (3200, 2500)
UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
TASKS = all_tasks()


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("500000000", 500_000_000),
        ("800MB", 800_000_000),
        ("1GiB", 2**30),
        ("1.5 GB", 1_500_000_000),
        ("  2g ", 2_000_000_000),
        ("0.5KiB", 512),
        (".5M", 500_000),
        ("3 b", 3),
        ("1Ti", 2**40),
        ("1.9B", 1),
        ("0.1GiB", 107_374_182),
    ],
)
def test_sizes_in_words(text: str, size: int):
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text",
    ["", " ", "0", "0MB", "0.5", "0.9b", "-1", "-1GB", "nan", "inf", "1e9", "12 apples", "GB", "1,5GB", "1.GB", "1 iB",
     "1i", "1PB", "1 G B", "1GBB", "0x10", "٣MB", "1²", "1" * 30, "9" * 20 + "T", "1\n2"],
)  # fmt: skip
def test_what_is_no_size_is_refused(text: str):
    with pytest.raises(UsageError, match=rf"--max-memory {re.escape(text)}: expected a size such as 800MB"):
        parse_size(text)


@given(st.integers(1, 10**6), st.sampled_from("kKmMgGtT"), st.booleans(), st.sampled_from(["", "b", "B"]))
def test_whole_sizes(number: int, unit: str, binary: bool, byte: str):
    power = "KMGT".index(unit.upper()) + 1
    assert parse_size(f"{number}{unit}{'i' * binary}{byte}") == number * (1024 if binary else 1000) ** power


@given(st.text(max_size=12))
def test_any_text_is_a_size_or_a_usage_error(text: str):
    with suppress(UsageError):
        assert parse_size(text) > 0


@given(st.integers(1, 10**14))
def test_shown_sizes_read_back_to_two_digits(size: int):
    shown = show_size(size)
    assert parse_size(shown.replace(" bytes", "")) == pytest.approx(size, rel=0.051 if size >= 1000 else 0)


def test_every_step_save_and_format_is_in_the_tables():
    names = {form.name for form in FORMS} - {"resize", "letterbox", "denoise"}
    methods = next(a for form in FORMS if form.name == "denoise" for a in form.arguments if a.name == "method").choices
    assert set(STEPS) == {*names, *methods}
    for name, task in TASKS.items():
        assert set(task.saves) == set(SAVES[name]), name
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
    assert need["for --pre clahe"] == pytest.approx(12.1e6)  # the picture, the step before, and what clahe takes
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
    small, large = (estimate(task, StyleOptions(style=styles), (), ("picture",), side, side) for side in (1280, 4000))
    assert large - small == pytest.approx(12 * (4000**2 - 1280**2))  # the network's part is the same
    asked = estimate(task, StyleOptions(style=styles, size=320), (), ("picture",), 4000, 4000)
    assert large - asked == pytest.approx(500 * (1280**2 - 320**2))
    slow = estimate(task, StyleOptions(style=styles, method=Method.OPTIMISE), (), ("picture",), 512, 512)
    assert slow >= 2000 * 512 * 512


def test_a_task_that_is_not_in_the_tables_is_reckoned_too():
    class Other(TaskDefaults):
        name: ClassVar[str] = "depth"

    plain = estimate(Other(), None, (), (), 1000, 1000)  # type: ignore[arg-type]
    assert 6e6 < plain < estimate(Other(), None, (), ("map",), 1000, 1000)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_how_a_picture_is_stored_is_seen_in_its_header(tmp_path: Path, kind: str):
    path = picture(tmp_path, kind, (60, 40))
    expected = {"turned": "jpeg", "cmyk": "rgb", "palette": "grey", "tiff": "rgb",
                "tiff16": "rgb16", "bmp": "rgb", "gif": "grey"}  # fmt: skip
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


def limit_of(total: int, base: int = 100_000_000, chain: str = "") -> MemoryLimit:
    task = TASKS["detect"]
    return MemoryLimit(total, base, task, task.options(), parse_steps(chain), ())


def share(limit: MemoryLimit, source: Source) -> int:
    data = source.path.read_bytes()  # type: ignore[union-attr]
    return limit.share(source, read_header(data), len(data))


def test_shares_keep_both_limits():
    """Whatever fits the budget of pixels together fits the bytes together."""
    source = Source.of_file(CAT)
    width, height, stored = look_at(source)
    need = estimate(TASKS["detect"], None, (), (), width, height, stored=stored)
    for room in (need, 2 * need, 5 * need + 3):
        assert LIMIT // share(limit_of(100_000_000 + room), source) == room // need
    assert share(limit_of(10**12), source) == width * height


def test_a_picture_that_needs_more_is_refused_in_words():
    width, height, _ = look_at(Source.of_file(CAT))
    with pytest.raises(PictureError) as caught:
        share(limit_of(101_000_000, chain="sharpen"), Source.of_file(CAT))
    assert caught.value.kind == "memory"
    assert re.fullmatch(
        rf"{re.escape(str(CAT))}: {width:,} x {height:,} pixels would need about 10\d MB in all, most of it "
        "for --pre sharpen, more than --max-memory 101 MB; "
        "leave out --pre sharpen, make the picture smaller, or raise the limit",
        str(caught.value),
    )
    error = too_large(5_200_000_000, 10**9, "a.jpg", 24_000, 18_000)
    assert str(error) == (
        "a.jpg: 24,000 x 18,000 pixels would need about 5.2 GB in all, more than --max-memory 1 GB; "
        "make the picture smaller, or raise the limit"
    )


def test_fewer_threads_are_the_first_advice_where_they_are_enough():
    limit, source = replace(limit_of(101_000_000, chain="sharpen"), spare=50_000_000), Source.of_file(CAT)
    with pytest.raises(PictureError, match="more than --max-memory 101 MB; give --threads 1, or raise the limit"):
        share(limit, source)
    with pytest.raises(PictureError, match="; leave out --pre sharpen, make the picture smaller"):
        share(replace(limit, spare=1), source)


def test_more_pixels_than_the_header_told_are_refused_before_they_are_decoded():
    taken: list[int] = []
    admission = Admission(Source.of_file(CAT), taken.append, limit_of(200_000_000), 10**8)
    admission.on_file(CAT.read_bytes())
    width, height, _ = look_at(Source.of_file(CAT))
    admission.on_pixels(width * height)
    (share,) = taken
    assert share >= width * height
    with pytest.raises(PictureError, match="has 40,000,000 pixels, more than its header says"):
        admission.on_pixels(40_000_000)


def test_records_that_are_kept_take_room_from_pictures():
    limit = limit_of(150_000_000)
    before = share(limit, Source.of_file(CAT))
    for _ in range(1000):
        limit.keep(1000)
    assert share(limit, Source.of_file(CAT)) > before
    for _ in range(3000):
        limit.keep(1000)
    with pytest.raises(PictureError, match="the records kept for --report and --save coco leave no room"):
        share(limit, Source.of_file(CAT))


def test_pixels_that_may_be_alive():
    assert budget_pixels(1_100_000_000, 100_000_000, 20) == 50_000_000
    assert budget_pixels(10**12, 10**8, 20) == LIMIT
    assert budget_pixels(10**8, 2 * 10**8, 20) == 0


WAYS = {
    "detect": ("jpeg", ["detect"]),
    "alpha": ("alpha", ["classify"]),
    "steps": ("jpeg", ["classify", "--pre", "clahe | sharpen"]),
    "annotated": ("jpeg", ["detect", "--save", "annotated"]),
    "segment": ("jpeg", ["segment", "--save", "overlay,masks"]),
    "16 bits": ("rgb16", ["preprocess", "--gamma", "0.8", "--format", "jpg"]),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures")


@pytest.mark.parametrize("way", WAYS)
def test_the_estimate_holds_and_is_not_wasteful(folder: Path, tmp_path: Path, way: str):
    """Of the real program, whose peak is the kernel's: what 8 megapixels add to a small picture."""
    kind, (task, *words) = WAYS[way]
    small, large = (
        ran(task, picture(folder, kind, size), *words, out=tmp_path / str(size[0])) for size in (SMALL, MEGAPIXELS_8)
    )
    growth = large.peak - small.peak
    assert growth <= large.need <= 2.5 * growth
    assert large.peak <= large.base + large.need
    assert small.base <= 2 * small.peak


def ran(task: str, *words: object, out: Path, limit: str = "100GB") -> Peak:
    writes = "--save" in words or task == "preprocess"
    done = peak_of(task, *words, *(["--out", out] if writes else []), limit=limit)
    assert done.code in (0, 3), done.error
    return done


@pytest.mark.parametrize("threads", [1, 3])
def test_the_program_stays_below_the_limit(folder: Path, tmp_path: Path, threads: int):
    """Ten pictures of 1 to 8 megapixels: some wait for others, those that are too large are told, none is more."""
    for number, scale in zip(range(10), itertools.cycle((0.4, 1.0, 0.6)), strict=False):
        size = round(MEGAPIXELS_8[0] * scale), round(MEGAPIXELS_8[1] * scale)
        (tmp_path / f"{number}.jpg").symlink_to(picture(folder, "jpeg", size))
    large = MEGAPIXELS_8[0] * 2, MEGAPIXELS_8[1] * 2
    Image.new("RGBA", large, (200, 100, 50, 128)).save(tmp_path / "huge.png", compress_level=1)
    words = [tmp_path, "--threads", threads, "--save", "annotated"]
    done = ran("detect", *words, out=tmp_path / "out", limit="320MB")
    assert done.code == 3
    assert done.peak <= 320_000_000
    assert "huge.png: 6,400 x 5,000 pixels would need about" in done.error
    assert "most of it to read it, more than --max-memory 320 MB; convert it to JPEG, make it smaller" in done.error
    assert len(list((tmp_path / "out").glob("*.jpg"))) == 10


def test_a_limit_that_the_program_alone_needs_is_refused(tmp_path: Path):
    done = dlcli("detect", CAT, "--threads", 1, "--max-memory", "50MB", process=True)
    assert done.code == 2
    assert re.search(r"--max-memory 50MB: voc@\S+ takes about 1\d\d MB without any picture; expected some", done.err)


def test_a_bad_size_is_refused_before_anything(tmp_path: Path):
    done = dlcli("detect", CAT, "--max-memory", "much", process=True)
    assert (done.code, "--max-memory much: expected a size such as 800MB" in done.err) == (2, True)


def test_the_record_says_so(tmp_path: Path):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((4000, 5000, 3), np.uint8))
    done = dlcli("detect", tmp_path / "a.png", "--threads", 1, "--json", "--max-memory", "300MB", process=True)
    assert done.code == 3
    assert '"error":{"kind":"memory","message":"' in done.out
