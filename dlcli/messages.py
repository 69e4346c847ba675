"""Pieces of messages that every part of the program shares. Light."""

import os
from collections.abc import Iterable, Sequence
from pathlib import PurePath

SHOWN = 100  # characters of a long text that an error shows
WORD = 40  # characters of a long word that a message repeats


def as_text(path: str | bytes | PurePath) -> str:
    """A path that can be printed: bytes that are not UTF-8 become U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")


def plural(count: int, noun: str, plurals: str = "") -> str:
    """ "1 file", "1,200 files". plurals: where `many` would be wrong."""
    return f"{count:,} {noun if count == 1 else plurals or many(noun)}"


def many(noun: str) -> str:
    """ "files", "classes" """
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"


def shortened(text: str, length: int = WORD) -> str:
    """As much of a text as a message repeats."""
    return text if len(text) <= length else f"{text[:length]}..."


def short_repr(value: object, length: int = WORD) -> str:
    """repr of a value from a file, cut so that a message stays one line."""
    try:
        text = repr(value)
    except RecursionError:
        text = f"a {type(value).__name__} nested too deep"
    return text if len(text) <= length else text[: length - 3] + "..."


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names for a message: 'a, b, c', or the first ones 'and 8 more', or 'none'."""
    ordered = list(names)
    more = f" and {len(ordered) - most} more" if len(ordered) > most else ""
    return (", ".join(ordered[:most]) or "none") + more


def nearest(word: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """The known name that is most like a word, whatever its case; "" where none is."""
    from difflib import get_close_matches

    by_name = {name.casefold(): name for name in known}
    close = get_close_matches(word.casefold(), by_name, n=1, cutoff=likeness)
    return by_name[close[0]] if close else ""


def did_you_mean(word: str, known: Sequence[str], likeness: float = 0.6) -> str:
    """ "did you mean dog?", or "" where no known name is like the word."""
    near = nearest(word, known, likeness)
    return f"did you mean {near}?" if near else ""


def underline(text: str, start: int, length: int) -> str:
    """The text on one line and carets under a part of it on the next; a long text is shown around that part only.

    start, length: of the part, in characters; at least one caret is shown.
    """
    first = max(0, start - SHOWN // 2)
    line = "".join(c if c.isprintable() else "?" for c in text[first : first + SHOWN])
    before = start - first
    marked = line[before : before + length]
    return f"  {line}\n  {' ' * columns_of(line[:before])}{'^' * max(1, columns_of(marked))}"


def columns_of(text: str) -> int:
    """Of a terminal, that a text takes."""
    import unicodedata

    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) > 0 for c in text)
