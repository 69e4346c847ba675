"""Small networks and cards that do not belong together, as a stranger's hand or exporter may make them."""

import copy
import json
import random
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.models.foreign_networks import classifier, segmenter, with_outside_weights, yolo

SIDE = 32
LABELS = ["a", "b", "c"]
ANCHORS = {"strides": [16], "sides": [16], "scales": [1.0], "ratios": [1.0], "variances": [0.1, 0.2]}
VALUES: list[Any] = [
    *(None, True, 0, 1, -1, 2.5, 10**30, 1e308, "", "x", "\ud800", "nhwc", "bgr", "yolov5", "softmax", "torchvision"),
    *([], [0], [1, 2], [16, 32], ["a"], [[]], [1e308], [0, 0, 0], [8193, 1], {}, {"a": 1}, {"kind": 1}, "a" * 300),
]
FIELDS = ["name", "task", "labels", "input", "mean", "std", "resize", "fill", "max_stretch", "crop", "pre", "decoding"]
FIELDS += ["training", "scores", "license", "credits", "schema", "later"]
DECODING = ["output", "layout", "channels", "kind", "background", "scores", "net", *ANCHORS]


def network(kind: str, classes: int, side: int) -> bytes:
    """A network of ours or of others, for the task that `card` names for its kind."""
    if kind == "classify":
        return classifier(classes, side)
    if kind == "segment":
        return segmenter(classes, side)
    if kind in ("yolov8", "yolov5"):
        return yolo(classes, side, kind)
    return detector(classes, side)


def card(kind: str) -> dict[str, Any]:
    """The card that fits `network(kind, 3, SIDE)`."""
    task = kind if kind in ("classify", "segment") else "detect"
    decoding: dict[str, dict[str, Any]] = {
        "classify": {"output": "probabilities", "scores": "softmax"},
        "segment": {"output": "logits", "background": None},
        "yolov8": {"output": "found", "kind": "yolov8"},
        "yolov5": {"output": "rows", "kind": "yolov5"},
        "anchors": ANCHORS,
    }
    head = {"schema": "dlcli.card/1", "name": "mine", "task": task, "labels": LABELS, "input": [SIDE, SIDE]}
    return head | {"mean": [0, 0, 0], "std": [255, 255, 255], "decoding": decoding[kind]}


KINDS = ("classify", "segment", "yolov8", "yolov5", "anchors")


def detector(classes: int, side: int) -> bytes:
    """logits [1, 4, classes] and offsets [1, 4, 4] of an input of 32 x 32, as dlcli's own have them."""
    nodes, values = [], {}
    for name, channels in (("logits", classes), ("offsets", 4)):
        values[f"{name}_w"] = np.random.default_rng(3).normal(0, 0.01, (channels, 3, 16, 16)).astype(np.float32)
        values[f"{name}_shape"] = np.array([1, -1, channels], np.int64)
        nodes += [
            helper.make_node("Conv", ["x", f"{name}_w"], [f"{name}_c"], strides=[16, 16]),
            helper.make_node("Transpose", [f"{name}_c"], [f"{name}_t"], perm=[0, 2, 3, 1]),
            helper.make_node("Reshape", [f"{name}_t", f"{name}_shape"], [name]),
        ]
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, side, side])
    results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("logits", "offsets")]
    initializers = [numpy_helper.from_array(value, name) for name, value in values.items()]
    graph = helper.make_graph(nodes, "ours", [given], results, initializers)
    return bytes(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()
    )


def combination(rng: random.Random) -> tuple[str, bytes]:
    """The task to ask for, and the bytes of a model file in which something is likely to be wrong."""
    kind = rng.choice(KINDS)
    told = copy.deepcopy(card(kind))
    made = kind if rng.random() < 0.8 else rng.choice(KINDS)
    side = SIDE if rng.random() < 0.8 else rng.choice([16, 48, 64])
    data = network(made, 3 if rng.random() < 0.7 else rng.choice([1, 2, 4, 300]), side)
    if rng.random() < 0.6:
        data = _changed_network(data, rng)
    if rng.random() < 0.6:
        for _ in range(rng.choice((1, 1, 2))):
            _change_card(told, rng)
    if rng.random() < 0.95:
        text = json.dumps(told)
        data = with_metadata(data, text if rng.random() < 0.95 else text[: rng.randrange(len(text))])
    if rng.random() < 0.1:
        data = _damaged(data, rng)
    return card(kind)["task"], data


