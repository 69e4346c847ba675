"""The bar over the tiles of one image: told at once how many there will be, and stepped for each of them."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from dlcli.console import Console
from dlcli.progress import Progress
from dlcli.records import Boxes
from dlcli.tasks.detect.tiles import detect_in_tiles
from dlcli.tasks.segment.segmenter import Segmenter
from dlcli.tasks.segment.tile_plan import TileMerge
from dlcli.tasks.segment.tiles import segment_in_tiles
from tests.tasks.segment.colors import color_card, color_forward


class Counting(Console):
    """Keeps what was announced, and counts the steps."""

    def __init__(self) -> None:
        super().__init__()
        self.announced: list[tuple[str, int | None]] = []
        self.steps = 0

    @contextmanager
    def progress(self, title: str, total: int | None = None, unit: str = "") -> Iterator[Progress]:
        self.announced.append((title, total))
        bar = Progress()
        bar.step = self.step  # type: ignore[method-assign]
        yield bar

    def step(self, note: str = "", run_left: float | None = None) -> None:
        self.steps += 1


def test_detect():
    console, nothing = Counting(), Boxes(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64))
    detect_in_tiles(lambda _: nothing, np.zeros((700, 900, 3), np.uint8), 256, 0.25, 0.45, console)
    assert console.announced == [("tiles", console.steps)]
    assert console.steps == 4 * 5  # 700 and 900 pixels by tiles of 256 that share at least 64


@pytest.mark.parametrize("merge", list(TileMerge))
@pytest.mark.parametrize("size", [(300, 500), (500, 300)])
def test_segment_at_every_scale(merge: TileMerge, size: tuple[int, int]):
    console = Counting()
    segmenter = Segmenter(color_card(), color_forward)
    segment_in_tiles(segmenter, np.zeros((*size, 3), np.uint8), 64, 0.5, merge=merge, console=console)
    assert console.announced == [("tiles", console.steps)]
    assert console.steps > 20
