"""The session: right results from many threads, plain errors, and silence on stderr, disk and network."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from dlcli.errors import DataError, UsageError
from dlcli.runtime import session as session_module
from dlcli.runtime.quiet_import import load_onnxruntime
from dlcli.runtime.session import devices, open_session
from tests.runtime.networks import conv_network, failing_network, two_input_network

BATCHES = np.random.default_rng(1).standard_normal((40, 1, 3, 8, 8)).astype(np.float32)


def test_gives_what_onnxruntime_gives(tmp_path: Path):
    (tmp_path / "net.onnx").write_bytes(conv_network())
    bare = load_onnxruntime().InferenceSession(conv_network(), providers=["CPUExecutionProvider"])
    expected = bare.run(None, {"x": BATCHES[0]})[0]
    for model in (conv_network(), tmp_path / "net.onnx", str(tmp_path / "net.onnx")):
        session = open_session(model, threads=1, device="cpu")
        (got,) = session.run(BATCHES[0])
        assert np.array_equal(got, expected)
        assert (session.output_names, session.device) == (["y"], "cpu")


@pytest.mark.parametrize(("threads", "workers"), [(1, 4), (2, 1), (2, 4)])
def test_results_do_not_depend_on_threads_or_neighbors(threads: int, workers: int):
    single = open_session(conv_network(), threads=1, device="cpu")
    expected = [single.run(batch)[0] for batch in BATCHES]
    session = open_session(conv_network(), threads=threads, device="cpu", workers=workers)
    with ThreadPoolExecutor(4) as pool:
        got = [outputs[0] for outputs in pool.map(session.run, BATCHES)]
    assert np.array_equal(got, expected)


@pytest.mark.parametrize(
    "batch",
    [
        np.zeros((1, 3, 8, 8), np.float64),
        np.zeros((1, 3, 8, 9), np.float32),
        np.zeros((2, 3, 8, 8), np.float32),
        np.zeros((3, 8, 8), np.float32),
    ],
)
def test_a_wrong_batch_is_named(batch: np.ndarray):
    with pytest.raises(ValueError, match=r"batch: expected float32 \[1, 3, 8, 8\], got float(32|64) \["):
        open_session(conv_network(), threads=1).run(batch)


def test_a_network_of_any_size_takes_any_size():
    session = open_session(failing_network(), threads=1)
    assert session.run(np.zeros((1, 3, 5, 7), np.float32))[0].shape == (3, 5, 7)


def test_a_network_that_fails_is_a_data_error():
    with pytest.raises(DataError, match="the model: the network failed in ONNX Runtime"):
        open_session(failing_network(), threads=1).run(np.full((1, 3, 5, 7), 9e5, np.float32))


def test_unusable_files_are_data_errors(tmp_path: Path):
    (tmp_path / "bad.onnx").write_bytes(b"words")
    for path in (tmp_path / "bad.onnx", tmp_path / "none.onnx"):
        with pytest.raises(DataError, match=rf"{path.name}: expected a network that ONNX Runtime can open: "):
            open_session(path, threads=1)


def test_a_file_name_that_is_not_utf8(tmp_path: Path):
    path = tmp_path / os.fsdecode(b"caf\xe9.onnx")
    path.write_bytes(conv_network())
    assert len(open_session(path, threads=1).run(BATCHES[0])) == 1


def test_unknown_device_lists_those_of_this_machine():
    with pytest.raises(UsageError, match=r"--device tpu: expected auto, cpu.* on this machine"):
        open_session(conv_network(), threads=1, device="tpu")
    assert "cpu" in devices()


def test_a_cuda_that_is_listed_but_does_not_start(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture):
    monkeypatch.setattr(session_module, "devices", lambda: ("cpu", "cuda"))
    start = session_module._start

    def refuse(model: bytes, options: object, device: str) -> object:
        if device == "cuda":
            raise RuntimeError("could not start it")
        return start(model, options, device)

    monkeypatch.setattr(session_module, "_start", refuse)
    assert open_session(conv_network(), threads=1, device="auto").device == "cpu"
    with pytest.raises(DataError, match="could not start it"):
        open_session(conv_network(), threads=1, device="cuda")
    assert capfd.readouterr() == ("", "")


PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "xnnpack": "XnnpackExecutionProvider",
}


class OtherBuild:
    """ONNX Runtime as a build that has one more provider; its sessions say where they were asked to run."""

    def __init__(self, provider: str):
        self.real, self.provider, self.asked = session_module.load_onnxruntime(), provider, []

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)

    def get_available_providers(self) -> list[str]:
        return [self.provider, "AzureExecutionProvider", "CPUExecutionProvider"]

    def InferenceSession(self, data: bytes, options: object, providers: list[str], **more: object) -> object:  # noqa: N802
        self.asked.append((providers, options.enable_mem_pattern))
        real = self.real.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        real.get_providers = lambda: [*providers, "CPUExecutionProvider"]
        return real


@pytest.mark.parametrize("device", PROVIDERS)
def test_a_device_is_a_provider_of_the_runtime_that_is_installed(device: str, monkeypatch: pytest.MonkeyPatch):
    build = OtherBuild(PROVIDERS[device])
    monkeypatch.setattr(session_module, "load_onnxruntime", lambda: build)
    assert devices() == ("cpu", device)
    assert open_session(conv_network(), threads=1, device=device).device == device
    assert build.asked == [([PROVIDERS[device]], device != "directml")]  # https://onnxruntime.ai, DirectML


@pytest.mark.parametrize(("device", "taken"), [("cuda", "cuda"), ("tensorrt", "cpu"), ("openvino", "cpu")])
def test_by_itself_only_cuda_is_taken(device: str, taken: str, monkeypatch: pytest.MonkeyPatch):
    """What others answer may differ, so that somebody has to ask for them."""
    build = OtherBuild(PROVIDERS[device])
    monkeypatch.setattr(session_module, "load_onnxruntime", lambda: build)
    assert open_session(conv_network(), threads=1).device == taken


def in_a_fresh_process(home: Path, code: str) -> subprocess.CompletedProcess:
    """Runs `code` with HOME empty and none of the variables that switch ONNX Runtime's telemetry off."""
    loud = {
        k: v for k, v in os.environ.items() if "TELEMETRY" not in k and k not in ("CI", "TF_BUILD", "GITHUB_ACTIONS")
    }
    loud |= {"HOME": str(home), "PYTHONPATH": os.pathsep.join(["."])}
    return subprocess.run([sys.executable, "-c", code], env=loud, capture_output=True, text=True, check=True)


