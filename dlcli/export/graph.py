"""A torch network as an ONNX graph in one file, and the same graph with its weights stored in half the bytes."""

import logging
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

OPSET = 18  # ONNX Runtime 1.14 and later
HALVED_FROM = 64  # values; biases and constants below stay float32


def to_graph(net: nn.Module, size: tuple[int, int], outputs: tuple[str, ...]) -> onnx.ModelProto:
    """The graph of a network in evaluation mode, with constants folded and without the exporter's notes.

    size: (width, height) of its one input, `image`, float32 [1, 3, height, width]. outputs: their names, in order.
    """
    return trace(net, (torch.zeros(1, 3, size[1], size[0]),), None, ("image",), outputs)


def trace(
    net: nn.Module,
    inputs: tuple[torch.Tensor, ...],
    sizes: tuple[dict[int, Any] | None, ...] | None,
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


def lean(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same network without doc strings, source lines, shape notes and unused weights; producer and version kept."""
    slim = onnx.ModelProto()
    slim.CopyFrom(model)
    used = {name for node in slim.graph.node for name in node.input}
    kept = [weight for weight in slim.graph.initializer if weight.name in used]
    del slim.graph.initializer[:], slim.graph.value_info[:], slim.metadata_props[:], slim.graph.metadata_props[:]
    slim.graph.initializer.extend(kept)
    for item in (slim, slim.graph, *slim.graph.node, *slim.graph.initializer, *slim.graph.input, *slim.graph.output):
        item.doc_string = ""
        if hasattr(item, "metadata_props"):
            del item.metadata_props[:]
    return slim


def half_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph with weights stored as float16 and a Cast each: half the file, float32 arithmetic.

    ONNX Runtime casts once, when it opens the file. A weight that float16 cannot hold stays as it is.
    """
    small = onnx.ModelProto()
    small.CopyFrom(model)
    casts, weights = [], []
    for weight in small.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < HALVED_FROM or np.abs(values).max() > np.finfo(np.float16).max:
            weights.append(weight)
            continue
        stored = f"{weight.name}_half"
        weights.append(numpy_helper.from_array(values.astype(np.float16), stored))
        casts.append(helper.make_node("Cast", [stored], [weight.name], f"cast_{weight.name}", to=TensorProto.FLOAT))
    nodes = list(small.graph.node)
    del small.graph.initializer[:], small.graph.node[:]
    small.graph.initializer.extend(weights)
    small.graph.node.extend([*casts, *nodes])
    return small
