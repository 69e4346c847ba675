"""How `dlcli style-transfer` uses a network: it takes the shares of the styles beside the image, and has no classes."""

from typing import TYPE_CHECKING, ClassVar

from dlcli.frozen import dataclass
from dlcli.tasks.network_use import NetworkUse

if TYPE_CHECKING:
    import numpy as np

    from dlcli.card import ModelCard


@dataclass(frozen=True)
class PainterUse(NetworkUse):
    labeled: ClassVar[bool] = False

    def more_inputs(self, card: "ModelCard") -> list["np.ndarray"]:
        """float32 [1, styles]: all of the first style. Of an any-style model the vector [1, V] and a style image."""
        import numpy as np

        vector = card.decoding.get("vector")
        weights = np.zeros((1, vector or len(card.decoding["styles"])), np.float32)
        weights[0, 0] = 1
        return [weights] if vector is None else [weights, _slopes()]


def _slopes() -> "np.ndarray":
    """float32 [1, 3, 64, 64] of 0 to 252: a style that tells little, and is the same everywhere."""
    import numpy as np

    y, x = np.mgrid[:64, :64].astype(np.float32)
    return np.stack([4 * x, 4 * y, 2 * (x + y)])[None]
