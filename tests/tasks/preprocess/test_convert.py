"""`dlcli preprocess` as such: pixels against the steps, formats, depth, metadata, names, refusals."""

import hashlib
import io
import shutil

import cv2
import numpy as np
import pytest
from PIL import Image

from dlcli.imaging.file_info import read_image_info
from dlcli.imaging.formats.metadata import Metadata
from dlcli.imaging.steps import enhance
from dlcli.imaging.steps.chain import apply_steps, parse_steps
from dlcli.imaging.writer import encode_image
from dlcli.records import Source
from tests.imaging.formats.test_metadata import GPS, MAKE, ORIENTATION, SRGB, XMP, exif_block, loaded
from tests.imaging.images import gradient
from tests.program import CAT, SAMPLES, dlcli
from tests.tasks.preprocess.running import pixels_of, preprocess, records, save

DEEP = SAMPLES / "broken" / "sixteen-bit.png"


def test_pixels_are_those_of_the_chain(tmp_path):
    chain = "white_balance | clahe(clip=2) | gamma(0.8) | sharpen(amount=0.5) | resize(200)"
    ran = preprocess(
        *(CAT, "--resize", 200, "--sharpen", 0.5, "--gamma", 0.8, "--clahe", 2, "--white-balance"),
        *("--format", "png", "--out", tmp_path, "--json"),
    )
    assert ran.code == 0
    expected, placement = apply_steps(pixels_of(CAT), parse_steps(chain))
    np.testing.assert_array_equal(pixels_of(tmp_path / "cat.png"), expected)
    (record,) = records(ran)
    assert record["size"] == [200, 133]
    assert record["outputs"] == ["cat.png"]
    assert (record["bits"], record["model"]) == (8, "")
    there = record["placement"]
    assert (there["sx"], there["dy"]) == (placement.scale_x, placement.dy)
    told = ran.reported
    assert told[0] == (
        "--pre 'white_balance | clahe(clip=2,grid=8) | gamma(0.8) | sharpen(amount=0.5,radius=1) | resize(200)'"
    )
    assert told[1:] == ["1 image: 1 file written"]
    again = preprocess(CAT, "--pre", told[0][7:-1], "--format", "png", "--out", tmp_path / "again", "--json")
    assert (tmp_path / "again" / "cat.png").read_bytes() == (tmp_path / "cat.png").read_bytes()
    assert again.reported == ["1 image: 1 file written"]  # the chain that was typed is not told


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("to", ["keep", "png", "tiff"])
def test_sixteen_bits_from_file_to_file(tmp_path, suffix, to):
    wide = np.random.default_rng(0).integers(0, 65536, (30, 50, 3)).astype(np.uint16)
    cv2.imwrite(str(tmp_path / f"a{suffix}"), wide[..., ::-1])  # written by another program
    ran = preprocess(tmp_path / f"a{suffix}", "--gamma", 0.5, "--format", to, "--out", tmp_path / "out", "--json")
    (record,) = records(ran)
    assert record["bits"] == 16
    (name,) = record["outputs"]
    got = cv2.imread(str(tmp_path / "out" / name), cv2.IMREAD_UNCHANGED)  # read by another program
    assert got.dtype == np.uint16
    np.testing.assert_array_equal(got[..., ::-1], np.rint(65535 * (wide / 65535.0) ** 0.5))
    assert "16 bits" not in ran.err


def test_clahe_keeps_sixteen_bits_from_file_to_file(tmp_path):
    ran = preprocess(DEEP, "--clahe", 3, "--format", "tiff", "--out", tmp_path, "--json")
    assert records(ran)[0]["bits"] == 16
    np.testing.assert_array_equal(pixels_of(tmp_path / "sixteen-bit.tif"), enhance.clahe(pixels_of(DEEP), 3.0))


def test_where_sixteen_bits_are_lost_is_said_once(tmp_path):
    for name in ("a.png", "b.png"):
        shutil.copy(DEEP, tmp_path / name)
    ran = preprocess(tmp_path, "--denoise", 5, "--out", tmp_path / "o1", "--json")
    assert [r["bits"] for r in records(ran)] == [8, 8]
    assert "16 bits became 8: denoise works on 8 bits (2 images)" in ran.err.splitlines()
    ran = preprocess(tmp_path, "--format", "jpg", "--out", tmp_path / "o2", "--json")
    assert [r["bits"] for r in records(ran)] == [8, 8]
    assert sum("16 bits" in line for line in ran.err.splitlines()) == 1
    assert "JPEG holds 8; --format png or tiff keeps them (2 images)" in ran.err


