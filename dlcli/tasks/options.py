"""Options that every task with a network has."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from dlcli.frozen import dataclass


class Runtime(StrEnum):
    AUTO = "auto"
    ONNX = "onnx"
    TORCH = "torch"
    OPENVINO = "openvino"


class Device(StrEnum):
    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    TENSORRT = "tensorrt"
    COREML = "coreml"
    DIRECTML = "directml"
    OPENVINO = "openvino"
    XNNPACK = "xnnpack"


def option(help_text: str, *names: str, panel: str = "Options", **more: object) -> object:
    """A Typer option for an Annotated dataclass field; one spelling for the whole command line."""
    return typer.Option(*names, help=help_text, rich_help_panel=panel, **more)  # type: ignore[arg-type]


MODEL, RUNTIMES = "Model", "Runtime"
DEVICE_HELP = (
    "Device; auto: cuda where there is one, else cpu. Others need a build of ONNX Runtime that has them; dlcli doctor "
    "names those that are here."
)


# For an argument or option of a path without which the command cannot start. Whether it can be read shows later.
THERE: dict[str, Any] = {"exists": True, "readable": False}


@dataclass(frozen=True)
class ModelOptions:
    """Which network, and what computes it. `model` is overridden by each task with its own default."""

    runtime: Annotated[
        Runtime,
        option(
            "auto follows the model: .onnx onnx, a run or safetensors torch; openvino: extra [openvino].",
            panel=RUNTIMES,
        ),
    ] = Runtime.AUTO
    device: Annotated[Device, option(DEVICE_HELP, panel=RUNTIMES)] = Device.AUTO
