"""Texts in many languages: what can be drawn is drawn by a font that has it, the rest is written as numbers."""

import unicodedata

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from dlcli.imaging.drawing.fonts import letters, system
from dlcli.imaging.drawing.fonts.letters import BUNDLED, Letters, shown, undrawable

ARABIC = "كلب"


def drawn(text: str, size: int = 24) -> np.ndarray:
    image = Image.new("L", (400, 40), 0)
    Letters(size).draw(ImageDraw.Draw(image), (4, 4), text, 255)
    return np.array(image)


@pytest.fixture
def no_system_fonts(monkeypatch):
    """The bundled font alone, whatever this machine has."""
    caches = (system.font_files, letters.font_of, letters.undrawable, letters.whole_font)
    for cache in caches:
        cache.cache_clear()
    monkeypatch.setattr(system, "_folders", list)
    yield
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize(
    "text", ["Kreisfläche ß", "é à ő ş", "треугольник", "Κύκλος", "Հայերեն", "ქართული", "93% … “x” – €", "plain"]
)
def test_the_bundled_font_has_every_letter(no_system_fonts, text):
    """By its character map, which FontTools reads."""
    font_tools = pytest.importorskip("fontTools.ttLib")
    known = font_tools.TTFont(BUNDLED).getBestCmap()
    assert all(ord(c) in known for c in unicodedata.normalize("NFC", text) if c != " ")
    assert undrawable(text) == frozenset()
    assert drawn(text).any()


def test_coverage_agrees_with_the_character_map():
    font_tools = pytest.importorskip("fontTools.ttLib")
    known = font_tools.TTFont(BUNDLED).getBestCmap()
    rng = np.random.default_rng(0)
    points = [int(p) for p in rng.integers(0x21, 0xFFFF, 1500) if not 0xD800 <= p <= 0xDFFF]
    characters = [chr(p) for p in points if unicodedata.category(chr(p))[0] in "LNPS"]
    wrong = [hex(ord(c)) for c in characters if system.has_glyph(BUNDLED, c) != (ord(c) in known)]
    assert wrong == []


def test_a_name_that_is_decomposed_is_drawn_as_the_composed_one():
    np.testing.assert_array_equal(drawn("e\u0301"), drawn("é"))


def test_what_no_font_has_is_written_by_its_number(no_system_fonts):
    assert shown("正a\x07\n") == "\\u6b63a\\x07 "
    assert undrawable("正方a") == {"正", "方"}
    np.testing.assert_array_equal(drawn("正"), drawn("\\u6b63"))


def test_a_font_of_the_system_steps_in(tmp_path, monkeypatch, no_system_fonts):
    """A font with the one character U+6B63 stands in for a Chinese one; the rest stays the bundled one's."""
    make_font(tmp_path / "z" / "One.ttf", 0x6B63)
    (tmp_path / "a.ttf").write_bytes(b"no font")
    make_font(tmp_path / "One-Bold.ttf", 0x6B63)
    monkeypatch.setattr(system, "_folders", lambda: [tmp_path, tmp_path / "not there"])
    assert [path.rpartition("/")[2] for path in system.font_files()] == ["a.ttf", "One.ttf", "One-Bold.ttf"]
    assert letters.font_of("正") == str(tmp_path / "z" / "One.ttf")
    assert letters.font_of("方") is None
    whole = Letters(20).length("正 dog")
    own = ImageFont.truetype(str(tmp_path / "z" / "One.ttf"), 20).getlength("正 ")
    rest = ImageFont.truetype(BUNDLED, 20, layout_engine=ImageFont.Layout.BASIC).getlength("dog")
    assert whole == pytest.approx(own + rest, abs=8)  # the space is of whichever has it
    assert drawn("正").any()


def test_arabic_is_shaped_from_right_to_left():
    if not letters.can_shape():
        pytest.skip("Pillow finds no FriBiDi here")
    joined = Letters(24).length(ARABIC)
    apart = sum(Letters(24).length(letter) for letter in ARABIC)
    assert joined < 0.95 * apart  # letters that join are narrower
    image = drawn(f"{ARABIC} 9")
    nine = drawn("9")
    width = np.flatnonzero(nine.any(0))[-1] - np.flatnonzero(nine.any(0))[0] + 1
    left = np.flatnonzero(image.any(0))[0]
    np.testing.assert_array_equal(  # what is read last stands at the left
        image[:, left : left + width] > 128, nine[:, np.flatnonzero(nine.any(0))[0] :][:, :width] > 128
    )


def test_without_shaping_arabic_is_not_drawn_at_all(monkeypatch, no_system_fonts):
    monkeypatch.setattr(letters, "can_shape", lambda: False)
    assert undrawable(f"{ARABIC} 9") == set(ARABIC)
    assert undrawable("9 dog é") == frozenset()


def test_shortened():
    font = Letters(14)
    assert font.shortened("cat", 500) == "cat"
    cut = font.shortened("a very long name", 60)
    assert cut.endswith("…")
    assert font.length(cut) <= 60
    assert font.shortened("cat", 1) == ""


def test_the_end_of_a_name_tells_it_apart():
    first, second = (f"test/ILSVRC2012_val_0000{number}.JPEG" for number in (1234, 4321))
    cut = [Letters(14).shortened(name, 150, keep="ends") for name in (first, second)]
    assert cut[0] != cut[1]
    assert cut[0].startswith("te")
    assert cut[0].endswith("1234.JPEG")


def make_font(path, point: int) -> None:
    """A font file whose only letter is a filled square."""
    builder_of = pytest.importorskip("fontTools.fontBuilder").FontBuilder
    pen_of = pytest.importorskip("fontTools.pens.ttGlyphPen").TTGlyphPen
    path.parent.mkdir(parents=True, exist_ok=True)
    square, empty = pen_of(None), pen_of(None)
    for corner in ((100, 0), (100, 800), (900, 800), (900, 0)):
        (square.moveTo if corner == (100, 0) else square.lineTo)(corner)
    square.closePath()
    builder = builder_of(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "one"])
    builder.setupCharacterMap({point: "one"})
    builder.setupGlyf({".notdef": empty.glyph(), "one": square.glyph()})
    builder.setupHorizontalMetrics({".notdef": (500, 0), "one": (1000, 100)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": path.stem, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(str(path))
