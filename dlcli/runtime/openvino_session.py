"""One opened network in OpenVINO, for --runtime openvino: the same .onnx file, the same way in and out as Session.

Its arithmetic differs from ONNX Runtime's, most where a network is int8, so records name it: see `MARK`.
"""

import threading
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.distribution import install_command
from dlcli.errors import DataError, MissingError, UsageError
from dlcli.runtime.deadline import check
from dlcli.runtime.session import BYTES, Declared, first_line, networks_are_bound, refuse_other
from dlcli.stopwatch import Stage, stage

MARK = "+openvino"  # behind the model in records
KINDS = {"f32": "tensor(float)", "f16": "tensor(float16)", "f64": "tensor(double)", "u8": BYTES}


class OpenVinoSession:
    """A network of one input, ready to run. run() may be called from several threads at once."""

    def __init__(self, compiled: Any, name: str):
        """compiled: an openvino.CompiledModel. name: the file, for messages."""
        if len(compiled.inputs) != 1:
            raise DataError(f"{name}: expected a network of one input, got {len(compiled.inputs)}")
        self._compiled, self._name = compiled, name
        self._own = threading.local()  # a request of each thread
        self._inputs = [_declared(port) for port in compiled.inputs]
        self._outputs = [_declared(port) for port in compiled.outputs]

    @property
    def inputs(self) -> list[Declared]:
        return self._inputs

    @property
    def outputs(self) -> list[Declared]:
        return self._outputs

    @property
    def output_names(self) -> list[str]:
        return [output.name for output in self.outputs]

    def run(self, batch: np.ndarray) -> list[np.ndarray]:
        """As Session.run: float32 [N, 3, H, W] -> the outputs in the model's order.

        ImageError of kind "timeout": the time of this thread's image was over before it began, or when it had ended.
        """
        taken = self.inputs[0]
        refuse_other(batch, taken.shape)
        if taken.kind == BYTES:
            batch = np.clip(np.rint(batch), 0, 255).astype(np.uint8)
        check("before the network ran", stopped=True)
        try:
            with stage(Stage.NETWORK):
                found = self._request().infer([batch])
                given = [np.array(found[port]) for port in self._compiled.outputs]  # the request's own are used again
        except Exception as error:  # OpenVINO raises RuntimeError, and others of its own
            raise DataError(f"{self._name}: the network failed in OpenVINO: {first_line(error)}") from error
        check("while the network ran")
        return given

    def _request(self) -> Any:
        if not hasattr(self._own, "request"):
            self._own.request = self._compiled.create_infer_request()
        return self._own.request


def open_in_openvino(model: Path, threads: int, workers: int = 1) -> OpenVinoSession:
    """Open an .onnx file on the processor, in float32 where it is float. Arguments as for open_session.

    MissingError: OpenVINO is not installed. UsageError: memory is bounded, which holds for ONNX Runtime alone.
    DataError: the file cannot be opened.
    """
    if networks_are_bound():
        raise UsageError("--max-memory: bounds what networks take in ONNX Runtime; leave --runtime openvino out")
    try:
        import openvino
    except ImportError:
        raise need_openvino() from None
    how = {"INFERENCE_NUM_THREADS": threads * workers, "NUM_STREAMS": workers, "INFERENCE_PRECISION_HINT": "f32"}
    try:
        core = openvino.Core()
        network = core.read_model(model.read_bytes())  # a path that is not UTF-8 is not taken
        return OpenVinoSession(core.compile_model(network, "CPU", how), str(model))
    except DataError:
        raise
    except Exception as error:  # see run
        raise DataError(f"{model}: expected a network that OpenVINO can open: {first_line(error)}") from error


def need_openvino() -> MissingError:
    return MissingError(f"--runtime openvino: needs OpenVINO, not installed here; run: {install_command('openvino')}")


def _declared(port: Any) -> Declared:
    shape = tuple(size.get_length() if size.is_static else None for size in port.partial_shape)
    kind = port.element_type.get_type_name()
    return Declared(port.any_name, KINDS.get(kind, f"tensor({kind})"), shape)
