"""Classes as targets: their ids, and how the names of a set become them."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from dlcli.data.dataset import Dataset, Item
from dlcli.data.files import read_text
from dlcli.errors import DataError
from dlcli.messages import listed, short_repr

ClassTarget = tuple[int, ...]  # the ids of an image's classes, ascending: one, or any number in a multi-label set
ClassItem = Item[ClassTarget]
ClassSet = Dataset[ClassTarget]


def present_classes(data: ClassSet) -> tuple[int, ...]:
    """Ids of the classes that some image has, ascending."""
    return tuple(sorted({class_id for item in data.items for class_id in item.target}))


def read_aliases(path: Path) -> dict[str, str]:
    """A file of lines "word,label": how a set calls what a model calls `label`. DataError names a line that is not."""
    found = {}
    for number, line in enumerate(read_text(path, pipes=True).splitlines(), 1):
        word, comma, label = (part.strip() for part in line.partition(","))
        if not line.strip():
            continue
        if not (word and comma and label):
            raise DataError(
                f"{path}: line {number}: expected the set's word, a comma and a label, got {short_repr(line)}"
            )
        found[word] = label
    return found


def number_classes(
    names: Iterable[str], labels: tuple[str, ...] | None, aliases: Mapping[str, str] | None, source: Path
) -> tuple[tuple[str, ...], dict[str, int]]:
    """The labels, and for each of a set's class names its class id.

    labels: the names to number by (a model's); None: the set's own, sorted. aliases: other words for labels, such as
    WordNet ids. A name fits a label exactly, by an alias, or where only case, "_", "-" and brackets differ.
    DataError: a name that no label fits, or that no model card can hold.
    """
    wanted = {name: (aliases or {}).get(name, name) for name in sorted(set(names))}
    if labels is None:
        labels = tuple(sorted(set(wanted.values())))
        _refuse_unfit(labels, source)
    exact = {label: number for number, label in enumerate(labels)}
    loose = _unique_loose(labels)
    found = {name: exact.get(word, loose.get(_loosely(word), -1)) for name, word in wanted.items()}
    unknown = [wanted[name] for name, number in found.items() if number < 0]
    if unknown:
        raise DataError(f"{source}: {_unknown(unknown, labels)}")
    return labels, found


def similar_labels(labels: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of names that differ by case, spaces, "_", "-", brackets or how letters are composed: Cat and cat."""
    groups: dict[str, list[str]] = {}
    for label in labels:
        groups.setdefault(_loosely(label), []).append(label)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _unknown(names: list[str], labels: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(names[0], labels, n=1, cutoff=0.8)
    hint = f"did you mean {near[0]}? " if near else ""
    return (
        f"{len(names)} class(es) that are not the model's: {listed(map(short_repr, names))}; {hint}"
        f"it knows {listed(labels)}; rename the classes, or say which is which by --map FILE"
    )


def _refuse_unfit(labels: tuple[str, ...], source: Path) -> None:
    """DataError for a name that a model card cannot hold, see ModelCard.labels."""
    for label in labels:
        if not label.strip() or not label.isprintable() or "," in label:
            raise DataError(f"{source}: expected class names without commas and control characters, got {label!r}")


def _unique_loose(labels: tuple[str, ...]) -> dict[str, int]:
    """Loose spellings that one label only has."""
    found: dict[str, int] = {}
    for number, label in enumerate(labels):
        found[_loosely(label)] = -1 if _loosely(label) in found else number
    return found


def _loosely(name: str) -> str:
    plain = unicodedata.normalize("NFC", name).casefold()
    return " ".join(re.sub(r"[\s_\-()]+", " ", plain).split())
