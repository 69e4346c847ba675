"""A tiny classifier made by hand: the mean of each channel, as yes or no."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from dlcli.card import ModelCard


def yes_no_model(scores: str = "sigmoid") -> tuple[bytes, ModelCard]:
    """The bytes of a network of 4 x 4 pixels, and its card: red, green and blue are yes above half of the range."""
    card = ModelCard(
        *("colors", "classify", ("red", "green", "blue"), (4, 4), (127.5,) * 3, (12.75,) * 3),
        resize="stretch",
        decoding={"scores": scores},
    )
    axes = numpy_helper.from_array(np.array([2, 3]), "axes")
    graph = helper.make_graph(
        [helper.make_node("ReduceMean", ["image", "axes"], ["logits"], keepdims=0)],
        "colors",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 4, 4])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 3])],
        [axes],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString(), card
