"""Model files of others: what they do not say, or say wrongly, is a sentence that names the file.

DLCLI_MODEL_FILES=400 makes so many instead of a few.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from tests.hostile.inside import outcome
from tests.hostile.models.mutations import KINDS, SIDE, card, combination, network, with_card
from tests.models.foreign_networks import classifier, with_outside_weights
from tests.program import CAT, ROOT, dlcli

COUNT = int(os.environ.get("DLCLI_MODEL_FILES", "60"))
PARTS = 4


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DLCLI_MODELS", str(tmp_path / "mine"))
    return tmp_path


def ask(task, file="x.onnx"):
    return outcome([task, str(CAT), "--model", file, "--json"])


@pytest.mark.parametrize("part", range(PARTS))
def test_what_does_not_belong_together(part, folder):
    rng = random.Random(part)
    for _ in range(COUNT // PARTS):
        task, data = combination(rng)
        (folder / "x.onnx").write_bytes(data)
        ran = ask(task)
        assert ran.code in (0, 2, 3, 4, 5), ran.err
        assert "Traceback" not in ran.err
        if ran.code:
            assert ran.out == "" or ran.code == 3
            assert len(ran.err.splitlines()) == 1
            assert "x.onnx" in ran.err or "mine: " in ran.err, ran.err
        else:
            assert json.loads(ran.out)["ok"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_belongs_together(kind, folder):
    (folder / "x.onnx").write_bytes(with_card(network(kind, 3, SIDE), card(kind)))
    ran = ask(card(kind)["task"])
    assert (ran.code, json.loads(ran.out)["ok"], len(ran.err.splitlines())) == (0, True, 1), ran.err


def changed(kind, **more):
    """The card with other fields; those of its decoding by their own names."""
    told = card(kind)
    own = {name: value for name, value in more.items() if name in told or name == "pre"}
    return told | own | {"decoding": told["decoding"] | {k: v for k, v in more.items() if k not in own}}


@pytest.mark.parametrize(
    ("kind", "made", "more", "words"),
    [
        ("classify", (4, SIDE), {}, "its card says 3 labels, so probabilities of [1, 3]; the network gives tensor(flo"),
        ("segment", (2, SIDE), {}, "its card says 3 labels, so logits of [1, 3, any, any]; the network gives"),
        ("anchors", (2, SIDE), {}, "its card says 3 labels, so logits of [1, 4, 3]; the network gives"),
        ("anchors", (3, SIDE), {"ratios": [1, 2]}, "its card says 3 labels, so logits of [1, 8, 3]; the network gives"),
        ("anchors", (3, SIDE), {"strides": [0]}, "its card has no anchors: strides: expected whole numbers of 1 to"),
        (
            "anchors",
            (3, SIDE),
            {"strides": [1], "input": [8192, 8192]},
            "its card says an input of tensor(float) [1, 3, ",
        ),
        ("yolov8", (5, SIDE), {}, "its card says 3 labels, so found of [1, 7, any]; the network gives"),
        (
            "classify",
            (3, 64),
            {},
            "its card says an input of tensor(float) [1, 3, 32, 32]; the network takes tensor(floa",
        ),
        ("classify", (3, SIDE), {"layout": "nhwc"}, "its card says an input of tensor(float) [1, 32, 32, 3]"),
        ("classify", (3, SIDE), {"layout": "hwc"}, "its card says the layout 'hwc'; known are nchw and nhwc"),
        ("segment", (3, SIDE), {"background": 3}, "its card says the background 3; its classes are 0 to 2"),
        ("classify", (3, SIDE), {"pre": "rm(-rf)"}, "its card says the steps --pre 'rm(-rf)'; they cannot be taken"),
    ],
)
def test_a_card_that_says_something_else(kind, made, more, words, folder):
    (folder / "x.onnx").write_bytes(with_card(network(kind, *made), changed(kind, **more)))
    ran = ask(card(kind)["task"])
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (5, "", 1)
    assert f"x.onnx: {words}" in ran.err


@pytest.mark.parametrize("kind", ["classify", "segment", "anchors"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers(kind, value, folder):
    """Once "nothing found", with exit 0."""
    model = onnx.load_from_string(with_card(network(kind, 3, SIDE), card(kind)))
    weights = next(item for item in model.graph.initializer if len(item.dims) == 4)
    values = np.full(tuple(weights.dims), value, np.float32)
    weights.CopyFrom(numpy_helper.from_array(values, weights.name))
    (folder / "x.onnx").write_bytes(model.SerializeToString())
    ran = ask(card(kind)["task"])
    assert (ran.code, ran.out) == (5, "")
    assert "x.onnx: the network gives NaN or infinity" in ran.err


def importing(file, name="mine"):
    return [
        "models",
        "import",
        file,
        "--name",
        name,
        "--task",
        "classify",
        "--labels",
        "a,b,c",
        "--mean=0",
        "--std=255",
    ]


@pytest.mark.parametrize("place", ["weights.bin", "../../etc/passwd", "/etc/passwd"])
def test_weights_in_another_file(place, folder):
    """Neither brought in nor opened, though the other file is there and fits."""
    (folder / "weights.bin").write_bytes(bytes(3 * 3 * 64 * 4))
    (folder / "x.onnx").write_bytes(with_card(with_outside_weights(place), card("classify")))
    for arguments in (importing("x.onnx"), ["classify", str(CAT), "--model", "x.onnx"]):
        ran = outcome(arguments)
        assert (ran.code, ran.out, len(ran.err.splitlines())) == (5, "", 1)
        assert f"x.onnx: has weights in another file ({place!r})" in ran.err
        assert "save the network as one file" in ran.err
    assert not list(folder.glob("mine/*"))


def test_weights_in_another_file_deep_within(folder):
    """In the branch of a branch, as a constant of a node."""
    outside = onnx.load_from_string(with_outside_weights()).graph.initializer[0]
    graph = helper.make_graph([helper.make_node("Constant", [], ["w"], value=outside)], "inner", [], [])
    for _ in range(30):
        node = helper.make_node("If", ["x"], ["y"], then_branch=graph, else_branch=graph)
        graph = helper.make_graph([node], "outer", [], [])
        graph.node[0].attribute.pop()
    model = helper.make_model(graph)
    (folder / "x.onnx").write_bytes(with_card(model.SerializeToString(), card("classify")))
    assert "x.onnx: has weights in another file ('weights.bin')" in ask("classify").err


def test_the_word_alone_is_no_place(folder):
    """A network may have an input or a note called location."""
    model = onnx.load_from_string(with_card(network("classify", 3, SIDE), card("classify")))
    model.doc_string = "location"
    model.graph.initializer[0].doc_string = "location"
    (folder / "x.onnx").write_bytes(model.SerializeToString())
    assert ask("classify").code == 0


def test_the_dry_run_of_an_import_looks_at_the_numbers(folder):
    model = onnx.load_from_string(classifier())
    weights = model.graph.initializer[0]
    values = np.full(tuple(weights.dims), np.nan, np.float32)
    weights.CopyFrom(numpy_helper.from_array(values, weights.name))
    (folder / "x.onnx").write_bytes(model.SerializeToString())
    ran = outcome(importing("x.onnx"))
    assert (ran.code, list(folder.glob("mine/*"))) == (5, [])
    assert "x.onnx: its output probabilities of a small image holds NaN or infinity" in ran.err


def test_several_imports_of_one_name_at_once(folder):
    """One gets it, the others are told; the file and its sum are of one."""
    (folder / "x.onnx").write_bytes(classifier())
    command = [sys.executable, "-m", "dlcli", *importing("x.onnx")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    running = [subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE) for _ in range(3)]
    told = [process.communicate(timeout=100)[1].decode() for process in running]
    assert sorted(process.returncode for process in running) == [0, 2, 2], told
    assert sum("is taken by" in text for text in told) == 2
    assert dlcli("models", "verify", "mine", cwd=folder).code == 0
