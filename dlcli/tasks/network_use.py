"""How a task uses a network: what builds it in torch, what it gives, what an imported one must look like. Light."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from dlcli.frozen import dataclass

if TYPE_CHECKING:
    import numpy as np

    from dlcli.card import ModelCard
    from dlcli.models.importing import ImportRequest, ProbedModel

Shape = tuple[int | None, ...]  # None: any size


@dataclass(frozen=True)
class NetworkUse:
    """What dlcli asks of a task that runs a network; the defaults serve one that only opens its own in ONNX Runtime.

    build: "module:function" that makes torch's network, in its random start, from a card; "": it has none in torch.
    """

    build: str = ""
    labeled: ClassVar[bool] = True  # its cards name at least one class
    resize: ClassVar[str] = ""  # of a model that is imported, unless given; "": none can be imported
    ultralytics: ClassVar[str] = ""  # its word for the task, in the files that it exports
    torchvision: ClassVar[str] = ""  # a kind of network of nets/torchvision/models.py that serves it

    def shapes(self, card: "ModelCard") -> tuple[Shape, ...]:
        """Of the outputs that count, with the batch's axis; none where the network decodes them itself.

        ValueError: the card does not tell.
        """
        return ()

    def more_inputs(self, card: "ModelCard") -> list["np.ndarray"]:
        """What a network takes beside the image, to be tried with: float32 arrays with the batch's axis."""
        return []

    def own_limits(self, options: Any) -> tuple[float, float] | None:
        """(lowest score, highest IoU) where the network itself chooses boxes at its end; None: it does not."""
        return None

    def decoding(self, wanted: "ImportRequest", seen: "ProbedModel") -> Mapping[str, Any]:
        """Of the card of an imported network. UsageError: what it gives does not fit."""
        return {}

    def usual_input(self, decoding: Mapping[str, Any]) -> Mapping[str, Any]:
        """mean, std, resize and channels of networks that are imported with such a decoding, as far as known."""
        return {}
