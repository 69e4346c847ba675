"""int8: the file is smaller, runs, answers about the same, and the last convolutions stay float."""

import numpy as np
import onnx
import pytest

from dlcli.export.options import Calibration
from dlcli.export.parity import graph_arrays
from dlcli.export.quantize import last_convolutions, quantized
from tests.export.test_graph import tensors


@pytest.fixture(scope="module")
def small(graph):
    return quantized(graph, tensors(5), float_nodes=last_convolutions(graph))


def test_smaller_and_alike(small, graph):
    """Random weights magnify rounding, so this only sees that the answers belong together."""
    assert len(small.SerializeToString()) < 0.4 * len(graph.SerializeToString())
    before, after = (graph_arrays(model.SerializeToString(), 1)(tensors()[0])[0] for model in (graph, small))
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.7


def test_the_graph_that_was_given_stays_whole(small, graph):
    assert not any(weight.external_data for weight in graph.graph.initializer)


def test_the_last_convolutions_stay_float(small, graph):
    last = last_convolutions(graph)
    assert len(last) == 8  # classes and boxes of four levels
    inputs = {node.name: node.input for node in small.graph.node}
    weights = {weight.name: weight for weight in small.graph.initializer}
    assert all(weights[inputs[name][1]].data_type == onnx.TensorProto.FLOAT for name in last)


def test_reduced_weights_have_seven_bits(small):
    values = [
        onnx.numpy_helper.to_array(weight)
        for weight in small.graph.initializer
        if weight.data_type == onnx.TensorProto.INT8 and len(weight.dims) == 4
    ]
    assert values
    assert max(int(np.abs(value.astype(int)).max()) for value in values) == 64


def test_it_says_nothing(graph, capfd):
    quantized(graph, tensors(1), Calibration.PERCENTILE)
    assert capfd.readouterr() == ("", "")
