"""--pages all: every page of a stack and every frame of an animation; else how many were left out is said."""

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageSequence, TiffImagePlugin

from dlcli.imaging.color import srgb
from dlcli.imaging.formats.index_png import voc_palette
from dlcli.imaging.steps.chain import apply_steps, parse_steps
from tests.imaging.color.test_color import ADOBE, P3, by_pillow
from tests.imaging.images import gradient
from tests.program import dlcli
from tests.tasks.preprocess.running import preprocess, records

DEEP = [np.roll(gradient(dtype=np.uint16)[: 24 - i, :, 0], i, axis=1) for i in range(3)]


def stack(path, pages, **more):
    images = [Image.fromarray(page) if isinstance(page, np.ndarray) else page for page in pages]
    images[0].save(path, save_all=True, append_images=images[1:], **more)


def pages_of(path):
    with Image.open(path) as image:
        return [np.asarray(page) for page in ImageSequence.Iterator(image)]


def test_a_stack_of_pages_of_several_sizes(tmp_path):
    stack(tmp_path / "a.tif", DEEP, description="ImageJ=1.53t\nimages=3\n")
    ran = preprocess(tmp_path / "a.tif", "--gamma", 0.5, "--pages", "all", "--out", tmp_path / "out", "--json")
    assert ran.code == 0, ran.err
    (record,) = records(ran)
    assert record["notes"] == ["all 3 pages were read"]
    assert "pages_left_out" not in record
    assert "left out" not in ran.reported[-1]
    got = pages_of(tmp_path / "out" / "a.tif")
    for page, made in zip(DEEP, got, strict=True):
        np.testing.assert_array_equal(made, apply_steps(np.dstack([page] * 3), parse_steps("gamma(0.5)"))[0][..., 0])
    tifffile = pytest.importorskip("tifffile")
    with tifffile.TiffFile(tmp_path / "out" / "a.tif") as file:
        assert [page.asarray().shape for page in file.pages] == [page.shape for page in DEEP]


