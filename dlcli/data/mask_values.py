"""Which values all mask files of a set hold, and what 255 means there: decided by every file, never by a sample."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from dlcli.data.mask_file import stored_mask
from dlcli.data.mask_palettes import Palette, recolored, refuse_shuffled
from dlcli.data.masks import UNKNOWN, VOID, Colors, MaskValues
from dlcli.errors import DataError
from dlcli.frozen import dataclass
from dlcli.messages import plural
from dlcli.runtime.parallel import in_order
from dlcli.runtime.threads import default_threads

FOREGROUND = 1  # the value of the one class that is no background


@dataclass(frozen=True)
class MasksSeen:
    """values: in any mask. count: of masks that could be read. with_void: of those that hold 255.

    only_void: the first that holds 255 and no class but 0; classed: the first that holds a class and no 255; both: the
    first that holds 255 and a class; None: there is none. notes: what is to be said of palettes.
    """

    values: frozenset[int] = frozenset()
    count: int = 0
    with_void: int = 0
    only_void: Path | None = None
    classed: Path | None = None
    both: Path | None = None
    notes: tuple[str, ...] = ()


def look_at_masks(place: Path, masks: Sequence[Path], colors: Colors) -> MasksSeen:
    """Every mask; one that cannot be read is passed over, as check_dataset names it.

    DataError: their palettes differ in what a value is, see mask_palettes.
    """
    look = [(path, found) for path, found in in_order(lambda path: _look(path, colors), masks, default_threads())]
    palettes = [(path, palette) for path, (_, palette) in look]
    refuse_shuffled(place, palettes)
    seen = [(path, values) for path, (values, _) in look if values]
    first = {
        "only_void": next((path for path, found in seen if VOID in found and not found - {0, VOID}), None),
        "classed": next((path for path, found in seen if VOID not in found and found - {0}), None),
        "both": next((path for path, found in seen if VOID in found and found - {0, VOID}), None),
    }
    values = frozenset[int]().union(*(found for _, found in seen))
    return MasksSeen(
        values, len(seen), sum(VOID in found for _, found in seen), **first, notes=recolored(place, palettes)
    )


def with_white_foreground(place: Path, values: MaskValues, seen: MasksSeen) -> tuple[MaskValues, tuple[str, ...]]:
    """What 255 means, and the sentence that says so.

    In a set of a background and one class it is that class where no mask holds 1, else pixels that do not count. In a
    set of more classes it is always the latter. DataError: some masks have their foreground at 1 and others at 255.
    """
    if not seen.with_void:
        return values, ()
    where = f"{place}: 255, in {seen.with_void:,} of {plural(seen.count, 'mask')},"
    if len(values.names) != 2 or values.class_ids[FOREGROUND] in (UNKNOWN, VOID):
        return values, (f"{where} marks pixels that do not count",)
    if FOREGROUND not in seen.values:
        ids = list(values.class_ids)
        ids[VOID], ids[FOREGROUND] = ids[FOREGROUND], UNKNOWN
        return replace(values, class_ids=tuple(ids)), (f"{where} is the foreground, as no mask holds 1",)
    if seen.only_void is not None and seen.classed is not None and seen.both is None:
        raise DataError(
            f"{place}: {seen.only_void.name} holds 0 and 255, and {seen.classed.name} 0 and 1, so 255 is the "
            "foreground in the one, or does not count there; save all masks with one value for the foreground"
        )
    return values, (f"{where} marks pixels that do not count, as others hold 1",)


def _look(path: Path, colors: Colors) -> tuple[frozenset[int], Palette | None]:
    """The values of a mask and its palette, None where the colors of that were looked up; empty: it cannot be read."""
    try:
        mask = stored_mask(path, colors)
    except DataError:
        return frozenset(), None
    return frozenset(np.flatnonzero(np.bincount(mask.values.ravel(), minlength=256)).tolist()), mask.palette
