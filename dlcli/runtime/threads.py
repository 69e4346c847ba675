"""How many threads this process may use: what the CPU affinity and the cgroup's CPU quota allow."""

import math
import os
from collections.abc import Iterator
from pathlib import Path


def default_threads() -> int:
    """At least 1. A quota of 1.5 CPUs gives 2 threads: the quota, not the thread count, is then what limits."""
    threads = _affinity()
    quota = cgroup_cpus(Path("/proc/self/cgroup"), Path("/sys/fs/cgroup"))
    return threads if quota is None else max(1, min(threads, math.ceil(quota)))


def cgroup_cpus(membership: Path, mount: Path) -> float | None:
    """CPUs that the tightest cgroup around this process grants (version 1 and 2); None where nothing is set.

    membership: a file like /proc/self/cgroup. mount: where the cgroup trees are mounted.
    """
    found = (_group_quota(folder) for folder in _groups(membership, mount))
    return min((cpus for cpus in found if cpus is not None), default=None)


def _affinity() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # macOS


def _groups(membership: Path, mount: Path) -> Iterator[Path]:
    """The folders of this process's CPU groups, each with all its parents.

    Inside a container the path names folders that only the host sees, while the root is the container's own group:
    both are visited, and a folder that is not there grants nothing.
    """
    try:
        lines = membership.read_text(errors="replace").splitlines()
    except OSError:  # not Linux
        return
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers and "cpu" not in controllers.split(","):
            continue
        tree = mount / controllers
        group = tree / path.strip("/")
        while group != tree:
            yield group
            group = group.parent
        yield tree


def _group_quota(folder: Path) -> float | None:
    """CPUs granted to one cgroup; "max" (version 2) and -1 (version 1) mean no limit."""
    words = _words(folder / "cpu.max") or [*_words(folder / "cpu.cfs_quota_us"), *_words(folder / "cpu.cfs_period_us")]
    try:
        quota, period = (int(word) for word in words)
    except ValueError:
        return None
    return quota / period if quota > 0 and period > 0 else None


def _words(file: Path) -> list[str]:
    try:
        return file.read_text(errors="replace").split()
    except OSError:
        return []