def test_pages_of_masks_and_colors(tmp_path):
    mask = Image.fromarray((gradient()[..., 0] // 50).astype(np.uint8))
    mask.putpalette(voc_palette().tobytes())
    stack(tmp_path / "a.tif", [mask, gradient(), gradient()[..., 1]])
    ran = preprocess(tmp_path / "a.tif", "--resize", 20, "--pages", "all", "--out", tmp_path / "out")
    assert ran.code == 0, ran.err
    with Image.open(tmp_path / "out" / "a.tif") as image:
        kinds = [(page.mode, page.size) for page in ImageSequence.Iterator(image)]
    assert kinds == [("P", (20, 12)), ("RGB", (20, 12)), ("L", (20, 12))]


@pytest.mark.parametrize("to", ["png", "webp", "tiff"])
@pytest.mark.parametrize("given", ["gif", "png", "webp"])
def test_an_animation(tmp_path, given, to):
    colors = [(200, 0, 0), (0, 200, 0), (0, 0, 200)]
    lossless = {"lossless": True} if given == "webp" else {}
    frames = [Image.new("RGB", (16, 12), color) for color in colors]
    stack(tmp_path / f"a.{given}", frames, duration=[100, 200, 300], loop=0, **lossless)
    arguments = ["--pages", "all", "--format", to, "--resize", 8]
    ran = preprocess(tmp_path / f"a.{given}", *arguments, "--out", tmp_path / "out", "--json")
    assert ran.code == 0, ran.err
    with Image.open(tmp_path / "out" / records(ran)[0]["outputs"][0]) as image:
        made = [
            (np.asarray(f.convert("RGB")).astype(int), f.info.get("duration")) for f in ImageSequence.Iterator(image)
        ]
    assert len(made) == 3
    for (pixels, duration), color, expected in zip(made, colors, (100, 200, 300), strict=True):
        assert pixels.shape == (6, 8, 3)
        assert np.abs(pixels - color).max() < 8
        assert duration == expected or to == "tiff"


def test_every_page_has_its_own_profile(tmp_path):
    pages = [Image.fromarray(gradient()) for _ in range(3)]
    parts = []
    for page, profile in zip(pages, (P3, b"", ADOBE), strict=True):
        page.save(tmp_path / "one.tif", dpi=(72, 72), artist="me", **({"icc_profile": profile} if profile else {}))
        parts.append((tmp_path / "one.tif").read_bytes())
    with TiffImagePlugin.AppendingTiffWriter(str(tmp_path / "a.tif"), True) as file:
        for part in parts:
            file.write(part)
            file.newFrame()
    ran = preprocess(tmp_path / "a.tif", "--gamma", 1, "--pages", "all", "--out", tmp_path / "kept")
    assert ran.code == 0, ran.err
    with Image.open(tmp_path / "kept" / "a.tif") as image:
        found = [
            (page.tag_v2.get(34675, b""), page.tag_v2[315], page.info["dpi"]) for page in ImageSequence.Iterator(image)
        ]
    assert found == [(P3, "me", (72, 72)), (b"", "me", (72, 72)), (ADOBE, "me", (72, 72))]
    assert ran.reported[-1] == "1 image: 1 file written"
    preprocess(tmp_path / "a.tif", "--to-srgb", "--pages", "all", "--out", tmp_path / "made")
    for made, profile in zip(pages_of(tmp_path / "made" / "a.tif"), (P3, srgb.PROFILE, ADOBE), strict=True):
        assert np.abs(made - by_pillow(gradient(), profile)).max() <= 1


def test_pages_are_read_by_the_range_of_the_first(tmp_path):
    light = [np.full((6, 8), value, np.float32) for value in (0.0, 0.5, 1.0)]
    stack(tmp_path / "a.tif", light)
    ran = preprocess(tmp_path / "a.tif", "--range", "0,1", "--pages", "all", "--out", tmp_path / "out")
    assert ran.code == 0, ran.err
    assert [int(page.max()) for page in pages_of(tmp_path / "out" / "a.tif")] == [0, 32768, 65535]


def test_what_is_left_out_is_counted(tmp_path):
    stack(tmp_path / "a.tif", DEEP)
    stack(tmp_path / "b.gif", [Image.new("RGB", (8, 8), color) for color in ("red", "blue")])
    ran = preprocess(tmp_path, "--format", "jpg", "--pages", "all", "--out", tmp_path / "out", "--json")
    assert [record["pages_left_out"] for record in records(ran)] == [2, 1]
    assert ran.reported[-1] == "2 images: 2 files written; not looked at: 3 frames and pages after the first"


def test_a_damaged_page_is_named(tmp_path):
    stack(tmp_path / "a.tif", [gradient()] * 2, compression="tiff_adobe_deflate")
    with Image.open(tmp_path / "a.tif") as image:
        image.seek(1)
        (at,) = image.tag_v2[273]
    data = bytearray((tmp_path / "a.tif").read_bytes())
    data[at : at + 8] = bytes(8)
    (tmp_path / "a.tif").write_bytes(data)
    ran = preprocess(tmp_path / "a.tif", "--pages", "all", "--out", tmp_path / "out", "--json")
    assert ran.code == 3
    assert "a.tif page 2: " in records(ran)[0]["error"]["message"]
    assert preprocess(tmp_path / "a.tif", "--gamma", 2, "--out", tmp_path / "first").code == 0


def test_pages_belong_to_files(tmp_path):
    assert preprocess(tmp_path, "--check", "--pages", "all").code == 2
    assert preprocess(tmp_path, "--for", "coco", "--pages", "all", "--out", tmp_path / "o").code == 2


def test_a_large_page_behind_a_small_one_counts_for_max_memory(tmp_path):
    """It is read and written like the first, so the limit holds for it as well."""
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for side in (64, 5000):
            writer.write(np.zeros((side, side, 3), np.uint8), photometric="rgb", compression="zlib")
    words = ("--gamma", 1.2, "--max-memory", "300MB", "--threads", 1, "--out")
    assert dlcli("preprocess", tmp_path / "a.tif", *words, tmp_path / "first").code == 0
    ran = dlcli("preprocess", tmp_path / "a.tif", "--pages", "all", *words, tmp_path / "all")
    assert (ran.code, "most of it for the pages behind the first, more than" in ran.err) == (3, True)
