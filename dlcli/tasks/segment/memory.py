"""What `dlcli segment` takes of memory, where --tile adds what follows the image's shape. Light."""

from typing import TYPE_CHECKING, Any

from dlcli.frozen import dataclass
from dlcli.tasks.memory import MemoryModel
from dlcli.tasks.segment.tile_plan import TilePlan

if TYPE_CHECKING:
    from dlcli.imaging.footprint import Changed


@dataclass(frozen=True)
class SegmentMemory(MemoryModel):
    """classes, high, wide: of a tile's logits; those of the bundled model, until another one is open."""

    classes: int = 21
    high: int = 80
    wide: int = 80

    def prediction(self, options: Any, changed: "Changed", pixels: int) -> tuple[float, float]:
        need, result = super().prediction(options, changed, pixels)
        if not options.tile:
            return need, result
        high, wide = (self.high, self.wide) if changed.width <= changed.height else (self.wide, self.high)
        short, long = sorted((changed.width, changed.height))
        plan = TilePlan.of(short, long, options.tile_size, wide, high, options.tile_merge)
        return need + changed.pixels + plan.need(self.classes, wide, high), result
