"""Which kinds of labels a place has."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dlcli.data.dataset import Kind
from dlcli.data.formats import dataset_splits
from dlcli.data.kinds import CLASSES
from dlcli.errors import DataError


def fitting_kinds(place: Path, kinds: Sequence[Kind[Any]]) -> list[tuple[Kind[Any], list[str]]]:
    """Kinds that the set has labels of, with the splits of each; CLASSES only if no other fits, since nearly every
    folder holds folders. DataError: none fits.
    """
    found: list[tuple[Kind[Any], list[str]]] = []
    failed: list[str] = []
    for kind in kinds:
        if kind is CLASSES and found:
            break
        try:
            found.append((kind, dataset_splits(kind, place)))
        except DataError as error:
            failed.append(str(error))
    if not found:
        raise DataError("\n".join(dict.fromkeys(failed)))
    return found
