"""RUN/batch.png: images of the first batch as the network gets them, with what it is to learn drawn on them.

What a sample is depends on seed, epoch and index alone, so that a look at some moves no random number of the run.
"""

from pathlib import Path
from typing import Any

from dlcli.imaging.drawing.contact_sheet import contact_sheet
from dlcli.imaging.writer import write_image

BATCH = "batch.png"
MOST, COLUMNS = 16, 4  # images on it
TITLE = "first batch, as augmented"


def write_batch(batches: Any, folder: Path) -> None:
    """Nothing where the batches are not of samples that can be shown: draw -> contact_sheet.Tile."""
    shown = getattr(getattr(batches, "samples", None), "shown", None)
    if shown is None:
        return
    draws = batches.draws(0)[: min(batches.size, MOST)]
    write_image(folder / BATCH, contact_sheet([shown(draw) for draw in draws], TITLE, COLUMNS))
