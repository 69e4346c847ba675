"""Thread counts from affinity and from made-up cgroup trees of both versions."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dlcli.runtime import threads as threads_module
from dlcli.runtime.threads import cgroup_cpus, default_threads

V2 = "0::/user/app\n"
V1 = "5:memory:/app\n4:cpu,cpuacct:/app\n"


@pytest.mark.parametrize(
    ("membership", "files", "expected"),
    [
        (V2, {"user/app/cpu.max": "150000 100000"}, 1.5),
        (V2, {"user/app/cpu.max": "max 100000", "user/cpu.max": "200000 100000"}, 2),  # the parent limits
        (V2, {"user/app/cpu.max": "400000 100000", "user/cpu.max": "200000 100000"}, 2),  # the tightest wins
        (V2, {"cpu.max": "50000 100000"}, 0.5),  # inside a container the path is the host's
        (V2, {"user/app/cpu.max": "max 100000"}, None),
        (V2, {"user/app/cpu.max": "many"}, None),
        (V2, {"user/app/cpu.max": "1 0"}, None),
        (V2, {}, None),
        (V1, {"cpu,cpuacct/app/cpu.cfs_quota_us": "300000", "cpu,cpuacct/app/cpu.cfs_period_us": "100000"}, 3),
        (V1, {"cpu,cpuacct/app/cpu.cfs_quota_us": "-1", "cpu,cpuacct/app/cpu.cfs_period_us": "100000"}, None),
        (V1, {"cpu,cpuacct/cpu.cfs_quota_us": "100000", "cpu,cpuacct/cpu.cfs_period_us": "100000"}, 1),
        (V1, {"memory/app/cpu.max": "100000 100000"}, None),  # another controller's tree
        ("words\n\n", {}, None),
    ],
)
def test_cgroup_quota(tmp_path: Path, membership: str, files: dict[str, str], expected: float | None):
    (tmp_path / "self").write_text(membership)
    for name, text in files.items():
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).write_text(text + "\n")
    assert cgroup_cpus(tmp_path / "self", tmp_path / "tree") == expected


def test_no_cgroups_at_all(tmp_path: Path):
    assert cgroup_cpus(tmp_path / "none", tmp_path) is None


@pytest.mark.parametrize(("quota", "expected"), [(None, 8), (0.2, 1), (1.5, 2), (4, 4), (64, 8)])
def test_the_smaller_of_affinity_and_quota(monkeypatch: pytest.MonkeyPatch, quota: float | None, expected: int):
    monkeypatch.setattr(threads_module, "_affinity", lambda: 8)
    monkeypatch.setattr(threads_module, "cgroup_cpus", lambda *_: quota)
    assert default_threads() == expected


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no CPU affinity on this system")
def test_affinity_is_obeyed():
    code = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from dlcli.runtime.threads import default_threads; print(default_threads())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
