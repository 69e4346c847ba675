"""One image after its steps: its place in the record, and its files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from dlcli.imaging.file_info import read_image_info
from dlcli.imaging.geometry import Placement
from dlcli.imaging.writer import encode_image
from dlcli.records import DecodedImage
from dlcli.tasks.contract import Output, Result
from dlcli.tasks.preprocess.names import image_name, preview_name

Encode = Callable[["Preprocessed", DecodedImage, str], bytes]  # what to write, the image read, the suffix


@dataclass
class Preprocessed(Result):
    """pixels: RGB [h, w, 3], uint8 or uint16; None once they are written, so that a waiting record holds no image.

    placement: of the upright source in them. suffix: of what is written, "" for the image's own. steps: the chain.
    keeps_colors: they are in the color space of the file, else in sRGB. left_out: frames or pages that are not written.
    notes: of the file that was read, where other pages are written than it says.
    """

    pixels: np.ndarray | None
    placement: Placement
    suffix: str
    steps: str
    encode: Encode
    keeps_colors: bool = False
    left_out: int = 0
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        assert self.pixels is not None
        self.height, self.width = self.pixels.shape[:2]
        self.bits = 8 * self.pixels.itemsize

    def fields(self) -> dict[str, Any]:
        there = self.placement
        placement = {"sx": there.scale_x, "sy": there.scale_y, "dx": float(there.dx), "dy": float(there.dy)}
        return {"size": [self.width, self.height], "placement": placement}

    def line(self) -> str:
        before = f"{self.placement.source_width} x {self.placement.source_height}"
        after = f"{self.width} x {self.height}"
        return after if before == after else f"{before} to {after}"

    def table(self) -> tuple[list[str], list[list[str]]]:
        return [], []

    def outputs(self, image: DecodedImage, place: PurePosixPath, saves: tuple[str, ...]) -> Iterator[Output]:
        assert self.pixels is not None
        if "images" in saves:
            name = image_name(place, self.suffix)
            yield name, self.encode(self, image, name.suffix)
        if "preview" in saves:
            from dlcli.imaging.color.convert import to_srgb
            from dlcli.imaging.drawing.preview_sheet import before_after

            profile = self._profile(image)
            sides = to_srgb(image.pixels, profile), to_srgb(self.pixels, profile)
            yield preview_name(place), encode_image(before_after(*sides, self.steps), ".png")

    def _profile(self, image: DecodedImage) -> bytes:
        """That the pixels are under; b"" for sRGB."""
        return read_image_info(image.source).metadata.icc if self.keeps_colors and image.source else b""
