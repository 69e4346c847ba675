"""What is installed: versions against those that dlcli asks for, and packages that overwrite each other's files."""

import platform
import re
import sys
from collections.abc import Callable, Iterator
from importlib import metadata

from dlcli import __version__
from dlcli.distribution import dependencies, install_command, pip_words, quoted, uninstall_command
from dlcli.doctor.finding import Finding, fault, ok, warning

CORE = ("numpy", "onnxruntime", "pillow", "typer", "rich", "pyyaml", "jinja2")
EXTRA = ("torch", "torchvision", "albumentations", "onnx", "safetensors", "matplotlib")
FORMATS = ("tifffile", "imagecodecs", "rawpy", "pillow-heif")
OPENCV = ("opencv-python-headless", "opencv-python", "opencv-contrib-python-headless", "opencv-contrib-python")
ONNX_RUNTIME = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-openvino", "onnxruntime-directml")
VersionOf = Callable[[str], str | None]


def version_of(name: str) -> str | None:
    """The installed version of a distribution by its metadata, without importing it; None: it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def check_versions(look: VersionOf = version_of) -> Iterator[Finding]:
    """Findings on dlcli, Python and the packages of the light core, then on the extras. look: as version_of."""
    yield ok(
        "dlcli",
        f"{__version__}, Python {platform.python_version()}, {platform.platform(terse=True)} {platform.machine()}",
        dlcli=__version__,
        python=platform.python_version(),
        executable=sys.executable,
        machine=platform.machine(),
    )
    yield _core(look)
    yield side_by_side("opencv", "cv2", OPENCV, look)
    yield side_by_side("onnxruntime", "onnxruntime", ONNX_RUNTIME, look)
    yield _extras(look)
    yield _formats(look)


def side_by_side(check: str, module: str, names: tuple[str, ...], look: VersionOf = version_of) -> Finding:
    """Whether just one of the distributions that bring the same module is there. names: the wanted one first."""
    found = {name: version for name in names if (version := look(name)) is not None}
    if not found:
        return fault(check, f"{module} is missing", quoted([*pip_words(), names[0]]), versions={})
    listed = " and ".join(f"{name} {version}" for name, version in found.items())
    if len(found) > 1:
        advice = f"keep one: {uninstall_command(*found)}, then {quoted([*pip_words(), names[0]])}"
        return fault(check, f"{listed} write the same files of {module}", advice, versions=found)
    return ok(check, listed, versions=found)


def least_versions() -> dict[str, str]:
    """What dlcli asks for at least, by distribution, as its metadata says; without the extras."""
    asked = (re.fullmatch(r"([\w.-]+)>=([\d.]+)", line) for line in dependencies())
    return {match[1].lower(): match[2] for match in asked if match}


def is_older(version: str, least: str) -> bool:
    """Whether a release such as "2.4.1rc1+cu12" stands before "2.10"; only the numbers in front are compared."""
    return _numbers(version) < _numbers(least)


def _numbers(version: str) -> list[int]:
    match = re.match(r"\d+(\.\d+)*", version)
    numbers = [int(word) for word in match[0].split(".")] if match else []
    while numbers and not numbers[-1]:  # 2.0 is 2
        numbers.pop()
    return numbers


def _core(look: VersionOf) -> Finding:
    least = least_versions()
    found = {name: look(name) for name in CORE if name != "onnxruntime"}
    missing = [name for name, version in found.items() if version is None]
    if missing:
        return fault(
            "packages", f"missing: {', '.join(missing)}", f"install dlcli again: {install_command()}", versions=found
        )
    old = [f"{name} {version}" for name, version in found.items() if is_older(version or "", least.get(name, "0"))]
    if old:
        wanted = quoted([*pip_words(), *(f"{name}>={least[name]}" for name in found if name in least)])
        return warning("packages", f"older than tested: {', '.join(old)}", wanted, versions=found)
    return ok("packages", ", ".join(f"{name} {version}" for name, version in found.items()), versions=found)


def _extras(look: VersionOf) -> Finding:
    found = {name: version for name in EXTRA if (version := look(name)) is not None}
    if "torch" not in found:
        return ok("train", "no torch, and none is needed, except to train and export", versions=found)
    return ok("train", ", ".join(f"{name} {version}" for name, version in found.items()), versions=found)


def _formats(look: VersionOf) -> Finding:
    found = {name: version for name in FORMATS if (version := look(name)) is not None}
    if len(found) == len(FORMATS):
        return ok("formats", ", ".join(f"{name} {version}" for name, version in found.items()), versions=found)
    more = f"for camera raw, HEIC and rare kinds of TIFF: {install_command('formats')}"
    return ok("formats", "; ".join(filter(None, [", ".join(found), more])), versions=found)
