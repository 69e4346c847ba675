"""Sheets of small images."""

import numpy as np
import pytest

from dlcli.imaging.drawing.contact_sheet import TILE, Tile, contact_sheet


@pytest.mark.parametrize(("count", "columns", "rows"), [(0, 1, 0), (1, 1, 1), (5, 5, 1), (6, 5, 2), (20, 5, 4)])
def test_layout(count, columns, rows):
    colors = [np.array([250, 10 * i, 5], np.uint8) for i in range(count)]
    tiles = [Tile(np.zeros((30, 60, 3), np.uint8) + color, (f"{i}", "x" * 200)) for i, color in enumerate(colors)]
    sheet = contact_sheet(tiles, "a title")
    assert sheet.dtype == np.uint8
    assert sheet.shape[1] == max(480, columns * (TILE + 12) + 12)
    for i, color in enumerate(colors):
        where = (np.abs(sheet.astype(int) - color) < 2).all(2)
        assert where.sum() == TILE * TILE // 2  # 60 x 30 becomes 200 x 100
        x, y = np.argwhere(where).mean(0)[::-1]
        assert (int(x // (TILE + 12)), int(y // (sheet.shape[0] / max(rows, 1)))) == (i % 5, i // 5)
