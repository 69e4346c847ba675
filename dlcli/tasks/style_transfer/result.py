"""A painted image: as a record, as a line, as files."""

from collections.abc import Iterator
from dataclasses import field
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from dlcli.frozen import dataclass
from dlcli.records import DecodedImage
from dlcli.tasks.contract import Output, Result
from dlcli.tasks.outputs import folder_below, image_name
from dlcli.tasks.style_transfer.names import plot_name
from dlcli.tasks.style_transfer.options import RECORDED
from dlcli.units import show_share

QUALITY = 92  # of JPEG; strokes are fine detail
SHARE_DECIMALS, LOSS_DIGITS = 4, 4


@dataclass(frozen=True)
class Painted(Result):
    """pixels: uint8 [H, W, 3] RGB. styles: names with their shares. method: "fast" or "optimize".

    losses: name -> value at the end, for optimize. plot: a PNG of their way. steps: (number of the step, PNG) of
    images on the way.
    """

    pixels: np.ndarray
    styles: tuple[tuple[str, float], ...]
    method: str
    losses: dict[str, float] = field(default_factory=dict)
    plot: bytes | None = None
    steps: tuple[tuple[int, bytes], ...] = ()

    def fields(self) -> dict[str, Any]:
        styles = [{"style": name, "share": round(share, SHARE_DECIMALS)} for name, share in self.styles]
        found: dict[str, Any] = {"method": RECORDED.get(self.method, self.method), "styles": styles}
        if self.losses:
            found["losses"] = {name: float(f"{value:.{LOSS_DIGITS}g}") for name, value in self.losses.items()}
        return found

    def line(self) -> str:
        blend = " + ".join(
            name if len(self.styles) == 1 else f"{show_share(share)} {name}" for name, share in self.styles
        )
        losses = "".join(f", {name} {value:.3g}" for name, value in self.losses.items())
        return f"painted as {blend}, {self.pixels.shape[1]} x {self.pixels.shape[0]}{losses}"

    def table(self) -> tuple[list[str], list[list[str]]]:
        rows = [[name, show_share(share)] for name, share in self.styles]
        return ["style", "share"], [*rows, *([f"{name} loss", f"{value:.3g}"] for name, value in self.losses.items())]

    def outputs(self, image: DecodedImage, place: PurePosixPath, saves: tuple[str, ...]) -> Iterator[Output]:
        from dlcli.imaging.writer import encode_image

        if "image" not in saves:
            return
        name = image_name(place)
        yield name, encode_image(self.pixels, name.suffix, QUALITY)
        for number, data in self.steps:
            yield folder_below("steps", place) / f"{number:05d}.png", data
        if self.plot is not None:
            yield plot_name(place), self.plot
