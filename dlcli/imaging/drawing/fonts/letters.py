"""Text on drawings in any language: by the bundled font, and by one of the system's for characters that it lacks."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from PIL import ImageDraw, ImageFont, features

from dlcli.imaging.drawing.fonts.system import font_with, has_glyph

BUNDLED = str(Path(__file__).parent / "DejaVuSans.ttf")  # Latin, Greek, Cyrillic, Arabic, Hebrew, Armenian, Georgian
SMALLEST, LARGEST = 8, 72  # pixels: letters outside of these are not to be read, or cover the image
Fill = tuple[int, int, int]


class Letters:
    """Letters `size` pixels high. Nothing is opened before the first text is measured or drawn.

    Texts are taken as `shown` gives them: characters that no font here has are written as "\\u6b63".
    """

    def __init__(self, size: int):
        self.size = size

    @property
    def ascent(self) -> int:
        return _face(BUNDLED, self.size, False).getmetrics()[0]

    @property
    def height(self) -> int:
        """Pixels of a line, from the highest ascender to the lowest descender of the bundled font."""
        return sum(_face(BUNDLED, self.size, False).getmetrics())

    def length(self, text: str) -> float:
        """Pixels from the text's start to its end."""
        return sum(_face(*run).getlength(part) for part, run in self._runs(text))

    def draw(self, draw: ImageDraw.ImageDraw, where: tuple[float, float], text: str, fill: Fill) -> None:
        """where: x of the text's left end, y of the line's upper edge."""
        x, y = where
        for part, run in self._runs(text):
            font = _face(*run)
            draw.text((x, y + self.ascent), part, font=font, fill=fill, anchor="ls")
            x += font.getlength(part)

    def shortened(self, text: str, room: float, keep: str = "start") -> str:
        """The text, cut with "…" where it is wider than `room` pixels; "" where nothing fits.

        keep: "start", or "ends" for names whose end tells them apart: the middle goes.
        """
        if self.length(text) <= room:
            return text
        for left in range(len(text) - 1, 0, -1):
            cut = f"{text[:left].rstrip()}…" if keep == "start" else _without_middle(text, left)
            if self.length(cut) <= room:
                return cut
        return ""

    def _runs(self, text: str) -> Iterator[tuple[str, tuple[str, int, bool]]]:
        """(part, (font file, size, whether it is shaped)) from left to right."""
        text = shown(text)
        if not text:
            return
        if is_complex(text):  # shaped as a whole, so that words stand in the order of reading
            path = whole_font(text)
            if path is not None:
                yield text, (path, self.size, True)
                return
        paths: list[str] = []
        for character in text:
            before = paths[-1] if paths else BUNDLED
            paths.append(before if _neutral(character, before) else font_of(character) or BUNDLED)
        for path, group in groupby(zip(text, paths, strict=True), key=lambda pair: pair[1]):
            yield "".join(character for character, _ in group), (path, self.size, False)


def shown(text: str) -> str:
    """The text as it can be drawn: composed (NFC), and with "\\u6b63" for what no font here has."""
    text = unicodedata.normalize("NFC", text)
    lost = undrawable(text)
    return "".join(_escaped(c) if c in lost else " " if c.isspace() else c for c in text)


@lru_cache(maxsize=4096)
def undrawable(text: str) -> frozenset[str]:
    """The characters of a text that no font here has, or that have to be shaped where nothing shapes."""
    text = unicodedata.normalize("NFC", text)
    unshaped = {c for c in text if _complex(c)} if is_complex(text) and not can_shape() else set()
    return frozenset(unshaped | {c for c in text if not _blank(c) and font_of(c) is None})


@lru_cache(maxsize=4096)
def font_of(character: str) -> str | None:
    """The font file that draws a character: the bundled one if it can, else the first of the system's."""
    return BUNDLED if has_glyph(BUNDLED, character) else font_with(character)


@lru_cache(maxsize=1024)
def whole_font(text: str) -> str | None:
    """The one font that has every character of a text; None where it takes several."""
    paths = dict.fromkeys(path for path in map(font_of, text) if path)
    needed = [character for character in text if not _blank(character)]
    return next((path for path in paths if all(has_glyph(path, c) for c in needed)), None)


def is_complex(text: str) -> bool:
    """Whether letters change by their neighbors, or run from right to left: Arabic, Hebrew, the scripts of India."""
    return any(map(_complex, text))


@lru_cache(maxsize=1)
def can_shape() -> bool:
    """Whether Pillow can lay such texts out: it needs Raqm, which finds FriBiDi as it runs."""
    return bool(features.check("raqm"))


def _complex(character: str) -> bool:
    return unicodedata.bidirectional(character) in ("R", "AL") or unicodedata.category(character) in ("Mn", "Mc")


def _neutral(character: str, path: str) -> bool:
    """Whether a character goes along with the run before it: a space, or a digit or mark that its font has too."""
    return _blank(character) or (not character.isalpha() and has_glyph(path, character))


def _blank(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) == "Cf"


def _escaped(character: str) -> str:
    """As Python writes it: \\x07, \\u6b63, \\U0001f431."""
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _without_middle(text: str, left: int) -> str:
    """`left` characters of the text, two thirds of them from its end."""
    tail = -(-2 * left // 3)
    return f"{text[: left - tail]}…{text[len(text) - tail :]}"


@lru_cache(maxsize=128)
def _face(path: str, size: int, shaped: bool) -> ImageFont.FreeTypeFont:
    engine = ImageFont.Layout.RAQM if shaped else ImageFont.Layout.BASIC
    return ImageFont.truetype(path, size, layout_engine=engine)
