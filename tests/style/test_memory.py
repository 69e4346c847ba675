"""What a run needs, and what there is."""

from pathlib import Path

from dlcli.style.memory import available_memory, largest_side, needed
from tests.style.images import lite


def test_the_largest_side_is_the_last_that_fits():
    features = lite()
    for available in (2e9, 3e9, 16e9):
        for share in (1.0, 0.5, 0.66):
            side = largest_side(available, share, features)
            assert needed(side, round(side * share), features) <= available * 1.001
            assert needed(side + 2, round((side + 2) * share), features) > available * 0.999


def test_nothing_fits_into_nothing():
    assert largest_side(0, 1.0, lite()) == 0


def test_the_smaller_of_the_system_and_the_group_counts(tmp_path: Path):
    write(tmp_path, "proc/meminfo", "MemTotal: 9000 kB\nMemAvailable:    4000 kB\n")
    assert available_memory(tmp_path) == 4000 * 1024
    write(tmp_path, "sys/fs/cgroup/memory.max", "3000000\n")
    write(tmp_path, "sys/fs/cgroup/memory.current", "1000000\n")
    assert available_memory(tmp_path) == 2000000
    write(tmp_path, "sys/fs/cgroup/memory.max", "max\n")
    assert available_memory(tmp_path) == 4000 * 1024


def test_groups_of_version_1_and_no_linux(tmp_path: Path):
    assert available_memory(tmp_path) is None
    write(tmp_path, "sys/fs/cgroup/memory/memory.limit_in_bytes", "500\n")
    write(tmp_path, "sys/fs/cgroup/memory/memory.usage_in_bytes", "700\n")
    assert available_memory(tmp_path) == 0


def test_this_machine_has_some():
    assert available_memory() is None or available_memory() > 0


def write(root: Path, name: str, text: str) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
