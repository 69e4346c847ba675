"""Small .onnx files for the tests, made with the onnx package."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def conv_network(unused: int = 0) -> bytes:
    """Conv 3 -> 4 channels on float32 [1, 3, 8, 8]; ONNX Runtime warns of each `unused` initializer."""
    weights = np.random.default_rng(0).standard_normal((4, 3, 3, 3)).astype(np.float32)
    initializers = [numpy_helper.from_array(weights, "w")]
    initializers += [numpy_helper.from_array(np.zeros(1, np.float32), f"unused{i}") for i in range(unused)]
    return _save([helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1])], initializers, [1, 3, 8, 8])


def failing_network() -> bytes:
    """Opens, but fails on every batch that is not all zeros: an index far outside the array."""
    nodes = [
        helper.make_node("ReduceMax", ["x"], ["top"], keepdims=0),
        helper.make_node("Cast", ["top"], ["index"], to=TensorProto.INT64),
        helper.make_node("Gather", ["x", "index"], ["y"], axis=0),
    ]
    return _save(nodes, [], [1, 3, "height", "width"])


def two_input_network() -> bytes:
    """x - other, both float32 [1, 3, 8, 8]."""
    shape = [1, 3, 8, 8]
    model = onnx.load_from_string(_save([helper.make_node("Sub", ["x", "other"], ["y"])], [], shape))
    model.graph.input.append(helper.make_tensor_value_info("other", TensorProto.FLOAT, shape))
    return model.SerializeToString()


def looping_network() -> bytes:
    """Counts to x, float32 [1, 1], one by one. y: float32 [], the count."""
    scalar = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node("Add", ["count", "one"], ["next"]), helper.make_node("Identity", ["go"], ["goes"])],
        "body",
        [
            scalar("i", TensorProto.INT64, []),
            scalar("go", TensorProto.BOOL, []),
            scalar("count", TensorProto.FLOAT, []),
        ],
        [scalar("goes", TensorProto.BOOL, []), scalar("next", TensorProto.FLOAT, [])],
    )
    nodes = [
        helper.make_node("Cast", ["x"], ["whole"], to=TensorProto.INT64),
        helper.make_node("Reshape", ["whole", "no_axes"], ["rounds"]),
        helper.make_node("Loop", ["rounds", "yes", "zero"], ["y"], body=body),
    ]
    initializers = [
        numpy_helper.from_array(np.array(value), name)
        for name, value in (
            ("one", np.float32(1)), ("zero", np.float32(0)), ("yes", True), ("no_axes", np.zeros(0, np.int64)),
        )
    ]  # fmt: skip
    return _save(nodes, initializers, [1, 1])


def _save(nodes: list, initializers: list, shape: list) -> bytes:
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "small", [given], [result], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    assert isinstance(model, onnx.ModelProto)
    return model.SerializeToString()
