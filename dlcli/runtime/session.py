"""One opened network in ONNX Runtime: a batch in, arrays out. Import it only where a model is opened."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from dlcli.errors import DataError, ImageError, UsageError
from dlcli.frozen import dataclass
from dlcli.runtime.deadline import watch
from dlcli.runtime.optimized import kept
from dlcli.runtime.quiet_import import FATAL, load_onnxruntime
from dlcli.stopwatch import Stage, stage
from dlcli.units import show_size

BYTES = "tensor(uint8)"  # of an input, in ONNX Runtime's words
_BOUND: list[int] = []  # bytes that all networks may take, once bound_networks was called
_ARENA_IS_FULL = "Available memory of"  # what ONNX Runtime says then
PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "xnnpack": "XnnpackExecutionProvider",
}  # by the word for --device; each but the first comes with a build of ONNX Runtime of its own


@dataclass(frozen=True)
class Declared:
    """An input or output as the model file declares it.

    kind: in ONNX Runtime's words, "tensor(float)". shape: None for any size; empty where it is not known at all.
    """

    name: str
    kind: str
    shape: tuple[int | None, ...]

    @classmethod
    def of(cls, item: Any) -> "Declared":
        """Of an onnxruntime.NodeArg."""
        shape = item.shape if isinstance(item.shape, list) else []
        return cls(item.name, item.type, tuple(size if isinstance(size, int) else None for size in shape))

    def __str__(self) -> str:
        return f"{self.kind} {shown_shape(self.shape)}"


def shown_shape(shape: tuple[int | None, ...]) -> str:
    """ "[1, 3, any, any]"."""
    return "[" + ", ".join("any" if size is None else str(size) for size in shape) + "]"


class Opened(Protocol):
    """A network that is ready to run, in whichever runtime; see Session."""

    @property
    def inputs(self) -> list[Declared]: ...

    @property
    def outputs(self) -> list[Declared]: ...

    @property
    def output_names(self) -> list[str]: ...

    def run(self, batch: np.ndarray) -> list[np.ndarray]: ...


class Session:
    """A network ready to run. run() may be called from several threads at once."""

    def __init__(self, session: Any, name: str, inputs: int = 1):
        """session: an onnxruntime.InferenceSession. name: the file, for messages. inputs: how many it must have."""
        if len(session.get_inputs()) != inputs:
            wanted = "one input" if inputs == 1 else f"{inputs} inputs"
            raise DataError(f"{name}: expected a network of {wanted}, got {len(session.get_inputs())}")
        self._session = session
        self._name = name
        self._input, *self._more = session.get_inputs()

    @property
    def output_names(self) -> list[str]:
        return [output.name for output in self._session.get_outputs()]

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """Of the first input; None: any size."""
        return Declared.of(self._input).shape

    @property
    def inputs(self) -> list["Declared"]:
        """What it takes, in the model's order."""
        return [Declared.of(item) for item in self._session.get_inputs()]

    @property
    def outputs(self) -> list["Declared"]:
        """What it gives, in the model's order."""
        return [Declared.of(item) for item in self._session.get_outputs()]

    @property
    def metadata(self) -> dict[str, str]:
        """What the file says of the network, in its exporter's own words."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    @property
    def device(self) -> str:
        """Where it runs, one of PROVIDERS."""
        used = self._session.get_providers()[0]
        return next(device for device, provider in PROVIDERS.items() if provider == used)

    def run(self, batch: np.ndarray, *more: np.ndarray) -> list[np.ndarray]:
        """The outputs in the model's order for `batch`, float32 [N, 3, H, W]; N, H, W as the model wants them. One that
        takes uint8 is given these numbers rounded.

        more: the other inputs in the model's order, for a network that has some.
        ValueError: another shape or dtype. DataError: the network fails on this batch. ImageError of kind "timeout":
        the time of this thread's image was over, see runtime/deadline.py; of kind "memory": see bound_networks; the
        session goes on to serve others.
        """
        refuse_other(batch, self.input_shape)
        if self._input.type == BYTES:
            batch = np.clip(np.rint(batch), 0, 255).astype(np.uint8)
        options = load_onnxruntime().RunOptions()
        options.log_severity_level = FATAL
        try:
            others = {item.name: value for item, value in zip(self._more, more, strict=True)}
            with stage(Stage.NETWORK), watch(options, "while the network ran"):
                return list(self._session.run(None, {self._input.name: batch, **others}, options))
        except ImageError:
            raise
        except Exception as error:  # ONNX Runtime's exceptions share no public base class
            if _ARENA_IS_FULL in str(error):
                raise ImageError("memory", f"{self._name}: the network asks for more than {_left()}") from error
            raise DataError(f"{self._name}: the network failed in ONNX Runtime: {first_line(error)}") from error


def refuse_other(batch: np.ndarray, wanted: tuple[int | None, ...]) -> None:
    """ValueError: not float32 of this shape."""
    same = len(wanted) == batch.ndim and all(w in (None, s) for w, s in zip(wanted, batch.shape, strict=True))
    if batch.dtype != np.float32 or not same:
        raise ValueError(f"batch: expected float32 {shown_shape(wanted)}, got {batch.dtype} {list(batch.shape)}")


def bound_networks(size: int) -> None:
    """What the networks opened from now on take while they run is at most `size` bytes, all of them together.

    Once in a process. A network that asks for more fails with an ImageError of kind "memory".
    """
    ort = load_onnxruntime()
    kind = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    as_asked = 1  # arena_extend_strategy: no more than is asked for
    ort.create_and_register_allocator(kind, ort.OrtArenaCfg({"max_mem": size, "arena_extend_strategy": as_asked}))
    _BOUND.append(size)


def networks_are_bound() -> bool:
    return bool(_BOUND)


def open_session(
    model: str | Path | bytes, threads: int, device: str = "auto", workers: int = 1, inputs: int = 1, digest: str = ""
) -> Session:
    """Open an .onnx file, or the bytes of one.

    threads: those that one run() uses. workers: how many threads will call run() at once; above 1 the session's own
    threads sleep while they wait, instead of taking processor time from the others. device: "auto" (CUDA where there
    is one, else the processor) or one of PROVIDERS. inputs: how many the network must have.
    digest: the file's SHA-256, by which an arrangement that was kept is found, see runtime/optimized.py; "": the file
    itself is opened.
    UsageError: no such device here. DataError: the file cannot be opened.
    """
    ort = load_onnxruntime()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = FATAL
    if _BOUND:
        options.add_session_config_entry("session.use_env_allocators", "1")
    if workers > 1:
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    name = "the model" if isinstance(model, bytes) else str(model)
    failure: Exception | None = None
    for choice in _candidates(device):
        try:
            session = _start_arranged(digest, options, choice) or _start(model, options, choice)
        except Exception as error:  # see Session.run
            if _ARENA_IS_FULL in str(error):
                raise DataError(f"{name}: the network asks for more than {_left()}") from error
            failure = error
        else:
            return Session(session, name, inputs)
    assert failure is not None
    raise DataError(f"{name}: expected a network that ONNX Runtime can open: {first_line(failure)}") from failure


def arrange(model: Path, place: Path) -> bytes:
    """The network of a file as ONNX Runtime arranges it for this processor. place: a new file for it to write.

    DataError: it cannot be opened, or what it becomes cannot be written.
    """
    options = load_onnxruntime().SessionOptions()
    options.log_severity_level, options.optimized_model_filepath = FATAL, str(place)
    try:
        _start(model, options, "cpu")
        return place.read_bytes()
    except Exception as error:  # see Session.run
        raise DataError(f"{model}: ONNX Runtime cannot arrange it: {first_line(error)}") from error


def runtime_build() -> str:
    """What tells this ONNX Runtime from others: its version and build."""
    ort = load_onnxruntime()
    return f"{ort.__version__} {ort.get_build_info()}"


def _start_arranged(digest: str, options: Any, device: str) -> Any:
    """A session of what was kept of the model for this processor; None: nothing was, or it does not open."""
    path = kept(digest, runtime_build()) if digest and device == "cpu" else None
    if path is None:
        return None
    usual, levels = options.graph_optimization_level, load_onnxruntime().GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_DISABLE_ALL  # it was done before
    try:
        return _start(path, options, device)
    except Exception:  # the model's own file is there
        return None
    finally:
        options.graph_optimization_level = usual


def _left() -> str:
    return f"the {show_size(_BOUND[0])} that --max-memory leaves to it; raise the limit, or use another model"


def devices() -> tuple[str, ...]:
    """Devices that ONNX Runtime has on this machine: "cpu", "cuda" with onnxruntime-gpu, and so on."""
    available = load_onnxruntime().get_available_providers()
    return tuple(device for device, provider in PROVIDERS.items() if provider in available)


def _candidates(device: str) -> tuple[str, ...]:
    """Devices to try in turn."""
    found = devices()
    if device == "auto":
        return tuple(device for device in ("cuda", "cpu") if device in found)
    if device not in found:
        raise UsageError(
            f"--device {device}: expected {', '.join(('auto', *found))} for an .onnx model on this machine"
        )
    return (device,)


def _start(model: str | Path | bytes, options: Any, device: str) -> Any:
    """An InferenceSession that raises where it cannot use the device, in place of printing and going on."""
    data = model if isinstance(model, bytes) else _plain_path(Path(model))
    if (
        device == "directml"
    ):  # which asks for it: https://onnxruntime.ai/docs/execution-providers/DirectML-ExecutionProvider.html
        options.enable_mem_pattern = False
    session = load_onnxruntime().InferenceSession(data, options, providers=[PROVIDERS[device]], enable_fallback=0)
    if session.get_providers()[0] != PROVIDERS[device]:
        raise RuntimeError(f"ONNX Runtime lists the device {device}, but could not start it; try --device cpu")
    return session


def _plain_path(path: Path) -> str | bytes:
    """The path as ONNX Runtime takes it (3 ms faster than bytes); a name that is not UTF-8 it only takes as bytes."""
    try:
        str(path).encode()
        return str(path)
    except UnicodeEncodeError:
        return path.read_bytes()


def first_line(error: Exception) -> str:
    """Of what a runtime has to say."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