@pytest.mark.parametrize(("to", "suffix"), [("jpg", ".jpg"), ("png", ".png"), ("webp", ".webp"), ("tiff", ".tif")])
@pytest.mark.parametrize("given", [".jpg", ".png", ".webp", ".tif", ".bmp", ".gif"])
def test_every_format_to_every_other(tmp_path, given, to, suffix):
    source = save(tmp_path / "in" / f"a{given}", gradient(64, 48))
    ran = (
        preprocess(source, "--format", to, "--quality", 95, "--out", tmp_path)
        if suffix in (".jpg", ".webp")
        else (preprocess(source, "--format", to, "--out", tmp_path))
    )
    assert ran.code == 0, ran.err
    written = tmp_path / f"a{suffix}"
    apart = np.abs(pixels_of(written).astype(int) - pixels_of(source))
    assert apart.max() == 0 if suffix in (".png", ".tif") else apart.mean() < 4
    assert read_image_info(Source.of_file(written)).format == {"jpg": "JPEG", "tiff": "TIFF"}.get(to, to.upper())


def test_quality_counts(tmp_path):
    for quality in (40, 95):
        preprocess(CAT, "--quality", quality, "--out", tmp_path / str(quality))
    assert (tmp_path / "95" / "cat.jpg").stat().st_size > 2 * (tmp_path / "40" / "cat.jpg").stat().st_size


@pytest.mark.parametrize("given", [".jpg", ".png", ".webp", ".tif"])
@pytest.mark.parametrize("to", ["jpg", "png", "webp", "tiff"])
def test_metadata_goes_along_and_is_true_of_the_new_pixels(tmp_path, given, to):
    whole = {"exif": b"Exif\0\0" + exif_block(6), "icc_profile": SRGB}
    path = tmp_path / f"a{given}"
    if given == ".png":
        path.write_bytes(encode_image(gradient(), ".png", 90, Metadata(exif_block(6), XMP, SRGB)))
    elif given == ".tif":
        exif = loaded(exif_block(6))
        exif[700] = XMP
        Image.fromarray(gradient()).save(path, exif=exif, icc_profile=SRGB)
    else:
        Image.fromarray(gradient()).save(path, xmp=XMP, **whole)
    out = tmp_path / "out"
    ran = preprocess(path, "--resize", 20, "--format", to, "--out", out, "--json")
    (record,) = records(ran)
    assert record["exif_orientation"] == 6
    (name,) = record["outputs"]
    found = read_image_info(Source.of_file(out / name)).metadata
    assert found.icc == SRGB
    assert found.xmp == XMP.replace(b'Orientation="6"', b'Orientation="1"')
    exif = loaded(found.exif)
    assert exif[MAKE] == "Maker"
    assert exif.get(ORIENTATION, 1) == 1
    assert exif.get_ifd(GPS)[2] == (48.0, 51.0, 30.5)
    with Image.open(out / name) as image:
        assert image.size == (12, 20)  # turned upright, once
        assert image.getexif().get(ORIENTATION, 1) == 1
    stripped = preprocess(path, "--metadata", "strip", "--format", to, "--out", tmp_path / "bare")
    assert stripped.code == 0
    bare = read_image_info(Source.of_file(tmp_path / "bare" / name)).metadata
    assert (bare.exif, bare.xmp, bare.icc) == (b"", b"", SRGB)


def test_what_else_is_lost_is_said(tmp_path):
    cmyk = b"\0" * 16 + b"CMYK" + b"\0" * 200
    save(tmp_path / "print.jpg", gradient())
    Image.fromarray(gradient()).convert("CMYK").save(tmp_path / "print.jpg", icc_profile=cmyk)
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / "film.gif", save_all=True, append_images=frames[1:])
    save(tmp_path / "clear.png", np.dstack([gradient(), gradient()[..., 0]]))
    Image.fromarray(gradient()).save(tmp_path / "odd.jpg", exif=b"Exif\0\0no block")
    ran = preprocess(tmp_path, "--gamma", 0.9, "--out", tmp_path / "out")
    assert ran.reported[1:] == [
        "EXIF was left out: it is damaged (1 image)",
        "a color profile of another kind than RGB was left out: what is written is RGB (1 image)",
        "colors of a palette became red, green and blue (1 image)",
        "of several frames or pages, the first was taken (1 image)",
        "transparency was laid over white (1 image)",
        "4 images: 4 files written; not looked at: 1 frame or page after the first",
    ]
    assert not read_image_info(Source.of_file(tmp_path / "out" / "print.jpg")).metadata


