"""Graphs: what is in them, and that they compute what torch computes."""

from collections import Counter

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from dlcli.export.fuse import fused
from dlcli.export.graph import HALVED_FROM, OPSET, half_weights, lean
from dlcli.export.parity import graph_arrays, largest_difference, torch_arrays
from dlcli.nets.layers import ConvNorm
from tests.export.runs import SIDE

NAMES = ("logits", "offsets")


def tensors(count=2):
    rng = np.random.default_rng(0)
    return [rng.uniform(-1, 1, (1, 3, SIDE, SIDE)).astype(np.float32) for _ in range(count)]


def test_fused_network_gives_the_same(net):
    twin = fused(net)
    assert not any(isinstance(module, ConvNorm) for module in twin.modules())
    with torch.inference_mode():
        for ours, theirs in zip(twin(torch.from_numpy(tensors()[0])), net(torch.from_numpy(tensors()[0])), strict=True):
            assert (ours - theirs).abs().max() < 1e-3


def test_fusing_leaves_the_network_as_it_was(net):
    before = {name: value.clone() for name, value in net.state_dict().items()}
    fused(net)
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_the_graph_is_convolutions_and_clips(graph):
    kinds = Counter(node.op_type for node in graph.graph.node)
    assert set(kinds) <= {"Conv", "Clip", "Add", "Resize", "Transpose", "Reshape", "Concat"}, kinds
    assert kinds["Conv"] == 105


def test_inputs_outputs_and_opset_are_as_stated(graph, card, net):
    shapes = {
        item.name: [size.dim_value for size in item.type.tensor_type.shape.dim]
        for item in (*graph.graph.input, *graph.graph.output)
    }
    with torch.inference_mode():
        anchors = net(torch.from_numpy(tensors()[0]))[0].shape[1]
    assert shapes == {
        "image": [1, 3, SIDE, SIDE],
        "logits": [1, anchors, len(card.labels)],
        "offsets": [1, anchors, 4],
    }
    assert [(item.domain, item.version) for item in graph.opset_import] == [("", OPSET)]
    onnx.checker.check_model(graph, full_check=True)


def test_the_graph_carries_no_paths_of_this_machine(graph):
    assert b".py" not in graph.SerializeToString()


def test_lean_drops_unused_weights(graph):
    fat = onnx.ModelProto()
    fat.CopyFrom(graph)
    fat.graph.initializer.append(numpy_helper.from_array(np.ones(3, np.float32), "nobody_asks"))
    assert lean(fat).SerializeToString() == lean(graph).SerializeToString()


def test_onnxruntime_gives_what_torch_gives(graph, net):
    found = largest_difference(torch_arrays(net), graph_arrays(graph.SerializeToString(), 1), tensors(), NAMES)
    assert max(value for _, value in found.outputs) < 1e-3


def test_half_weights_halve_the_file_and_keep_the_answer(graph, net):
    small = half_weights(graph)
    onnx.checker.check_model(small)
    assert len(small.SerializeToString()) < 0.52 * len(graph.SerializeToString())
    found = largest_difference(torch_arrays(net), graph_arrays(small.SerializeToString(), 1), tensors(), NAMES)
    assert 0 < dict(found.outputs)["logits"] < 0.1
    assert dict(found.outputs)["offsets"] < 0.1


def test_half_weights_leave_what_float16_cannot_hold(graph):
    large = onnx.ModelProto()
    large.CopyFrom(graph)
    index, weight = next(
        (i, w) for i, w in enumerate(large.graph.initializer) if numpy_helper.to_array(w).size >= HALVED_FROM
    )
    values = numpy_helper.to_array(weight) + np.float32(1e6)
    large.graph.initializer[index].CopyFrom(numpy_helper.from_array(values, weight.name))
    kept = {item.name: item for item in half_weights(large).graph.initializer}
    assert np.array_equal(numpy_helper.to_array(kept[weight.name]), values)
