"""--max-memory: what is refused and how, and the real program's peak, which stays below the limit."""

import itertools
import re
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from dlcli.batch.memory.admission import Admission
from dlcli.batch.memory.budget import LIMIT
from dlcli.batch.memory.estimate import estimate
from dlcli.batch.memory.limit import MemoryLimit, budget_pixels, look_at, too_large
from dlcli.errors import ImageError
from dlcli.imaging.formats.header import read_header
from dlcli.imaging.steps.chain import parse_steps
from dlcli.records import Source
from dlcli.tasks.registry import all_tasks
from tests.benchmarks.memory import SMALL, Peak, image, peak_of
from tests.program import CAT, dlcli

MEGAPIXELS_8 = (3200, 2500)
TASKS = all_tasks()


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


def test_an_image_that_needs_more_is_refused_in_words():
    width, height, _ = look_at(Source.of_file(CAT))
    with pytest.raises(ImageError) as caught:
        share(limit_of(101_000_000, chain="sharpen"), Source.of_file(CAT))
    assert caught.value.kind == "memory"
    assert re.fullmatch(
        rf"{re.escape(str(CAT))}: {width:,} x {height:,} pixels would need about 10\d MB in all, most of it "
        "for --pre sharpen, more than --max-memory 101 MB; "
        "leave out --pre sharpen, make the image smaller, or raise the limit",
        str(caught.value),
    )
    error = too_large(5_200_000_000, 10**9, "a.jpg", 24_000, 18_000)
    assert str(error) == (
        "a.jpg: 24,000 x 18,000 pixels would need about 5.2 GB in all, more than --max-memory 1 GB; "
        "make the image smaller, or raise the limit"
    )


def test_fewer_threads_are_the_first_advice_where_they_are_enough():
    limit, source = replace(limit_of(101_000_000, chain="sharpen"), spare=50_000_000), Source.of_file(CAT)
    with pytest.raises(ImageError, match="more than --max-memory 101 MB; give --threads 1, or raise the limit"):
        share(limit, source)
    with pytest.raises(ImageError, match="; leave out --pre sharpen, make the image smaller"):
        share(replace(limit, spare=1), source)


def test_more_pixels_than_the_header_told_are_refused_before_they_are_decoded():
    taken: list[int] = []
    admission = Admission(Source.of_file(CAT), taken.append, limit_of(200_000_000), 10**8)
    admission.on_file(CAT.read_bytes())
    width, height, _ = look_at(Source.of_file(CAT))
    admission.on_pixels(width * height)
    (share,) = taken
    assert share >= width * height
    with pytest.raises(ImageError, match="has 40,000,000 pixels, more than its header says"):
        admission.on_pixels(40_000_000)


def test_records_that_are_kept_take_room_from_images():
    limit = limit_of(150_000_000)
    before = share(limit, Source.of_file(CAT))
    for _ in range(1000):
        limit.keep(1000)
    assert share(limit, Source.of_file(CAT)) > before
    for _ in range(3000):
        limit.keep(1000)
    with pytest.raises(ImageError, match="the records kept for --report and --save coco leave no room"):
        share(limit, Source.of_file(CAT))


def test_pixels_that_may_be_alive():
    assert budget_pixels(1_100_000_000, 100_000_000, 20) == 50_000_000
    assert budget_pixels(10**12, 10**8, 20) == LIMIT
    assert budget_pixels(10**8, 2 * 10**8, 20) == 0


WAYS = {
    "detect": ("jpeg", ["detect", "--full-decode"]),
    "alpha": ("alpha", ["classify"]),
    "steps": ("jpeg", ["classify", "--pre", "clahe | sharpen"]),
    "annotated": ("jpeg", ["detect", "--save", "annotated"]),
    "segment": ("jpeg", ["segment", "--save", "overlay,masks"]),
    "16 bits": ("rgb16", ["preprocess", "--gamma", "0.8", "--format", "jpg"]),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("images")


@pytest.mark.parametrize("way", WAYS)
def test_the_estimate_holds_and_is_not_wasteful(folder: Path, tmp_path: Path, way: str):
    """Of the real program, whose peak is the kernel's: what 8 megapixels add to a small image."""
    kind, (task, *words) = WAYS[way]
    small, large = (
        ran(task, image(folder, kind, size), *words, out=tmp_path / str(size[0])) for size in (SMALL, MEGAPIXELS_8)
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
    """Ten images of 1 to 8 megapixels: some wait for others, those that are too large are told, none is more."""
    for number, scale in zip(range(10), itertools.cycle((0.4, 1.0, 0.6)), strict=False):
        size = round(MEGAPIXELS_8[0] * scale), round(MEGAPIXELS_8[1] * scale)
        (tmp_path / f"{number}.jpg").symlink_to(image(folder, "jpeg", size))
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
    assert re.search(r"--max-memory 50MB: coco@\S+ takes about 1\d\d MB without any image; expected some", done.err)


def test_a_bad_size_is_refused_before_anything(tmp_path: Path):
    done = dlcli("detect", CAT, "--max-memory", "much", process=True)
    assert (done.code, "--max-memory much: expected a size such as 800MB" in done.err) == (2, True)


def test_the_record_says_so(tmp_path: Path):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((4000, 5000, 3), np.uint8))
    done = dlcli("detect", tmp_path / "a.png", "--threads", 1, "--json", "--max-memory", "300MB", process=True)
    assert done.code == 3
    assert '"error":{"kind":"memory","message":"' in done.out


def test_an_image_that_is_decoded_in_part_needs_less(tmp_path: Path, folder: Path):
    """12 megapixels at a quarter of their size fit where all of their pixels do not."""
    photo = image(folder, "jpeg", (4000, 3000))
    limit = "170MB"
    done = ran("detect", photo, out=tmp_path / "a", limit=limit)
    assert done.code == 0, done.error
    assert done.peak <= 170_000_000
    assert ran("detect", photo, "--full-decode", out=tmp_path / "b", limit=limit).code == 3
