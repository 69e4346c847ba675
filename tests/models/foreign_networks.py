"""Networks as other tools export them, with random weights, made with the onnx package."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

STRIDE = 8


def classifier(classes: int = 3, side: int | str = 32, nhwc: bool = False, softmax: bool = False) -> bytes:
    """[1, 3, side, side] (or [1, side, side, 3]) -> [1, classes]. side: a word for any size."""
    nodes, values, seen = _features(classes, nhwc)
    nodes += [
        helper.make_node("GlobalAveragePool", [seen], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]),
        helper.make_node("Softmax" if softmax else "Identity", ["flat"], ["probabilities"]),
    ]
    return _save(nodes, values, _input_shape(side, nhwc), "probabilities")


def segmenter(classes: int = 3, side: int = 32) -> bytes:
    """[1, 3, side, side] -> [1, classes, side / 8, side / 8]."""
    nodes, values, seen = _features(classes, False)
    return _save(
        [*nodes, helper.make_node("Identity", [seen], ["logits"])], values, _input_shape(side, False), "logits"
    )


def yolo(
    classes: int = 3, side: int = 64, kind: str = "yolov8", transposed: bool = False, last: str = "Sigmoid"
) -> bytes:
    """A network with YOLO's outputs: [1, 4 + classes, N] as YOLOv8 has it, or [1, N, 5 + classes] as YOLOv5.

    Centers lie anywhere in the input, sides have up to half of it, scores lie in [0, 1], unless the `last` operator is
    another.
    """
    rows = classes + (4 if kind == "yolov8" else 5)
    nodes, values, seen = _features(rows, False)
    scale = np.ones((1, rows, 1), np.float32)
    scale[0, :4, 0] = [side, side, side / 2, side / 2]
    values |= {"shape": np.array([1, rows, -1], np.int64), "scale": scale}
    nodes += [
        helper.make_node("Reshape", [seen, "shape"], ["columns"]),
        helper.make_node(last, ["columns"], ["shares"]),
        helper.make_node("Mul", ["shares", "scale"], ["found"]),
        helper.make_node("Transpose", ["found"], ["rows"], perm=[0, 2, 1]),
    ]
    return _save(nodes, values, _input_shape(side, False), "rows" if (kind == "yolov8") == transposed else "found")


def with_outside_weights(name: str = "weights.bin") -> bytes:
    """A network whose weights are in a second file, as torch exports large ones."""
    model = onnx.load_from_string(classifier())
    weight = model.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value=name)
    return bytes(model.SerializeToString())


def _features(channels: int, nhwc: bool) -> tuple[list, dict, str]:
    """Nodes, values, and the name of [1, channels, h / 8, w / 8], whose numbers lie around 0."""
    random = np.random.default_rng(7)
    weights = random.normal(0, 1.5, (channels, 3, STRIDE, STRIDE)).astype(np.float32) / STRIDE
    nodes = [helper.make_node("Transpose", ["x"], ["planes"], perm=[0, 3, 1, 2])] if nhwc else []
    nodes.append(helper.make_node("Conv", ["planes" if nhwc else "x", "w"], ["seen"], strides=[STRIDE, STRIDE]))
    return nodes, {"w": weights}, "seen"


def _input_shape(side: int | str, nhwc: bool) -> list:
    return [1, side, side, 3] if nhwc else [1, 3, side, side]


def _save(nodes: list, values: dict, shape: list, output: str) -> bytes:
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    result = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
    initializers = [numpy_helper.from_array(value, name) for name, value in values.items()]
    graph = helper.make_graph(nodes, "foreign", [given], [result], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())
