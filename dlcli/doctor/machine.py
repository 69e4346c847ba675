"""The machine: what its processor can do, threads, devices, and a folder for temporary files."""

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dlcli.distribution import pip_words, quoted
from dlcli.doctor.finding import Finding, fault, ok, warning
from dlcli.runtime.threads import cgroup_cpus, default_threads
from dlcli.signals import unbroken

CPU_INFO = Path("/proc/cpuinfo")
DOT_PRODUCTS = ("avx512_vnni", "avx_vnni", "amx_int8", "asimddp", "i8mm")  # 8-bit sums in one step
SHOWN_FEATURES = ("avx2", "avx512f", *DOT_PRODUCTS)
INTEL = ("x86_64", "amd64", "i686")
LEAST_FREE = 200 << 20  # bytes


def check_machine() -> Iterator[Finding]:
    yield check_processor(cpu_features(CPU_INFO), platform.machine())
    yield check_threads()
    yield check_temporary_folder()


def cpu_features(cpu_info: Path) -> set[str] | None:
    """The words of the first processor's flags (x86) or Features (ARM); None where the system does not tell."""
    try:
        lines = cpu_info.read_text(errors="replace").splitlines()
    except OSError:  # not Linux
        return None
    for line in lines:
        key, _, words = line.partition(":")
        if key.strip() in ("flags", "Features"):
            return set(words.split())
    return None


def check_processor(features: set[str] | None, machine: str) -> Finding:
    """AVX2 makes networks fast; 8-bit dot products (VNNI) make those in int8 faster still."""
    if features is None:
        return ok("processor", f"{machine}; the system does not tell its features", machine=machine, features=None)
    shown = [name for name in SHOWN_FEATURES if name in features]
    facts = {"machine": machine, "features": shown}
    if machine.lower() in INTEL and "avx2" not in features:
        return warning("processor", f"{machine} without AVX2", "expect a few times the usual seconds", **facts)
    if not any(name in features for name in DOT_PRODUCTS):
        return ok("processor", f"{', '.join([machine, *shown])}; no VNNI, so int8 models take longer", **facts)
    return ok("processor", ", ".join([machine, *shown]), **facts)


def check_threads() -> Finding:
    """How many threads dlcli takes, and what limits them."""
    there = os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else there
    quota = cgroup_cpus(Path("/proc/self/cgroup"), Path("/sys/fs/cgroup"))
    threads = default_threads()
    limit = "no quota" if quota is None else f"quota {quota:g}"
    text = f"{threads} (processors {there}, affinity {allowed}, cgroup {limit})"
    return ok("threads", text, threads=threads, processors=there, affinity=allowed, cgroup_cpus=quota)


def check_temporary_folder() -> Finding:
    """Whether a file can be written in the folder for temporary files."""
    advice = "set TMPDIR to a folder that you may write; training and pip need it"
    try:
        folder = tempfile.gettempdir()
        with unbroken(), tempfile.NamedTemporaryFile(prefix="dlcli-doctor-", dir=folder) as file:
            file.write(bytes(1 << 16))
            file.flush()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return warning("temporary", f"no folder for temporary files: {error.strerror or error}", advice, folder=None)
    facts = {"folder": folder, "free_bytes": free}
    if free < LEAST_FREE:
        return warning("temporary", f"{folder} has {free / 1e6:,.0f} MB free", advice, **facts)
    return ok("temporary", f"{folder} can be written, {free / 1e9:,.1f} GB free", **facts)


def check_runtimes() -> Finding:
    """What ONNX Runtime offers here. Imports it."""
    from dlcli.runtime.quiet_import import load_onnxruntime
    from dlcli.runtime.session import devices

    providers = list(load_onnxruntime().get_available_providers())
    found = devices()
    facts = {"devices": list(found), "providers": providers, "openvino": openvino_version()}
    if "cpu" not in found:
        return fault(
            "devices",
            "ONNX Runtime has no CPU provider",
            quoted([*pip_words(), "--force-reinstall", "onnxruntime"]),
            **facts,
        )
    idle = nvidia_driver() and "cuda" not in found
    hint = "; an NVIDIA driver is here, which onnxruntime-gpu in place of onnxruntime would use" if idle else ""
    also = f"; --runtime openvino ({facts['openvino']})" if facts["openvino"] else ""
    return ok("devices", f"{', '.join(found)} in ONNX Runtime{also}{hint}", **facts)


def openvino_version() -> str | None:
    """Of OpenVINO, whose runtime --runtime openvino takes; None: it is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("openvino")
    except PackageNotFoundError:
        return None


def nvidia_driver() -> bool:
    """Whether the driver of an NVIDIA GPU is loaded."""
    return os.path.exists("/proc/driver/nvidia/version")


def check_silence(before: set[str]) -> Finding:
    """That nothing was sent: no socket is open that was not there before. before: what `sockets` gave at the start."""
    opened = sockets() - before
    if opened:
        text = f"{len(opened)} socket(s) were opened while doctor ran"
        return fault("network", text, "dlcli opens none; tell us which packages are installed", sockets=len(opened))
    return ok("network", "none used, no telemetry; ONNX Runtime's is off; these checks opened no socket", sockets=0)


def sockets() -> set[str]:
    """The sockets that this process holds, as Linux names them; empty where it does not tell."""
    found: set[str] = set()
    try:
        numbers = os.listdir("/proc/self/fd")
    except OSError:
        return found
    for number in numbers:
        try:
            target = os.readlink(f"/proc/self/fd/{number}")
        except OSError:  # it has been closed
            continue
        if target.startswith("socket:"):
            found.add(target)
    return found
