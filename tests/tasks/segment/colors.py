"""A segmenter whose truth is known: it names the color of what it sees, by one convolution over 4 x 4 means."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from dlcli.card import ModelCard, write_card

LABELS = ("background", "red", "green", "blue")
SIDE = 64
RGB = np.array([[60, 60, 60], [230, 30, 30], [30, 230, 30], [30, 30, 230]], np.uint8)
WEIGHTS = np.array([[0, 0, 0], [2, -1, -1], [-1, 2, -1], [-1, -1, 2]], np.float32)
BIAS = np.array([0.5, 0, 0, 0], np.float32)


def color_card(side: int = SIDE, **more) -> ModelCard:
    values = {"fill": (60, 60, 60), "decoding": {"stride": 4, "background": 0, "scores": "softmax"}, **more}
    return ModelCard("colors", "segment", LABELS, (side, side), (0.0,) * 3, (255.0,) * 3, **values)


def write_color_model(path: Path, side: int = SIDE, output: str = "logits", **more) -> Path:
    """The .onnx file of such a segmenter."""
    nodes = [
        helper.make_node("AveragePool", ["image"], ["means"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Conv", ["means", "w", "b"], [output]),
    ]
    given = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, side, side])
    result = helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, len(LABELS), side // 4, side // 4])
    weights = [numpy_helper.from_array(WEIGHTS[:, :, None, None], "w"), numpy_helper.from_array(BIAS, "b")]
    graph = helper.make_graph(nodes, "colors", [given], [result], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path.write_bytes(write_card(model.SerializeToString(), color_card(side, **more)))
    return path


def color_forward(tensor: np.ndarray) -> np.ndarray:
    """The same in NumPy: float32 [1, 3, h, w] -> logits [4, h / 4, w / 4]."""
    _, _, h, w = tensor.shape
    means = tensor[0].reshape(3, h // 4, 4, w // 4, 4).mean((2, 4))
    return np.tensordot(WEIGHTS, means, 1) + BIAS[:, None, None]


def blocks(height: int, width: int, size: int = 40, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(pixels, truth): squares of the classes' colors."""
    classes = np.random.default_rng(seed).integers(0, 4, (-(-height // size), -(-width // size)))
    truth = np.kron(classes, np.ones((size, size), int))[:height, :width].astype(np.uint8)
    return RGB[truth], truth
