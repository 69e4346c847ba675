"""--runtime openvino: the same networks, near the same answers; skipped where OpenVINO is not installed."""

import json
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

import numpy as np
import pytest

from dlcli.errors import DataError, MissingError, UsageError
from dlcli.models import BUNDLED
from dlcli.runtime import openvino_session
from dlcli.runtime import session as session_module
from dlcli.runtime.openvino_session import open_in_openvino
from dlcli.runtime.session import open_session
from tests.program import CAT, dlcli
from tests.runtime.networks import conv_network

there = pytest.mark.skipif(find_spec("openvino") is None, reason="needs the extra [openvino]")
BATCH = np.random.default_rng(3).normal(size=(1, 3, 8, 8)).astype(np.float32)


@pytest.fixture
def network(tmp_path):
    path = tmp_path / "m\udcff.onnx"  # a name that is not UTF-8
    path.write_bytes(conv_network())
    return path


@there
@pytest.mark.parametrize("workers", [1, 3])
def test_answers_are_those_of_onnx_runtime_from_any_thread(network, workers):
    session, usual = open_in_openvino(network, 1, workers), open_session(network, 1, "cpu")
    (expected,) = usual.run(BATCH)
    with ThreadPoolExecutor(workers) as pool:
        found = list(pool.map(lambda _: session.run(BATCH)[0], range(20)))
    assert all(np.array_equal(one, found[0]) for one in found)
    assert np.allclose(found[0], expected, atol=1e-5)
    assert session.output_names == usual.output_names


@there
def test_it_declares_what_onnx_runtime_declares(network):
    session, usual = open_in_openvino(network, 1), open_session(network, 1, "cpu")
    assert [str(item) for item in session.inputs] == [str(item) for item in usual.inputs]
    assert [item.name for item in session.outputs] == [item.name for item in usual.outputs]


@there
def test_what_was_answered_stays_when_the_next_batch_runs(network):
    session = open_in_openvino(network, 1)
    (first,) = session.run(BATCH)
    kept = first.copy()
    session.run(BATCH + 1)
    assert np.array_equal(first, kept)


@there
def test_a_batch_of_another_kind_is_refused(network):
    with pytest.raises(ValueError, match="expected float32"):
        open_in_openvino(network, 1).run(BATCH.astype(np.float64))


@there
def test_a_file_that_is_no_network(tmp_path):
    path = tmp_path / "m.onnx"
    path.write_bytes(b"words")
    with pytest.raises(DataError, match=r"m\.onnx: expected a network that OpenVINO can open: "):
        open_in_openvino(path, 1)


@there
def test_a_record_names_it_and_is_near():
    usual, other = (dlcli("classify", CAT, "--runtime", name, "--json") for name in ("onnx", "openvino"))
    assert (usual.code, other.code) == (0, 0), other.err
    (one,), (two,) = (map(json.loads, ran.lines) for ran in (usual, other))
    assert two["model"] == one["model"] + "+openvino"
    assert two["classes"][0]["label"] == one["classes"][0]["label"]
    assert abs(two["classes"][0]["score"] - one["classes"][0]["score"]) < 0.05


@there
def test_memory_is_not_bounded_by_it(monkeypatch):
    monkeypatch.setattr(session_module, "_BOUND", [1 << 30])
    with pytest.raises(UsageError, match="--max-memory"):
        open_in_openvino(BUNDLED / "coco.onnx", 1)


def test_without_it_one_sentence_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr("dlcli.tasks.runtimes._has_openvino", lambda: False)
    ran = dlcli("detect", CAT, "--runtime", "openvino")
    assert ran.code == 4
    assert ran.reported[-1].startswith("dlcli: --runtime openvino: needs OpenVINO, not installed here; run: ")
    assert "[openvino]" in ran.err
    assert isinstance(openvino_session.need_openvino(), MissingError)


def test_it_has_no_other_device(monkeypatch):
    monkeypatch.setattr("dlcli.tasks.runtimes._has_openvino", lambda: True)
    ran = dlcli("detect", CAT, "--runtime", "openvino", "--device", "cuda")
    assert (ran.code, "--runtime openvino --device cpu" in ran.err) == (2, True)


def test_a_network_of_torchvision_does_not_run_in_it():
    ran = dlcli("detect", CAT, "--runtime", "openvino", "--model", "torchvision/ssdlite320_mobilenet_v3_large")
    assert ran.code == 2
    assert "runs in torch; leave --runtime out" in ran.err