def test_a_whole_life_writes_nothing_and_keeps_no_file(tmp_path: Path):
    code = """
import os, numpy as np
from dlcli.errors import DataError
from dlcli.runtime.session import open_session
from tests.runtime.networks import conv_network, failing_network, two_input_network
open_session(conv_network(unused=5), threads=2).run(np.zeros((1, 3, 8, 8), np.float32))
for bad in (lambda: open_session(b"words", threads=1),
            lambda: open_session(failing_network(), threads=1).run(np.full((1, 3, 5, 7), 9e5, np.float32))):
    try: bad()
    except DataError: print("refused")
fds = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
links = [os.readlink(fd) for fd in fds if os.path.lexists(fd)]
print([link for link in links if "socket:" in link or "onnxruntime" in link])
"""
    done = in_a_fresh_process(tmp_path, code)
    assert (done.stdout, done.stderr) == ("refused\nrefused\n[]\n", "")
    assert list(tmp_path.iterdir()) == []  # ONNX Runtime's telemetry keeps a device id below ~/.cache


def test_native_noise_during_the_import_is_shut_out(tmp_path: Path):
    code = """
import os
from dlcli.runtime import quiet_import
with quiet_import._stderr_shut(): os.write(2, b"noise")
os.write(2, b"after")
os.close(2)
with quiet_import._stderr_shut(): pass
"""
    assert in_a_fresh_process(tmp_path, code).stderr == "after"


def test_a_network_of_two_inputs_is_opened_where_it_is_expected():
    model = two_input_network()
    with pytest.raises(DataError, match="expected a network of one input, got 2"):
        open_session(model, threads=1)
    with pytest.raises(DataError, match="expected a network of 2 inputs, got 1"):
        open_session(conv_network(), threads=1, inputs=2)
    first, second = BATCHES[0], np.full((1, 3, 8, 8), 2, np.float32)
    assert np.array_equal(open_session(model, threads=1, inputs=2).run(first, second)[0], first - second)
