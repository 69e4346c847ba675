"""--save redacted: nothing of what was covered, and nothing of the file's metadata, is in what is written."""

import json
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tests.program import CAT, dlcli

OURS = {  # what Pillow tells of any file that dlcli writes
    *("jfif", "jfif_version", "jfif_unit", "jfif_density", "icc_profile", "srgb"),
    *("loop", "background", "timestamp", "duration"),
}
SECRET = b"Jane Doe, 52.5200 N 13.4050 E"


def photo(path, suffix: str):
    """The cat with a thumbnail, EXIF, XMP, a comment and a foreign color profile, all of which hold SECRET."""
    image = Image.open(CAT).convert("RGB")
    small = BytesIO()
    image.resize((80, 60)).save(small, "JPEG", comment=SECRET)
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = SECRET.decode(), SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + SECRET
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + SECRET + b"</x:xmpmeta>"
    more = {".jpg": {"comment": SECRET, "xmp": xmp}, ".webp": {"xmp": xmp}, ".png": {}}[suffix]
    image.save(path, exif=exif, icc_profile=b"\0" * 36 + b"acsp" + SECRET + b"\0" * 100, **more)
    if suffix == ".jpg":  # a second image behind the first, as MPF has
        path.write_bytes(path.read_bytes() + small.getvalue())
    assert SECRET in path.read_bytes()
    return path


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_no_metadata_and_no_second_image_come_along(tmp_path, suffix):
    source = photo(tmp_path / f"a{suffix}", suffix)
    ran = dlcli("detect", source, "--out", tmp_path / "o", "--save", "redacted", "--redact", "cat", "--json")
    assert ran.code == 0, ran.err
    data = (tmp_path / "o" / "redacted" / f"a{suffix}").read_bytes()
    assert SECRET not in data
    image = Image.open(BytesIO(data))
    assert not dict(image.getexif())
    assert getattr(image, "n_frames", 1) == 1
    assert set(image.info) <= OURS
    assert data.count(b"\xff\xd8\xff") == (1 if suffix == ".jpg" else 0)


def test_the_record_says_what_was_covered_and_the_box_is(tmp_path):
    ran = dlcli(
        *("detect", CAT, "--out", tmp_path, "--save", "redacted,annotated", "--redact", "cat,person", "--json"),
        *("--redact-style", "box", "--redact-padding", "0"),
    )
    record = json.loads(ran.out)
    assert record["redacted"] == {"labels": ["person", "cat"], "style": "box", "padding": 0.0, "regions": 1}
    x1, y1, x2, y2 = (round(v) for v in record["detections"][0]["box"])
    shown = np.asarray(Image.open(tmp_path / "redacted" / CAT.name), int)
    assert shown[y1 + 8 : y2 - 8, x1 + 8 : x2 - 8].max() < 30
    assert list(record) == [*json.loads(dlcli("detect", CAT, "--json").out), "redacted"]


def test_masks_are_covered(tmp_path):
    ran = dlcli("segment", CAT, "--out", tmp_path, "--save", "redacted,index", "--redact", "cat", "--json")
    record = json.loads(ran.out)
    assert record["redacted"]["regions"] >= 1
    before, after = (
        np.asarray(Image.open(path).convert("L"), float) for path in (CAT, tmp_path / "redacted" / CAT.name)
    )
    inside = np.asarray(Image.open(tmp_path / CAT.with_suffix(".png").name)) == 8
    detail = [np.abs(np.diff(image, axis=1))[inside[:, 1:]].mean() for image in (before, after)]
    assert detail[1] < 0.2 * detail[0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--save", "redacted"), "say what is to be unrecognizable"),
        (("--redact", "cat"), "--save redacted"),
        (("--save", "redacted", "--redact", "cta"), "did you mean cat"),
        (("--save", "redacted", "--redact", "cat", "--classes", "dog"), "--classes leaves cat out"),
        (("--redact-style", "box"), "say how --redact works"),
    ],
)
def test_what_would_leave_something_visible_is_refused(tmp_path, options, said):
    for task in ("detect", "segment"):
        ran = dlcli(task, CAT, "--out", tmp_path / task, *options)
        assert (ran.code, said in " ".join(ran.err.split())) == (2, True), ran.err
