"""Whether an exported graph computes what the torch network computes, on real images."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import nn

from dlcli.errors import DlcliError
from dlcli.frozen import dataclass
from dlcli.runtime.session import open_session

Arrays = Callable[[np.ndarray], tuple[np.ndarray, ...]]  # float32 [1, 3, h, w] -> each output without its batch
TOLERANCE = 1e-3  # on every output; 1e-5 is usual, 1e-3 moves a score by 0.00025 and no box by a pixel
HALF_TOLERANCE = 0.1  # with weights rounded to float16: 0.01 is usual, 0.1 moves a score by 0.025 at most


@dataclass(frozen=True)
class Difference:
    """The largest absolute difference of each output, by name, over `images` images."""

    outputs: tuple[tuple[str, float], ...]
    images: int

    def __str__(self) -> str:
        (first, value), *rest = self.outputs
        more = "".join(f", {name} by {value:.1e}" for name, value in rest)
        return f"{first} differ by at most {value:.1e}{more}, on {self.images} images"

    def check(self, tolerance: float) -> None:
        """DlcliError (exit 5) where one is above `tolerance` or not a number."""
        if not all(value <= tolerance for _, value in self.outputs):
            raise DlcliError(
                f"the exported network is not the trained one: {self}, expected at most {tolerance:g}; "
                "nothing was written; try other versions of torch, onnxscript and onnxruntime"
            )


def largest_difference(
    first: Arrays, second: Arrays, tensors: Sequence[np.ndarray], names: Sequence[str]
) -> Difference:
    """Compare two networks on tensors float32 [1, 3, h, w], at least one. names: of their outputs."""
    found = [
        [float(np.abs(a - b).max()) for a, b in zip(first(tensor), second(tensor), strict=True)] for tensor in tensors
    ]
    worst = [float(value) for value in np.max(found, axis=0)]  # NaN stays NaN
    return Difference(tuple(zip(names, worst, strict=True)), len(found))


def graph_arrays(model: bytes, threads: int, workers: int = 1) -> Arrays:
    """The bytes of an .onnx file as a function; its outputs in their order."""
    session = open_session(model, threads, "cpu", workers)
    return lambda tensor: tuple(output[0] for output in session.run(tensor))


def torch_arrays(net: nn.Module) -> Arrays:
    """A network that gives a tensor or several, as a function. Puts it into evaluation mode."""
    net.eval()
    device = next(net.parameters()).device

    def arrays(tensor: np.ndarray) -> tuple[np.ndarray, ...]:
        with torch.inference_mode():
            found = net(torch.from_numpy(tensor).to(device))
        return tuple(output[0].cpu().numpy() for output in (found if isinstance(found, tuple | list) else (found,)))

    return arrays
