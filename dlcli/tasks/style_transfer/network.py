"""How `dlcli style-transfer` uses a network: it takes the shares of the styles beside the image, and has no classes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from dlcli.tasks.network_use import NetworkUse

if TYPE_CHECKING:
    import numpy as np

    from dlcli.card import ModelCard


@dataclass(frozen=True)
class PainterUse(NetworkUse):
    labeled: ClassVar[bool] = False

    def more_inputs(self, card: "ModelCard") -> list["np.ndarray"]:
        """float32 [1, styles]: all of the first style."""
        import numpy as np

        weights = np.zeros((1, len(card.decoding["styles"])), np.float32)
        weights[0, 0] = 1
        return [weights]
