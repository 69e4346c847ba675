"""What `dlcli style-transfer` takes of memory, which follows the size that is painted at."""

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from dlcli.frozen import dataclass
from dlcli.tasks.memory import MemoryModel
from dlcli.tasks.style_transfer.options import Method

if TYPE_CHECKING:
    from dlcli.imaging.footprint import Changed

PAINT = 500  # bytes a pixel that is painted at; ONNX Runtime keeps them
PAINTED, KEPT_COLORS = 3, 12  # bytes a pixel of the result
TENSOR, MADE_TENSOR = 12, 27  # of --method optimize: the image in float32, and while it becomes that
OPTIMIZE = {"lite": 2000, "torchvision/vgg19": 3500}  # see dlcli/style
GRADIENTS = 240 << 20  # bytes, once, where torch follows gradients


@dataclass(frozen=True)
class StyleMemory(MemoryModel):
    predict: float | None = PAINT
    saves: Mapping[str, float] = field(default_factory=lambda: {"image": 0})

    def once(self, options: Any) -> int:
        return GRADIENTS if options.method is Method.OPTIMIZE else 0

    def prediction(self, options: Any, changed: "Changed", pixels: int) -> tuple[float, float]:
        from dlcli.tasks.style_transfer.optimize import SIZE
        from dlcli.tasks.style_transfer.predictor import LARGEST

        longer = max(changed.width, changed.height)
        if options.method is Method.OPTIMIZE:
            painted = changed.pixels * ((options.size or SIZE) / longer) ** 2
            work = TENSOR * changed.pixels + OPTIMIZE[options.features or "lite"] * painted
            return max(MADE_TENSOR * changed.pixels, work), 3 * PAINTED * painted
        network = PAINT * changed.pixels * ((options.size or min(longer, LARGEST)) / longer) ** 2
        colors = KEPT_COLORS if options.preserve_color else PAINTED
        return network + (PAINTED + colors) * changed.pixels, network + PAINTED * changed.pixels

    def saving(self, options: Any, save: str, changed: "Changed", pixels: int, suffix: str) -> float:
        from dlcli.imaging.footprint import ENCODE, written

        return ENCODE[written(suffix)][0] * changed.pixels
