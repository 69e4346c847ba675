"""Whether an exported graph computes what the torch network computes, on real pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dlcli.errors import DlcliError
from dlcli.runtime.session import open_session
from dlcli.tasks.detect.predict import Forward

TOLERANCE = 1e-3  # on logits and offsets; 1e-5 is usual, 1e-3 moves a score by 0.00025 and no box by a pixel
HALF_TOLERANCE = 0.1  # with weights rounded to float16: 0.01 is usual, 0.1 moves a score by 0.025 at most


@dataclass(frozen=True)
class Difference:
    """The largest absolute differences over `pictures` pictures."""

    logits: float
    offsets: float
    pictures: int

    def __str__(self) -> str:
        return f"logits differ by at most {self.logits:.1e}, offsets by {self.offsets:.1e}, on {self.pictures} pictures"

    def check(self, tolerance: float) -> None:
        """DlcliError (exit 5) where one is above `tolerance` or not a number."""
        if not (self.logits <= tolerance and self.offsets <= tolerance):
            raise DlcliError(
                f"the exported network is not the trained one: {self}, expected at most {tolerance:g}; "
                "nothing was written; try other versions of torch, onnxscript and onnxruntime"
            )


def largest_difference(first: Forward, second: Forward, tensors: Sequence[np.ndarray]) -> Difference:
    """Compare two networks on tensors float32 [1, 3, h, w], at least one."""
    pairs = [
        [float(np.abs(a - b).max()) for a, b in zip(first(tensor), second(tensor), strict=True)] for tensor in tensors
    ]
    logits, offsets = np.max(pairs, axis=0)  # NaN stays NaN
    return Difference(float(logits), float(offsets), len(pairs))


def graph_forward(model: bytes, threads: int, workers: int = 1) -> Forward:
    """The bytes of an .onnx file as the predictor calls it; its outputs are logits and offsets, in this order."""
    session = open_session(model, threads, "cpu", workers)

    def forward(tensor: "np.ndarray") -> tuple["np.ndarray", "np.ndarray"]:
        logits, offsets = session.run(tensor)
        return logits[0], offsets[0]

    return forward
