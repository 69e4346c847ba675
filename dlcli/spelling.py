"""Names as earlier versions spelled them, which are still taken: of options, their values, and keys in files. Light."""

from collections.abc import Iterable, Mapping
from typing import Any

EARLIER = (  # words: keep
    ("picture", "image"),  # words: keep
    ("colour", "color"),  # words: keep
    ("licence", "license"),  # words: keep
    ("optimise", "optimize"),  # words: keep
    ("equalise", "equalize"),  # words: keep
    ("grey", "gray"),  # words: keep
)


def today(name: str) -> str:
    """A name in today's spelling."""
    for earlier, now in EARLIER:
        name = name.replace(earlier, now).replace(earlier.upper(), now.upper())
    return name


def known(name: str, names: Iterable[str]) -> str:
    """`name`, or that one of `names` that it is in today's spelling."""
    listed = set(names)
    return today(name) if name not in listed and today(name) in listed else name


def keys_of_today(table: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON object whose own keys are in today's spelling; a key that is there in both is today's."""
    return {today(key): value for key, value in table.items() if today(key) == key or today(key) not in table}
