"""A float graph as int8: weights one scale a channel, activations calibrated on real images."""

import contextlib
import logging
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from dlcli.export.options import Calibration
from dlcli.runtime.quiet_import import load_onnxruntime
from dlcli.signals import gone_at_stop

CHUNK = 4  # images whose activations are in memory at a time
OPERATORS = ("Conv", "Clip", "Add", "Resize")  # what comes after the last convolutions stays float


def quantized(
    model: onnx.ModelProto,
    tensors: Sequence[np.ndarray],
    calibration: Calibration = Calibration.MINMAX,
    reduce_range: bool = True,
    float_nodes: Sequence[str] = (),
    percentile: float = 99.99,
    operators: Sequence[str] = OPERATORS,
) -> onnx.ModelProto:
    """QDQ: s8 weights with a scale a channel, u8 activations, s32 biases.

    tensors: float32 [1, 3, H, W], what the network sees of real images. reduce_range: weights of 7 bits, which
    processors without VNNI multiply by u8 without saturating. float_nodes: names of nodes that stay float.
    operators: kinds of nodes that become int8.
    """
    load_onnxruntime()
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static

    methods = {
        Calibration.MINMAX: CalibrationMethod.MinMax,
        Calibration.PERCENTILE: CalibrationMethod.Percentile,
        Calibration.ENTROPY: CalibrationMethod.Entropy,
    }
    count = len(tensors) // CHUNK * CHUNK or len(tensors)
    with tempfile.TemporaryDirectory(prefix="dlcli-") as folder, gone_at_stop(lambda: folder), _quiet():
        given, made = Path(folder, "float.onnx"), Path(folder, "int8.onnx")
        onnx.save(model, given)  # of a model in memory the quantizer would move the weights out
        quantize_static(
            *(given, made, _Reader(tensors[:count], model.graph.input[0].name)),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=reduce_range,
            calibrate_method=methods[calibration],
            op_types_to_quantize=list(operators),
            nodes_to_exclude=list(float_nodes),
            extra_options={"CalibStridedMinMax": min(CHUNK, count), "CalibPercentile": percentile},
        )
        return onnx.load(made)


def last_convolutions(model: onnx.ModelProto) -> list[str]:
    """The names of the convolutions that nothing but reshaping parts from the outputs: their error is the result's."""
    makers = {output: node for node in model.graph.node for output in node.output}
    found, waiting = [], [output.name for output in model.graph.output]
    while waiting:
        node = makers.get(waiting.pop())
        if node is not None and node.op_type == "Conv":
            found.append(node.name)
        elif node is not None:
            waiting.extend(node.input)
    return sorted(set(found))


class _Reader:
    """The tensors one by one, a stretch at a time, as ONNX Runtime's calibrator asks for them."""

    def __init__(self, tensors: Sequence[np.ndarray], name: str):
        self.tensors, self.name = tensors, name
        self.set_range(0, len(tensors))

    def __len__(self) -> int:
        return len(self.tensors)

    def set_range(self, start_index: int, end_index: int) -> None:
        self.left = iter(self.tensors[start_index:end_index])

    def get_next(self) -> dict[str, Any] | None:
        tensor = next(self.left, None)
        return None if tensor is None else {self.name: tensor}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The quantizer advises through the root logger and prints percentiles: people see our words only."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(None):
            yield
    finally:
        logging.disable(before)
