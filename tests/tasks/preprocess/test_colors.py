"""`preprocess` keeps an image's colors and its profile; with --to-srgb it converts them, also of 16 bits."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from dlcli.imaging.color import srgb
from tests.imaging.color.test_color import LINEAR, P3, PIXELS, by_formula, by_pillow, gama, png
from tests.program import CAT, loaded_modules
from tests.tasks.preprocess.running import pixels_of, preprocess, save


@pytest.mark.parametrize("to", ["png", "tiff", "webp", "jpg"])
def test_colors_and_profile_are_kept_unless_asked(tmp_path, to):
    source = save(tmp_path / "a.png", PIXELS, icc_profile=P3)
    suffix = {"tiff": "tif"}.get(to, to)
    assert preprocess(source, "--format", to, "--out", tmp_path / "kept").code == 0
    with Image.open(tmp_path / "kept" / f"a.{suffix}") as image:
        assert image.info["icc_profile"] == P3
        if to in ("png", "tiff"):
            np.testing.assert_array_equal(np.asarray(image), PIXELS)
    assert preprocess(source, "--to-srgb", "--format", to, "--out", tmp_path / "made").code == 0
    with Image.open(tmp_path / "made" / f"a.{suffix}") as image:
        image.load()
        assert "srgb" in image.info or described(image.info["icc_profile"]) == "sRGB"
        if to in ("png", "tiff"):
            assert np.abs(np.asarray(image) - by_pillow(PIXELS, P3)).max() <= 1


def described(profile: bytes) -> str:
    return ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.profile_description


def test_sixteen_bits_to_srgb(tmp_path):
    import cv2

    cv2.imwrite(str(tmp_path / "a.png"), (PIXELS.astype(np.uint16) * 257)[..., ::-1])
    data = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(data[:33] + png_profile(P3) + data[33:])
    assert preprocess(tmp_path / "a.png", "--to-srgb", "--out", tmp_path / "out").code == 0
    made = cv2.imread(str(tmp_path / "out" / "a.png"), cv2.IMREAD_UNCHANGED)[..., ::-1]
    assert made.dtype == np.uint16
    assert np.abs(made / 257 - by_formula(PIXELS)).max() < 0.8


def png_profile(profile: bytes) -> bytes:
    import zlib

    from tests.imaging.images import chunk

    return chunk(b"iCCP", b"x\0\0" + zlib.compress(profile))


def test_a_linear_png_stays_linear_and_says_so(tmp_path):
    (tmp_path / "a.png").write_bytes(png(gama(1.0)))
    for to, name in (("png", "a.png"), ("jpg", "a.jpg"), ("tiff", "a.tif")):
        assert preprocess(tmp_path / "a.png", "--gamma", 1, "--format", to, "--out", tmp_path / to).code == 0
        with Image.open(tmp_path / to / name) as image:
            if to == "png":  # in its own words
                assert image.info["gamma"] == 1.0
                np.testing.assert_array_equal(np.asarray(image), PIXELS)
                continue
            shown = by_pillow(np.asarray(image), image.info["icc_profile"])
        if to != "jpg":
            assert np.abs(shown - by_pillow(PIXELS, LINEAR)).max() <= 1


def test_what_a_model_sees_is_srgb(tmp_path):
    large = np.repeat(np.repeat(PIXELS, 8, axis=0), 8, axis=1)
    save(tmp_path / "a.png", large, icc_profile=P3)
    save(tmp_path / "b.png", by_pillow(large, P3).astype(np.uint8))
    assert preprocess(tmp_path, "--for", "coco", "--out", tmp_path / "out").code == 0
    seen, expected = (pixels_of(tmp_path / "out" / name).astype(int) for name in ("a.png", "b.png"))
    assert np.abs(seen - expected).max() <= 1


def test_images_without_a_profile_or_of_srgb_are_as_before(tmp_path):
    """No word of color in them, and no color library loaded for them."""
    save(tmp_path / "a.jpg", pixels_of(CAT), icc_profile=srgb.PROFILE)
    code, modules = loaded_modules("preprocess", CAT, tmp_path / "a.jpg", "--to-srgb", "--out", tmp_path / "out")
    assert code == 0
    assert "PIL.ImageCms" not in modules
    preprocess(CAT, "--gamma", 0.8, "--out", tmp_path / "plain")
    with Image.open(tmp_path / "plain" / "cat.jpg") as image:
        assert "icc_profile" not in image.info
