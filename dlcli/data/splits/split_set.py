"""`dlcli data split`: a labeled set as train, val and test, in its own format; the command calls this."""

from collections.abc import Callable
from typing import Any

from dlcli.data.check import check_dataset, drop_bad_files
from dlcli.data.conversion.run import Conversion
from dlcli.data.dataset import Kind
from dlcli.data.fitting import fitting_kinds
from dlcli.data.formats import ALL, read_dataset
from dlcli.data.kinds import CLASSES, KINDS
from dlcli.data.splits.dealing import Dealer
from dlcli.data.splits.split_classes import split_classes
from dlcli.data.splits.split_objects import Split, split_objects
from dlcli.errors import DataError, ImageError


def split_set(asked: Conversion, kind: str, dealer: Dealer, say: Callable[[str], None] | None = None) -> Split:
    """Write the set asked.source as asked.target, dealt out again, whatever splits it had.

    kind: of its labels, one of KINDS; "": detected. say: hears of bad files, which are left out; None: DataError names
    them. UsageError: the target is there, or something would be lost. DataError: too few images for that many splits.
    """
    wanted = (KINDS[kind],) if kind else tuple(KINDS.values())
    (found, _), *_ = fitting_kinds(asked.source, wanted)
    try:
        return _split(asked, found, dealer, say)
    except ImageError as error:
        raise DataError(f"{error}; fix the file or take it out of the set") from error


def _split(asked: Conversion, kind: Kind[Any], dealer: Dealer, say: Callable[[str], None] | None) -> Split:
    if kind is not CLASSES:
        return split_objects(asked, kind, dealer, say)
    data = read_dataset(CLASSES, asked.source, ALL)
    return split_classes(asked, drop_bad_files(data, check_dataset(CLASSES, data), say), dealer)
