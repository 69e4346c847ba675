"""One picture after its steps: its place in the record, and its files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from dlcli.imaging.geometry import Placement
from dlcli.imaging.writer import encode_picture
from dlcli.records import Picture
from dlcli.tasks.contract import Output
from dlcli.tasks.preprocess.names import picture_name, preview_name

Encode = Callable[[Picture, np.ndarray, str], bytes]  # the picture read, the pixels to write, the suffix


@dataclass
class Prepared:
    """pixels: RGB [h, w, 3], uint8 or uint16; None once they are written, so that a waiting record holds no picture.

    placement: of the upright source in them. suffix: of what is written, "" for the picture's own. steps: the chain.
    """

    pixels: np.ndarray | None
    placement: Placement
    suffix: str
    steps: str
    encode: Encode

    def __post_init__(self) -> None:
        assert self.pixels is not None
        self.height, self.width = self.pixels.shape[:2]
        self.bits = 8 * self.pixels.itemsize

    def fields(self) -> dict[str, Any]:
        there = self.placement
        placement = {"sx": there.scale_x, "sy": there.scale_y, "dx": float(there.dx), "dy": float(there.dy)}
        return {"size": [self.width, self.height], "placement": placement}

    def line(self) -> str:
        return f"{self.placement.source_width} x {self.placement.source_height} to {self.width} x {self.height}"

    def table(self) -> tuple[list[str], list[list[str]]]:
        return [], []

    def outputs(self, picture: Picture, place: PurePosixPath, saves: tuple[str, ...]) -> Iterator[Output]:
        assert self.pixels is not None
        if "pictures" in saves:
            name = picture_name(place, self.suffix)
            yield name, self.encode(picture, self.pixels, name.suffix)
        if "preview" in saves:
            from dlcli.imaging.drawing.preview_sheet import before_after

            sheet = before_after(picture.pixels, self.pixels, self.steps)
            yield preview_name(place), encode_picture(sheet, ".png")
