"""Times two commands in turn, A B A B ..., and compares them pair by pair."""

import os
import statistics
import subprocess
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    seconds: float
    mebibytes: float
    cpu_seconds: float = 0.0


def timed(command: list[str], environment: dict[str, str] | None = None) -> Run:
    """Wall time, CPU time and peak memory of a whole process; its output is thrown away."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Run(seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)


def compare(name: str, first: list[str], second: list[str], rounds: int = 7) -> None:
    """Print medians of both and of the ratio of each pair, after a warm-up."""
    timed(first), timed(second)
    pairs = [(timed(first), timed(second)) for _ in range(rounds)]
    a, b = (statistics.median(pair[i].seconds for pair in pairs) for i in (0, 1))
    ratio = statistics.median(x.seconds / y.seconds for x, y in pairs)
    cpu = statistics.median(x.cpu_seconds / y.cpu_seconds for x, y in pairs)
    memory = max(x.mebibytes for x, _ in pairs)
    print(f"{name}: {a:.2f} s against {b:.2f} s, ratio {ratio:.2f}, of processor time {cpu:.2f}, peak {memory:.0f} MiB")
