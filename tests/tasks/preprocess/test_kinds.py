"""One channel in, one channel out; numbers of a palette and of masks stay numbers, whatever the size."""

import numpy as np
import pytest
from PIL import Image

from dlcli.imaging.formats.index_png import voc_palette
from dlcli.imaging.steps.table import FORMS
from tests.imaging.color.test_color import LINEAR, P3
from tests.imaging.images import gradient
from tests.tasks.preprocess.running import preprocess, records, save

SHADES = gradient()[..., 0]
CLASSES = np.kron(np.random.default_rng(0).integers(0, 21, (6, 10)), np.ones((7, 9))).astype(np.uint8)
CLASSES[3:9, 5:11] = 255
STEPS = {
    "gamma": "gamma(0.7)",
    "letterbox": "letterbox(50,40)",
    "resize": "resize(25)",
}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif", "deep.png", "deep.tif", "alpha.png", "one-bit.png"])
def test_one_channel_stays_one(tmp_path, name, form):
    pixels = SHADES.astype(np.uint16) * 257 if name.startswith("deep") else SHADES
    image = Image.fromarray(pixels)
    if name.startswith("alpha"):
        image.putalpha(Image.fromarray(SHADES.T.copy().reshape(SHADES.shape)))
    if name.startswith("one-bit"):
        image = image.convert("1")
    image.save(tmp_path / name)
    ran = preprocess(tmp_path / name, "--pre", STEPS.get(form.name, form.name), "--out", tmp_path / "out", "--json")
    assert ran.code == 0, ran.err
    with Image.open(tmp_path / "out" / name) as made:
        deep = records(ran)[0]["bits"] == 16
        assert made.mode == ("I;16" if deep else "L")
        assert deep == (name.startswith("deep") and form.keeps_16_bit)


def test_gray_is_the_same_gray(tmp_path):
    for name, pixels in (("a.png", SHADES), ("a.tif", SHADES.astype(np.uint16) * 200)):
        Image.fromarray(pixels).save(tmp_path / name)
        assert preprocess(tmp_path / name, "--pre", "", "--out", tmp_path / name[2:]).code == 0
        np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / name[2:] / name)), pixels)


def test_gray_under_a_profile_of_rgb(tmp_path):
    """The shades of Display P3 are those of sRGB; those of linear light are not, and need their profile."""
    save(tmp_path / "a.jpg", SHADES, icc_profile=P3)
    save(tmp_path / "b.jpg", SHADES, icc_profile=LINEAR)
    ran = preprocess(tmp_path, "--gamma", 1, "--out", tmp_path / "out")
    assert ran.reported[1:] == [
        "one channel became three, for its color profile is one of RGB (1 image)",
        "2 images: 2 files written",
    ]
    assert Image.open(tmp_path / "out" / "a.jpg").mode == "L"
    assert Image.open(tmp_path / "out" / "b.jpg").info["icc_profile"] == LINEAR


@pytest.mark.parametrize("to", ["keep", "png", "tiff"])
@pytest.mark.parametrize("given", ["mask.png", "mask.tif", "gray.png", "gray.tif"])
def test_masks_hold_the_classes_that_they_held(tmp_path, given, to):
    image = Image.fromarray(CLASSES)
    if given.startswith("mask"):
        image.putpalette(voc_palette().tobytes())
    image.save(tmp_path / given)
    ran = preprocess(tmp_path / given, "--resize", 57, "--format", to, "--out", tmp_path / "out", "--json")
    assert "resized by nearest" in ran.err
    with Image.open(tmp_path / "out" / records(ran)[0]["outputs"][0]) as made:
        assert made.mode == ("P" if given.startswith("mask") else "L")
        assert made.size == (57, 27)
        got = np.asarray(made)
        if made.mode == "P":
            np.testing.assert_array_equal(np.reshape(made.getpalette(), (-1, 3)), voc_palette())
    middles = [(np.arange(new) + 0.5) * old / new for new, old in ((27, 42), (57, 90))]
    expected = [[CLASSES[int(y), int(x)] for x in middles[1]] for y in middles[0]]
    np.testing.assert_array_equal(got, expected)


def test_a_turned_palette_with_transparency(tmp_path):
    from tests.imaging.formats.test_orientation import exif

    image = Image.fromarray(CLASSES)
    image.putpalette(voc_palette().tobytes())
    image.save(tmp_path / "a.png", transparency=0, exif=exif(6))
    ran = preprocess(tmp_path / "a.png", "--metadata", "strip", "--out", tmp_path / "out")
    with Image.open(tmp_path / "out" / "a.png") as made:
        assert (made.mode, made.info["transparency"]) == ("P", 0)
        np.testing.assert_array_equal(np.asarray(made), np.rot90(CLASSES, -1))
    assert "transparency" not in ran.err


def test_a_palette_that_is_lost_is_said(tmp_path):
    image = Image.fromarray(CLASSES)
    image.putpalette(voc_palette().tobytes())
    image.save(tmp_path / "a.png")
    for arguments in (["--gamma", 0.5], ["--resize", 20, "--format", "webp"], ["--pre", "letterbox(50)"]):
        ran = preprocess(tmp_path / "a.png", *arguments, "--out", tmp_path / str(arguments[1]))
        assert "colors of a palette became red, green and blue (1 image)" in ran.reported


def test_the_method_can_be_said(tmp_path):
    save(tmp_path / "mask.png", CLASSES)
    save(tmp_path / "photo.png", gradient())
    preprocess(tmp_path / "mask.png", "--pre", "resize(57,method=smooth)", "--out", tmp_path / "smooth")
    assert len(np.unique(np.asarray(Image.open(tmp_path / "smooth" / "mask.png")))) > len(np.unique(CLASSES))
    preprocess(tmp_path / "photo.png", "--pre", "resize(10,6,nearest)", "--out", tmp_path / "nearest")
    small = np.asarray(Image.open(tmp_path / "nearest" / "photo.png"))
    np.testing.assert_array_equal(small, gradient()[2::4, 2::4])


def test_a_photograph_in_gray_is_no_mask(tmp_path):
    save(tmp_path / "a.png", SHADES)
    ran = preprocess(tmp_path / "a.png", "--resize", 10, "--out", tmp_path / "out")
    assert "nearest" not in ran.err