def with_card(data: bytes, told: dict[str, Any]) -> bytes:
    """The card as it is: dlcli's own writer would refuse some."""
    return with_metadata(data, json.dumps(told))


def with_metadata(data: bytes, text: str) -> bytes:
    """What the file says of itself."""
    model = onnx.load_from_string(data)
    entry = model.metadata_props.add()
    entry.key, entry.value = "dlcli.card", text
    return bytes(model.SerializeToString())


def _change_card(told: dict[str, Any], rng: random.Random) -> None:
    place, names = (told, FIELDS) if rng.random() < 0.5 else (told.get("decoding"), DECODING)
    if not isinstance(place, dict):
        return
    name = rng.choice(names)
    if rng.random() < 0.25:
        place.pop(name, None)
    else:
        place[name] = copy.deepcopy(rng.choice(VALUES))


def _changed_network(data: bytes, rng: random.Random) -> bytes:
    model = onnx.load_from_string(data)
    graph = model.graph
    weights = graph.initializer[0]
    output = graph.output[0].name
    match rng.randrange(8):
        case 0:  # weights that are no numbers
            values = np.array(numpy_helper.to_array(weights))
            values.flat[0] = rng.choice([np.nan, np.inf, -np.inf, 3e38])
            weights.CopyFrom(numpy_helper.from_array(values, weights.name))
        case 1:  # another type of output
            _append(graph, "Cast", rng, to=rng.choice([TensorProto.INT64, TensorProto.DOUBLE, TensorProto.FLOAT16]))
        case 2:
            _append(graph, "Cast", rng, to=rng.choice([TensorProto.STRING, TensorProto.BOOL, TensorProto.UINT8]))
        case 3:  # another rank
            _append(graph, rng.choice(["Flatten", "Size", "Shape", "ReduceMean"]), rng)
        case 4:  # of a size that is known when it runs
            _append(graph, "NonZero", rng)
        case 5:
            return with_outside_weights(rng.choice(["weights.bin", "../../etc/passwd", "/etc/passwd", ""]))
        case 6:  # more inputs, or one of another type or size
            shape = rng.choice(
                [[1, 3, 10**6, 10**6], [1, 3, SIDE], [1, 4, SIDE, SIDE], [2, 3, SIDE, SIDE], ["n", 3, 5, 5]]
            )
            kind = rng.choice([TensorProto.FLOAT, TensorProto.UINT8])
            if rng.random() < 0.5:
                graph.input.append(helper.make_tensor_value_info("y", kind, shape))
            else:
                graph.input[0].CopyFrom(helper.make_tensor_value_info("x", kind, shape))
        case _:  # a list of arrays
            graph.node.append(helper.make_node("SequenceConstruct", [output], ["listed"]))
            graph.output[0].CopyFrom(helper.make_tensor_sequence_value_info("listed", TensorProto.FLOAT, None))
    return bytes(model.SerializeToString())


def _append(graph: onnx.GraphProto, operator: str, rng: random.Random, **attributes: Any) -> None:
    """One more operator behind the first output, which keeps its name."""
    name = graph.output[0].name
    for node in graph.node:
        node.output[:] = ["before" if item == name else item for item in node.output]
        node.input[:] = ["before" if item == name else item for item in node.input]
    graph.node.append(helper.make_node(operator, ["before"], [name], **attributes))
    kind = attributes.get("to", TensorProto.INT64 if operator in ("Size", "Shape", "NonZero") else TensorProto.FLOAT)
    graph.output[0].CopyFrom(helper.make_tensor_value_info(name, kind, None))


def _damaged(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return rng.choice([data[:at], data[:at] + b"\xff" * 9 + data[at:], data[:at] + data[at + 5 :], b"", b"\0" * 50])
