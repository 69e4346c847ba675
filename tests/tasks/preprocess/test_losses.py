"""Resolution, IPTC, GeoTIFF tags and PNG texts come along where the format holds them, else their loss is said."""

import numpy as np
import pytest
from PIL import Image, IptcImagePlugin, PngImagePlugin, TiffImagePlugin

from dlcli.imaging.formats.jpeg_extras import photoshop_block
from tests.imaging.color.test_color import gama
from tests.imaging.formats.test_orientation import raw_profile
from tests.imaging.images import encode, gradient
from tests.tasks.preprocess.running import preprocess, records

IPTC = b"\x1c\x02\x78\x00\x05a cat" + b"\x1c\x02\x50\x00\x02me"
GEO = {33550: (0.5, 0.5, 0.0), 33922: (0.0, 0.0, 0.0, 440720.0, 3751320.0, 0.0), 34735: (1, 1, 0, 1, 1024, 0, 1, 1)}
SUFFIX = {"jpg": ".jpg", "png": ".png", "webp": ".webp", "tiff": ".tif"}


def with_geo(path, **more) -> None:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in GEO.items():
        tags[tag] = value
        tags.tagtype[tag] = 3 if tag == 34735 else 12
    Image.fromarray(gradient()).save(path, tiffinfo=tags, **more)


def make(folder):
    """A JPEG, a PNG and a TIFF, each with all that its format has a place for."""
    data = encode(Image.fromarray(gradient()), "JPEG", dpi=(300, 200), quality=95)
    body = b"Photoshop 3.0\0" + photoshop_block(IPTC)
    (folder / "a.jpg").write_bytes(data[:20] + b"\xff\xed" + (len(body) + 2).to_bytes(2, "big") + body + data[20:])
    text = PngImagePlugin.PngInfo()
    text.add_text("Title", "a cat")
    text.add_itxt("Author", "über", "de", "Verfasser", zip=True)
    data = encode(Image.fromarray(gradient()), "PNG", dpi=(300, 200), pnginfo=text)
    block = raw_profile("iptc", photoshop_block(IPTC))
    (folder / "b.png").write_bytes(data[:33] + gama(0.5) + block + data[33:])
    with_geo(folder / "c.tif", dpi=(300, 200))


@pytest.mark.parametrize("to", ["jpg", "png", "webp", "tiff"])
def test_kept_or_said(tmp_path, to):
    make(tmp_path)
    ran = preprocess(tmp_path, "--gamma", 1, "--format", to, "--out", tmp_path / "out", "--json")
    assert ran.code == 0, ran.err
    for record in records(ran):
        with Image.open(tmp_path / "out" / record["outputs"][0]) as image:
            image.load()
            source = record["source"][-5]
            found = image.info
            if to == "webp":
                assert "the resolution was left out: WEBP" in ran.err
            else:
                assert np.allclose([float(v) for v in found["dpi"]], (300, 200), atol=0.02)
            if source == "b":
                assert "Title" not in found or found["Title"] == "a cat"
                if to == "png":
                    assert (found["Title"], found["Author"], found["gamma"]) == ("a cat", "über", 0.5)
            if source in "ab" and to in ("jpg", "tiff"):
                assert IptcImagePlugin.getiptcinfo(image)[2, 0x78] == b"a cat"
            if source == "c" and to == "tiff":
                assert {tag: image.tag_v2[tag] for tag in GEO} == GEO
    lost = {word for word in ("IPTC", "PNG texts", "GeoTIFF") if f"{word} " in ran.err}
    assert lost == {"jpg": {"PNG texts", "GeoTIFF"}, "png": {"IPTC", "GeoTIFF"}, "tiff": {"PNG texts"}}.get(
        to, {"IPTC", "PNG texts", "GeoTIFF"}
    )


def test_georeference_of_moved_pixels_is_dropped(tmp_path):
    with_geo(tmp_path / "a.tif")
    ran = preprocess(tmp_path / "a.tif", "--resize", 20, "--out", tmp_path / "out")
    assert "GeoTIFF tags were left out: the pixels lie elsewhere now (1 image)" in ran.reported
    with Image.open(tmp_path / "out" / "a.tif") as image:
        assert not GEO.keys() & image.tag_v2.keys()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ImageJ=1.53t\nimages=2\nslices=2\n", "ImageJ"),
        ('<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"></OME>', "OME"),
        ('{"shape": [2, 24, 40]}', "shaped"),
        ("shape=(2, 24, 40)", "shaped"),
        ("a cat", ""),
    ],
)
def test_a_description_of_another_layout(tmp_path, text, name):
    pages = [Image.fromarray(gradient()[..., 0]) for _ in range(2)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:], description=text)
    ran = preprocess(tmp_path / "a.tif", "--gamma", 1, "--out", tmp_path / "out", "--json")
    assert records(ran)[0]["pages_left_out"] == 1
    assert "not looked at: 1 frame or page after the first" in ran.reported[-1]
    with Image.open(tmp_path / "out" / "a.tif") as image:
        assert image.tag_v2.get(270, "") == ("" if name else text)
        np.testing.assert_array_equal(np.asarray(image), gradient()[..., 0])
    assert (f"a description of another layout ({name}) was left out (1 image)" in ran.reported) == bool(name)
    tifffile = pytest.importorskip("tifffile")
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "out" / "a.tif"), gradient()[..., 0])


@pytest.mark.parametrize("order", "<>")
def test_tags_of_a_bigtiff_are_kept_or_missed(tmp_path, order):
    """Pillow reads no BigTIFF whose bytes begin with the highest."""
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(
        tmp_path / "a.tif", gradient()[..., 0], bigtiff=True, byteorder=order, description="a cat", metadata=None
    )
    ran = preprocess(tmp_path / "a.tif", "--gamma", 1, "--out", tmp_path / "out")
    with Image.open(tmp_path / "out" / "a.tif") as image:
        kept = image.tag_v2.get(270) == "a cat"
    assert kept == (order == "<")
    assert kept != any("which could not be read" in line for line in ran.reported)


def test_metadata_that_is_stripped_is_not_missed(tmp_path):
    make(tmp_path)
    ran = preprocess(tmp_path, "--metadata", "strip", "--out", tmp_path / "out")
    assert ran.reported == ["3 images: 3 files written"]
