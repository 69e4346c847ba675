"""A network of a stranger that fills memory while it runs, or while it is opened, is bounded by --max-memory."""

import json
import subprocess
import sys

import onnx
import pytest
from onnx import TensorProto, helper

from tests.models.foreign_networks import classifier
from tests.program import CAT, ROOT

HUGE = 2**30  # numbers, of four bytes each
WORD = {"schema": "dlcli.card/1", "name": "mine", "task": "classify", "labels": ["a", "b", "c"], "input": [32, 32]}
WORD |= {"mean": [0, 0, 0], "std": [255, 255, 255], "decoding": {"output": "probabilities", "scores": "softmax"}}


def greedy(foldable: bool) -> bytes:
    """A classifier that adds the largest of HUGE zeros. foldable: known when it is opened, not just when it runs."""
    model = onnx.load_from_string(classifier())
    graph = model.graph
    last = graph.node[-1]
    last.output[0] = "before"
    side = helper.make_tensor("side", TensorProto.INT64, [1], [HUGE])
    nodes = [helper.make_node("Constant", [], ["side"], value=side)]
    if not foldable:
        nodes += [
            helper.make_node("ReduceMax", ["x"], ["pixel"], keepdims=0),  # at most 1
            helper.make_node("Cast", ["pixel"], ["whole"], to=TensorProto.INT64),
            helper.make_node("Add", ["whole", "side"], ["count"]),
        ]
    nodes += [
        helper.make_node("ConstantOfShape", ["side" if foldable else "count"], ["zeros"]),
        helper.make_node("ReduceMax", ["zeros"], ["most"], keepdims=1),
        helper.make_node("Add", ["before", "most"], [graph.output[0].name]),
    ]
    graph.node.extend(nodes)
    card = model.metadata_props.add()
    card.key, card.value = "dlcli.card", json.dumps(WORD)
    return bytes(model.SerializeToString())


@pytest.mark.parametrize("foldable", [True, False])
@pytest.mark.parametrize("threads", [1, 4])
def test_it_stays_within_the_limit(foldable: bool, threads: int, tmp_path) -> None:
    (tmp_path / "x.onnx").write_bytes(greedy(foldable))
    words = [CAT, "--model", "x.onnx", "--max-memory", "400MB", "--json", "--threads", threads]
    watched = "import resource, subprocess, sys; code = subprocess.run(sys.argv[1:]).returncode; "
    watched += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr); sys.exit(code)"
    done = subprocess.run(
        [sys.executable, "-c", watched, sys.executable, "-m", "dlcli", "classify", *map(str, words)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    *said, peak = done.stderr.splitlines()
    assert done.returncode in (3, 5), said
    told = json.loads(done.stdout)["error"]["message"] if done.stdout else said[-1]
    assert "asks for more than the" in told
    assert "--max-memory" in told
    assert int(peak) * 1024 < 400e6
