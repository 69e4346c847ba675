"""The lines that a training says of its epochs: columns under a head, within 80 columns, the best one marked."""

from collections.abc import Mapping

from dlcli.units import clock

WIDEST = 80  # columns
FEWEST = 6  # of a number with four decimals
LONG = 36_000  # seconds, from which on minutes tell nothing


class EpochTable:
    """epochs: how many there will be."""

    def __init__(self, epochs: int):
        self.epochs = epochs
        self.names: list[str] = []

    def lines(self, row: Mapping[str, float], speed: float, left: float, best: bool) -> list[str]:
        """The line of an epoch, under a new head where the row has measures that were not there before.

        row: "epoch" and what was measured in it. speed: images learned from in a second. left: seconds of the run.
        """
        new = [name for name in row if name != "epoch" and name not in self.names]
        self.names += new
        number = f"{row['epoch']:.0f}/{self.epochs}"
        cells = [number, *(f"{row[name]:.4f}" if name in row else "-" for name in self.names)]
        cells += [f"{speed:.1f}", _short(left), "best" if best else ""]
        head = ["epoch", *self.names, "img/s", "left", ""]
        return [*([self._joined(head)] if new else []), self._joined(cells)]

    def _joined(self, cells: list[str]) -> str:
        widths = [
            max(5, len(f"{self.epochs}/{self.epochs}")),
            *(max(FEWEST, len(name)) for name in self.names),
            5,
            7,
            4,
        ]
        gap = "  " if sum(widths) + 2 * len(widths) <= WIDEST else " "
        return gap.join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def _short(seconds: float) -> str:
    """ "1:23", "9:59:00", "12 h" """
    return clock(seconds) if seconds < LONG else f"{seconds / 3600:.0f} h"
