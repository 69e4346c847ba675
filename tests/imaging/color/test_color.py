"""Colors at the door: sRGB whatever the profile, by littleCMS and by formulas written out; sRGB itself untouched."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from dlcli.imaging.color import srgb
from dlcli.imaging.color.convert import to_srgb
from dlcli.imaging.color.icc import Curve, Profile, make_profile
from dlcli.imaging.color.stored import stored_profile
from dlcli.imaging.reader import read_image
from dlcli.imaging.writer import encode_image
from tests.imaging.images import chunk, encode, gradient, source_of

P3 = make_profile("Display P3", (srgb.D65, (0.68, 0.32), (0.265, 0.69), (0.15, 0.06)), srgb.CURVE)
LINEAR = make_profile("linear", srgb.PRIMARIES, Curve())
ADOBE = make_profile("RGB 1998", (srgb.D65, (0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), Curve(parameters=(2.19921875,)))
PILLOW_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
PIXELS = np.random.default_rng(0).integers(0, 256, (24, 40, 3)).astype(np.uint8)
P3_TO_SRGB = np.array([[1.2249, -0.2247, 0], [-0.0420, 1.0419, 0], [-0.0197, -0.0786, 1.0979]])  # CSS Color 4, rounded


def by_pillow(pixels: np.ndarray, profile: bytes) -> np.ndarray:
    own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    made = ImageCms.profileToProfile(Image.fromarray(pixels), own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    return np.asarray(made).astype(int)


def by_formula(pixels: np.ndarray) -> np.ndarray:
    """Display P3 -> sRGB, float64 in [0, 255], a pixel at a time."""
    out = np.empty(pixels.shape)
    for at in np.ndindex(pixels.shape[:2]):
        v = pixels[at] / 255
        light = np.clip(P3_TO_SRGB @ np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4), 0, 1)
        out[at] = 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return out


@pytest.mark.parametrize("profile", [P3, ADOBE, LINEAR], ids=["p3", "adobe", "linear"])
def test_every_format_is_converted_at_the_door(profile):
    for name in ("JPEG", "PNG", "WEBP", "TIFF"):
        lossless = {"lossless": True} if name == "WEBP" else {}
        data = encode(Image.fromarray(PIXELS), name, icc_profile=profile, **lossless)
        stored = np.asarray(Image.open(io.BytesIO(data)))
        assert stored_profile(data, name) == profile
        np.testing.assert_array_equal(read_image(source_of(data), keep_colors=True).pixels, stored)
        assert np.abs(read_image(source_of(data)).pixels - by_pillow(stored, profile)).max() <= 1


def test_display_p3_by_its_formula():
    assert np.abs(to_srgb(PIXELS, P3) - by_formula(PIXELS)).max() < 1.5
    wide = PIXELS.astype(np.uint16) * 257
    assert np.abs(to_srgb(wide, P3) / 257 - by_formula(PIXELS)).max() < 0.8


def test_made_profiles_are_what_littlecms_reads():
    """Against Apple's published Display P3, and against Pillow's own sRGB."""
    found = ImageCms.ImageCmsProfile(io.BytesIO(P3)).profile
    assert found.profile_description == "Display P3"
    assert np.allclose(found.red_colorant[0], (0.51512, 0.24120, -0.00105), atol=2e-4)
    assert np.allclose(found.blue_colorant[0], (0.15710, 0.06657, 0.78407), atol=2e-4)
    ours, theirs = (ImageCms.ImageCmsProfile(io.BytesIO(p)).profile for p in (srgb.PROFILE, PILLOW_SRGB))
    for name in ("red_colorant", "green_colorant", "blue_colorant"):
        assert np.allclose(getattr(ours, name)[0], getattr(theirs, name)[0], atol=2e-4)
    assert np.abs(by_pillow(PIXELS, srgb.PROFILE) - PIXELS).max() <= 1
    assert Profile(P3).description() == "Display P3"


def version_2(curve: bytes, name: bytes = b"made by a camera") -> bytes:
    """A profile of sRGB's primaries as cameras write it, with this `curv`."""
    colorants = [
        struct.pack(">4s4x3i", b"XYZ ", *v) for v in ((28578, 14581, 912), (25241, 46981, 6362), (9376, 3974, 46799))
    ]
    bodies = [b"desc\0\0\0\0" + struct.pack(">I", len(name) + 1) + name + b"\0", *colorants, curve]
    names = (b"desc", b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC")
    places, body, at = [], b"", 128 + 4 + 12 * len(names)
    for data in bodies:
        places.append((at + len(body), len(data)))
        body += data + bytes(-len(data) % 4)
    table = b"".join(n + struct.pack(">II", *places[min(i, 4)]) for i, n in enumerate(names))
    head = struct.pack(">I4xI4s4s4s", at + len(body), 0x02100000, b"mntr", b"RGB ", b"XYZ ").ljust(36, b"\0") + b"acsp"
    head = head.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(names)) + table + body


def curve_of(count: int) -> bytes:
    x = np.linspace(0, 1, count)
    light = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    return struct.pack(f">4s4xI{count}H", b"curv", count, *np.rint(65535 * light).astype(int))


@pytest.mark.parametrize(
    "profile", [PILLOW_SRGB, srgb.PROFILE, version_2(curve_of(1024)), b"", b"no profile", P3[:300]]
)
def test_srgb_and_nonsense_change_nothing(profile):
    """The very array comes back."""
    assert to_srgb(PIXELS, profile) is PIXELS
    plain = encode(Image.fromarray(PIXELS), "JPEG")
    tagged = encode(Image.fromarray(PIXELS), "JPEG", icc_profile=profile)
    np.testing.assert_array_equal(read_image(source_of(tagged)).pixels, read_image(source_of(plain)).pixels)


