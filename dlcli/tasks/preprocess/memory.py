"""What `dlcli preprocess` takes of memory: its result is the image that the steps made, and is encoded as asked."""

from collections.abc import Mapping
from dataclasses import field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from dlcli.frozen import dataclass
from dlcli.tasks.memory import MemoryModel
from dlcli.tasks.preprocess.names import image_name

if TYPE_CHECKING:
    from dlcli.imaging.footprint import Changed

AUDIT_16, PREVIEW, PREVIEW_16 = 14, 12.5, 22  # bytes a pixel of images of 16 bits, and of a preview


@dataclass(frozen=True)
class PreprocessMemory(MemoryModel):
    """image_suffix: of what is written, "" for the image's own."""

    image_suffix: str = ""
    predict: float | None = 0.2
    saves: Mapping[str, float] = field(default_factory=lambda: {"images": 0, "preview": PREVIEW})
    left: Mapping[str, float] = field(default_factory=lambda: {"images": 3})  # what was encoded
    reads_again: bool = True

    def all_pages(self, options: Any) -> bool:
        return options.pages == "all"

    def prediction(self, options: Any, changed: "Changed", pixels: int) -> tuple[float, float]:
        need, _ = super().prediction(options, changed, pixels)
        audit = AUDIT_16 * changed.pixels if changed.deep and options.check else 0
        return need + audit, 0 if options.for_ else changed.held

    def saving(self, options: Any, save: str, changed: "Changed", pixels: int, suffix: str) -> float:
        if save == "preview":
            return (PREVIEW_16 if changed.deep else PREVIEW) * max(pixels, changed.pixels)
        from dlcli.imaging.footprint import ENCODE, written

        name = image_name(PurePosixPath(f"a{suffix}"), self.image_suffix)
        return ENCODE[written(name.suffix)][changed.deep] * changed.pixels