def test_good_and_broken_files_in_one_run_of_the_program(tmp_path):
    """A program of its own, since damage in a JPEG is heard on its standard error."""
    before = {path: hashlib.sha256(path.read_bytes()).digest() for path in SAMPLES.rglob("*") if path.is_file()}
    ran = dlcli("preprocess", SAMPLES, "-r", "--clahe", 2, "--out", tmp_path / "o", "--json", "--threads", 2)
    assert ran.code == 3
    got = records(ran)
    assert {r["source"].rpartition("/")[2]: r["error"]["kind"] for r in got if not r["ok"]} == {
        "damaged.jpg": "damaged",
        "empty.jpg": "empty",
        "text.jpg": "not-a-picture",
        "truncated.jpg": "truncated",
    }
    written = {str(p.relative_to(tmp_path / "o")) for p in (tmp_path / "o").rglob("*") if p.is_file()}
    assert written == {"results.jsonl", "results.state.jsonl", *(name for r in got if r["ok"] for name in r["outputs"])}
    assert "broken/palette.png" in written
    assert "shapes" in {name.split("/")[0] for name in written}
    assert (tmp_path / "o" / "results.jsonl").read_text() == ran.out
    after = {path: hashlib.sha256(path.read_bytes()).digest() for path in SAMPLES.rglob("*") if path.is_file()}
    assert after == before
    one = preprocess(SAMPLES, "--clahe", 2, "--out", tmp_path / "one", "--json", "--threads", 1)
    assert one.lines == [line for line in ran.lines if line in set(one.lines)]
    for record in records(one):
        (name,) = record["outputs"]
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "o" / name).read_bytes()


def test_nothing_is_written_over(tmp_path):
    image = save(tmp_path / "in" / "a.png", gradient())
    save(tmp_path / "in" / "a.jpg", gradient())
    data = image.read_bytes()

    def refused(*arguments):
        ran = preprocess(*arguments)
        assert (ran.code, ran.out) == (2, "")
        return ran.err

    assert "which is an input" in refused(image, "--gamma", 2, "--out", tmp_path / "in")
    assert "which is an input" in refused(image, "--gamma", 2, "--out", tmp_path / "in", "--overwrite")
    assert "is the --out folder" in refused(tmp_path / "in", "--gamma", 2, "--out", tmp_path / "in")
    assert "a.jpg is there already" in refused(image, "--format", "jpg", "--out", tmp_path / "in")
    assert "--out DIR" in refused(image, "--gamma", 2)
    assert image.read_bytes() == data
    assert {p.name for p in (tmp_path / "in").iterdir()} == {"a.png", "a.jpg"}
    assert "a.jpg is there already" in refused(image, "--format", "jpg", "--out", tmp_path / "in", "--overwrite")


def test_a_format_that_cannot_hold_it_is_the_images_failure(tmp_path):
    save(tmp_path / "long.png", np.zeros((2, 20_000, 3), np.uint8))
    save(tmp_path / "short.png", gradient())
    ran = preprocess(tmp_path, "--format", "webp", "--out", tmp_path / "out", "--json")
    assert ran.code == 3
    assert [r["ok"] for r in records(ran)] == [False, True]
    assert "long.png" in ran.err


def test_standard_input(tmp_path):
    ran = dlcli("preprocess", "-", "--resize", "40", "--out", tmp_path, "--json", stdin=CAT.read_bytes())
    assert records(ran)[0]["outputs"] == ["stdin.png"]
    assert Image.open(io.BytesIO((tmp_path / "stdin.png").read_bytes())).size == (40, 27)


def test_preview_shows_before_and_after(tmp_path):
    ran = preprocess(CAT, "--gamma", 0.5, "--preview", "--out", tmp_path / "a", "--json")
    assert records(ran)[0]["outputs"] == ["cat.jpg", "preview/cat_jpg.png"]
    sheet = np.asarray(Image.open(tmp_path / "a" / "preview" / "cat_jpg.png"), float)
    middle = sheet.shape[1] // 2
    assert sheet[100:300, middle + 60 : -60].mean() > sheet[100:300, 60 : middle - 60].mean() + 20
    ran = preprocess(CAT, "--gamma", 0.5, "--save", "preview", "--out", tmp_path / "b", "--json")
    assert records(ran)[0]["outputs"] == ["preview/cat_jpg.png"]
    ran = preprocess(CAT, "--gamma", 0.5, "--save", "none", "--preview", "--out", tmp_path / "c", "--json")
    assert records(ran)[0]["outputs"] == ["preview/cat_jpg.png"]
