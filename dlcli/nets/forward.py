"""From a network in torch to the function that a predictor calls, whatever the network is for."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn


def torch_forward(net: nn.Module) -> Callable[[np.ndarray], Any]:
    """The network as the predictor calls it: float32 [1, 3, h, w] -> what it gives of that image, float32.

    An array without the axis of the batch, or a tuple of them where the network gives several: a classifier's logits
    [classes], a segmenter's [labels, h / s, w / s], a detector's ([A, classes], [A, 4]). Puts the network into
    evaluation mode; it computes where its weights are. tasks/torch_predict.py and training call this.
    """
    net.eval()
    device = next(net.parameters()).device

    def forward(tensor: np.ndarray) -> Any:
        with torch.inference_mode():
            outputs = net(torch.from_numpy(tensor).to(device).contiguous(memory_format=torch.channels_last))
            return tuple(map(_first, outputs)) if isinstance(outputs, tuple) else _first(outputs)

    return forward


def _first(output: torch.Tensor) -> np.ndarray:
    """Of a batch, the one image: [1, ...] -> float32 [...], its numbers in the order of its axes."""
    return np.ascontiguousarray(output[0].float().cpu().numpy())
