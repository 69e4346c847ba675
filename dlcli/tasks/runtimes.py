"""Which runtime opens a model: --runtime auto follows the model, and pairs that do not exist are refused."""

import os
from pathlib import Path
from typing import Any

from dlcli.errors import MissingError, UsageError
from dlcli.models.decodings import REGISTRY
from dlcli.models.store import locate, named_models, weights_file
from dlcli.tasks.options import Device, Runtime


def resolve(options: Any, task: str) -> tuple[str, Path]:
    """("onnx" or "openvino", the .onnx file), ("torch", a .safetensors file or a run folder), or ("torchvision", its
    name as a path).

    options: a tasks.options.ModelOptions with a `model`. MissingError: there is no such model, or not for this runtime.
    """
    name = options.model
    if name.startswith(REGISTRY):
        if options.runtime in (Runtime.ONNX, Runtime.OPENVINO):
            raise UsageError(f"--runtime {options.runtime}: {name} runs in torch; leave --runtime out")
        _refuse_pair("torch", options.device)
        return "torchvision", Path(name)
    if options.runtime is Runtime.OPENVINO:
        _refuse_pair("openvino", options.device)
        if not _has_openvino():
            from dlcli.runtime.openvino_session import need_openvino

            raise need_openvino()
        return "openvino", locate(name)
    runtime = "torch" if options.runtime is Runtime.TORCH or _only_torch(name, options.runtime) else "onnx"
    _refuse_pair(runtime, options.device)
    if runtime == "onnx":
        return "onnx", locate(name)
    if name not in named_models() and os.path.isdir(name):
        return "torch", Path(name)
    weights = weights_file(name)
    if weights is None:
        raise MissingError(f"--runtime torch: {name} comes without float weights (.safetensors); use --runtime onnx")
    return "torch", weights


def _only_torch(name: str, runtime: Runtime) -> bool:
    """With --runtime auto: weights, or a run that was never exported."""
    if runtime is not Runtime.AUTO or name in named_models():
        return False
    path = Path(name)
    is_run = os.path.isdir(name) and (path / "best.safetensors").is_file() and not list(path.glob("*.onnx"))
    return is_run or (path.suffix == ".safetensors" and os.path.isfile(name))


def _refuse_pair(runtime: str, device: Device) -> None:
    if device is Device.AUTO or device is Device.CPU:
        return
    from dlcli.runtime.session import devices

    table = {"onnx": devices(), "torch": _torch_devices() if runtime == "torch" else ("cpu",)}
    if runtime == "openvino" or _has_openvino():
        table["openvino"] = ("cpu",)
    if device not in table[runtime]:
        rows = "; ".join(f"--runtime {name} --device {'|'.join(found)}" for name, found in table.items())
        raise UsageError(f"--runtime {runtime} --device {device}: not on this machine, which has: {rows}")


def _has_openvino() -> bool:
    from importlib.util import find_spec

    return find_spec("openvino") is not None


def _torch_devices() -> tuple[str, ...]:
    try:
        import torch
    except ImportError:
        return ("cpu",)
    return ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)