def test_what_only_claims_to_be_srgb_is_judged_by_its_numbers():
    assert not srgb.is_srgb(version_2(struct.pack(">4s4xI", b"curv", 0), b"sRGB linear"))
    assert not srgb.is_srgb(version_2(struct.pack(">4s4xIH", b"curv", 1, 563)))  # a gamma of 2.2 is darker in the darks
    assert srgb.is_srgb(version_2(curve_of(26), b"c2"))


def test_a_profile_of_gray():
    shades = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    gray = bytearray(version_2(struct.pack(">4s4xIH", b"curv", 1, 256)).replace(b"rTRC", b"kTRC"))
    gray[16:20] = b"GRAY"
    gray = bytes(gray)
    expected = 255 * srgb.encoded(np.arange(256) / 255)  # a gamma of 1 is light itself
    assert np.abs(to_srgb(shades, gray)[0] - expected[:, None]).max() <= 1
    assert np.abs(to_srgb(shades.astype(np.uint16) * 257, gray)[0] / 257 - expected[:, None]).max() < 0.5


def png(*chunks: bytes) -> bytes:
    data = encode(Image.fromarray(PIXELS), "PNG")
    return data[:33] + b"".join(chunks) + data[33:]


def gama(value: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(100_000 * value)))


def chrm(*points: tuple[float, float]) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *(round(100_000 * v) for point in points for v in point)))


def test_pngs_own_words_for_color():
    def read(*chunks):
        return read_image(source_of(png(*chunks))).pixels.astype(int)

    light = 255 * srgb.encoded(PIXELS / 255)
    assert np.abs(read(gama(1.0)) - light).max() <= 1
    assert np.abs(read(gama(1 / 1.8)) - 255 * srgb.encoded((PIXELS / 255) ** 1.8)).max() <= 1
    p3 = (srgb.D65, (0.68, 0.32), (0.265, 0.69), (0.15, 0.06))
    assert np.abs(read(chrm(*p3), gama(0.45455)) - by_formula(PIXELS)).max() < 1.5
    assert np.abs(read(chunk(b"cICP", bytes([12, 13, 0, 1]))) - by_formula(PIXELS)).max() < 1.5
    for same in (
        [gama(0.45455)],
        [gama(0.45455), chrm(*srgb.PRIMARIES)],
        [chunk(b"sRGB", b"\0"), gama(1.0)],
        [gama(0)],
    ):
        np.testing.assert_array_equal(read(*same), PIXELS)
    np.testing.assert_array_equal(read(chunk(b"cICP", bytes([1, 13, 0, 1])), gama(1.0)), PIXELS)
    np.testing.assert_array_equal(read(chrm(*[(0.1, 0.0)] * 4)), PIXELS)  # no colors at all


def test_cmyk_by_its_own_profile(tmp_path):
    """A table that makes every ink a shade of its own, so that the plain conversion would be far off."""
    profile = cmyk_profile()
    inks = Image.merge("CMYK", [Image.fromarray(np.full((8, 8), v, np.uint8)) for v in (255, 0, 0, 0)])
    for name in ("JPEG", "TIFF"):
        pixels = read_image(source_of(encode(inks, name, icc_profile=profile))).pixels
        own = ImageCms.profileToProfile(
            inks, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
        assert np.abs(pixels.astype(int) - np.asarray(own)).max() <= 2
        plain = read_image(source_of(encode(inks, name))).pixels
        np.testing.assert_array_equal(plain, np.full((8, 8, 3), (0, 255, 255)))
        assert np.abs(pixels.astype(int) - plain).max() > 20


def cmyk_profile() -> bytes:
    """Lab of the 16 mixtures of four inks, made up, as an lut8 table of two grid points."""
    corners = bytearray()
    for c, m, y, k in np.ndindex(2, 2, 2, 2):
        corners += bytes(
            [max(0, 255 - 80 * c - 60 * m - 20 * y - 200 * k), 128 - 30 * c + 60 * m, 128 - 40 * c + 70 * y]
        )
    ramp = bytes(range(256))
    identity = struct.pack(">9i", *(65536 if i % 4 == 0 else 0 for i in range(9)))
    table = struct.pack(">4s4x4B", b"mft1", 4, 3, 2, 0) + identity + 4 * ramp + bytes(corners) + 3 * ramp
    white = struct.pack(">4s4x3i", b"XYZ ", 63190, 65536, 54061)
    at = 128 + 4 + 24
    size = at + len(white) + len(table)
    head = struct.pack(">I4xI4s4s4s", size, 0x02100000, b"prtr", b"CMYK", b"Lab ").ljust(36, b"\0") + b"acsp"
    head = (head.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)).ljust(128, b"\0")
    tags = struct.pack(">I4sII4sII", 2, b"wtpt", at, len(white), b"A2B0", at + len(white), len(table))
    return head + tags + white + table


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
def test_what_is_drawn_says_srgb(suffix):
    data = encode_image(gradient(), suffix)
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        found = image.info
    if suffix == ".png":
        assert found["srgb"] == 0
    else:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(found["icc_profile"])).profile
        assert profile.profile_description == "sRGB"
    assert encode_image(gradient(), suffix) == data
