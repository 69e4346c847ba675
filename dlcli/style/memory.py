"""How much memory an optimization takes, estimated before it starts."""

from pathlib import Path

from dlcli.style.features import Features

BASE = 900 * 2**20  # Python, torch and the weights


def needed(width: int, height: int, features: Features) -> float:
    """Bytes that a run on an image of that size takes, all in all."""
    return BASE + width * height * features.bytes_per_pixel


def largest_side(available: float, share: float, features: Features) -> int:
    """The longest side in pixels of an image that fits into `available` bytes; share: short side / long side."""
    pixels = max(0.0, available - BASE) / features.bytes_per_pixel
    return int((pixels / share) ** 0.5)


def available_memory(root: Path = Path("/")) -> int | None:
    """Bytes that this process may still take: what the system has free, or less where its cgroup says so.

    None where neither tells (not Linux). root: where /proc and /sys are, for tests.
    """
    found = [size for size in (_system(root), _group(root)) if size is not None]
    return min(found, default=None)


def _system(root: Path) -> int | None:
    for line in _lines(root / "proc/meminfo"):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _group(root: Path) -> int | None:
    """Version 2 of cgroups, or version 1."""
    for limit, used in (
        ("sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory.current"),
        ("sys/fs/cgroup/memory/memory.limit_in_bytes", "sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ):
        numbers = [line for name in (limit, used) for line in _lines(root / name)]
        if len(numbers) == 2 and all(number.isdigit() for number in numbers):
            return max(0, int(numbers[0]) - int(numbers[1]))
    return None


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(errors="replace").splitlines()
    except OSError:
        return []
