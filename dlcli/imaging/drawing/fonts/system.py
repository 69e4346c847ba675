"""The fonts that this machine has, for scripts that the bundled one lacks, such as Chinese, Japanese and Korean.

The usual folders are walked once a process, and only when such a text is to be drawn.
"""

import os
import re
import sys
from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageFont

SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
PROBE = 16  # pixels: the size at which is looked whether a font has a character
NOWHERE = "\U0010ffff"  # no font has it, so it is drawn as each draws what it lacks
# Of faces that serve as well, the plain ones come first: a serif or bold letter among others stands out.
_ORNATE = re.compile(r"bold|italic|oblique|black|heavy|light|thin|mono|serif|condensed|emoji|symbol|last.?resort", re.I)


def font_with(character: str) -> str | None:
    """Path of the first font that has the character; None where there is none."""
    return next((path for path in font_files() if has_glyph(path, character)), None)


@cache
def font_files() -> tuple[str, ...]:
    """Every font file in the system's folders: plain faces first, then by path, so that the order is the same always.

    XDG_DATA_HOME and XDG_DATA_DIRS are heard, as fontconfig hears them.
    """
    found = {
        os.path.join(folder, name)
        for place in _folders()
        for folder, _, names in os.walk(place)
        for name in names
        if name.lower().endswith(SUFFIXES)
    }
    return tuple(sorted(found, key=lambda path: (bool(_ORNATE.search(os.path.basename(path))), path)))


@lru_cache(maxsize=4096)
def has_glyph(path: str, character: str) -> bool:
    """Whether the font draws the character otherwise than one that it lacks; False for a file that is no font."""
    font = _probe(path)
    if font is None:
        return False
    try:
        return _drawn(font, character) != _drawn(font, NOWHERE)
    except (OSError, ValueError):
        return False


@lru_cache(maxsize=256)
def _probe(path: str) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(path, PROBE, layout_engine=ImageFont.Layout.BASIC)
    except (OSError, ValueError):
        return None


def _drawn(font: ImageFont.FreeTypeFont, character: str) -> tuple[float, tuple[int, int], bytes]:
    """What tells two glyphs of a font apart: their widths, sizes and pixels."""
    mask = font.getmask(character)
    return font.getlength(character), mask.size, bytes(mask)


def _folders() -> list[Path]:
    home = Path.home() if os.environ.get("HOME") or sys.platform == "win32" else Path("/nonexistent")
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    if sys.platform == "win32":
        windows = Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"
        return [windows, home / "AppData/Local/Microsoft/Windows/Fonts"]
    own = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share")
    shared = (os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    return [own / "fonts", home / ".fonts", *(Path(place) / "fonts" for place in shared if place)]
