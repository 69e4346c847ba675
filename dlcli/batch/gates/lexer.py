"""Text of a gate to words, quoted labels, operators and signs, each with its place."""

import unicodedata
from collections.abc import Callable

from dlcli.frozen import dataclass

WORD, QUOTED, UNCLOSED, OPERATOR, SIGN, END = "word", "quoted", "unclosed", "operator", "sign", "end"
_QUOTES, _IN_WORDS, _IN_OPERATORS = "\"'", "-_.", "<>=!&|"


@dataclass(frozen=True)
class Token:
    """kind: one of those above; `text` is as typed, quotes included, and starts at character `start` of the gate."""

    kind: str
    text: str
    start: int

    @property
    def label(self) -> str:
        """What a quoted token quotes; a doubled quote in it stands for one."""
        quote = self.text[0]
        return self.text[1:-1].replace(quote * 2, quote)


def tokens_of(text: str) -> list[Token]:
    """All tokens, an END last. Takes time in proportion to the length of the text."""
    found, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        kind, end = _token_at(text, at)
        found.append(Token(kind, text[at:end], at))
        at = end
    return [*found, Token(END, "", len(text.rstrip()))]


def quoted_if_needed(label: str) -> str:
    """The label as a gate may write it: bare where it is words with single spaces between them."""
    words = label.split(" ")
    if all(word and all(map(_is_of_word, word)) for word in words):
        return label
    quote = "'" if '"' in label else '"'
    return quote + label.replace(quote, quote * 2) + quote


def _token_at(text: str, start: int) -> tuple[str, int]:
    """Kind of the token that starts there, and where it ends."""
    if text[start] in _QUOTES:
        return _quoted(text, start)
    if text[start] in _IN_OPERATORS:
        return OPERATOR, _end_of_run(text, start, lambda c: c in _IN_OPERATORS)
    if _is_of_word(text[start]):
        return WORD, _end_of_run(text, start, _is_of_word)
    return SIGN, start + 1


def _quoted(text: str, start: int) -> tuple[str, int]:
    quote, at = text[start], start + 1
    while True:
        at = text.find(quote, at) + 1
        if not at:
            return UNCLOSED, start + 1
        if text[at : at + 1] != quote:
            return QUOTED, at
        at += 1


def _end_of_run(text: str, start: int, belongs: Callable[[str], bool]) -> int:
    end = start
    while end < len(text) and belongs(text[end]):
        end += 1
    return end


def _is_of_word(c: str) -> bool:
    """Letters of any script with their marks, digits, and what names of classes are joined by."""
    return c.isalnum() or c in _IN_WORDS or unicodedata.category(c).startswith("M")
