"""A network for images of any size as an ONNX graph, for style.py and any_style.py."""

import logging
import warnings
from collections.abc import Sequence
from typing import Any

import onnx
import torch
from torch import nn

from dlcli.export.graph import OPSET, lean

STEP = 4  # pixels; a painter halves twice
TRIED = (64, 96)  # height and width that a graph is traced with; it takes any
TOLERANCE = 2.0  # of 255, with weights rounded to float16; 0.5 is usual


def any_size(height: str, width: str, step: int) -> dict[int, Any]:
    """The sides of an image as the exporter knows them: multiples of `step`. Each name is used once in a graph."""
    return {axis: step * torch.export.Dim(name, min=4, max=4096) for axis, name in ((2, height), (3, width))}


def trace(
    net: nn.Module,
    inputs: tuple[torch.Tensor, ...],
    sizes: tuple[dict[int, Any] | None, ...],
    names: Sequence[str],
    outputs: Sequence[str],
) -> onnx.ModelProto:
    """The graph of a network in evaluation mode, traced with such inputs. sizes: the axes of each that may differ."""
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            *(net.eval(), inputs), input_names=list(names), output_names=list(outputs), dynamic_shapes=sizes,
            opset_version=OPSET, dynamo=True, external_data=False, optimize=True, verbose=False,
        )  # fmt: skip
    assert program is not None
    return lean(program.model_proto)
