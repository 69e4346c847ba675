"""What `dlcli.style_transfer` gives."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Self, cast

from dlcli.frozen import dataclass
from dlcli.records import DecodedImage
from dlcli.tasks.contract import Result
from dlcli.tasks.image_result import PixelResult, head_of
from dlcli.tasks.style_transfer.result import Painted


@dataclass(frozen=True)
class StyleShare:
    """A style of a mixture, and its share of it, 0 to 1."""

    style: str
    share: float


@dataclass(frozen=True, kw_only=True)
class StyleResult(PixelResult):
    """pixels: uint8 [H, W, 3], the painted image. styles: what it was painted as.

    losses: of method="optimize" at its end. plot: a PNG of their way, with plot=True. steps: (number, PNG) of images on
    the way, with save_every.
    """

    method: str
    styles: tuple[StyleShare, ...]
    losses: Mapping[str, float]
    plot: bytes | None = field(default=None, repr=False)
    steps: tuple[tuple[int, bytes], ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, record: dict[str, Any], result: Result, image: DecodedImage) -> Self:
        found = cast(Painted, result)
        return cls(
            record=record,
            **head_of(record),
            pixels=found.pixels,
            method=found.method,
            styles=tuple(StyleShare(**item) for item in record["styles"]),
            losses=record.get("losses", {}),
            plot=found.plot,
            steps=found.steps,
        )
