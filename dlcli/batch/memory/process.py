"""What this process holds of memory, now and at most, and what becomes of what it frees."""

import sys

LOADED = 150 << 20  # bytes, where the system does not tell what the program holds
LEAST_SHARE = 16  # of a limit that is hardly more than LOADED, for inputs
RESET_PEAK = "5"  # proc(5), clear_refs


def room_before(limit: int) -> int:
    """How much of the limit inputs may take before the model is opened, which takes most of LOADED in any run."""
    return max(limit - LOADED, limit // LEAST_SHARE)


def held() -> int:
    """Bytes of memory that this process holds now; a guess where the system does not tell."""
    return _status("VmRSS:") or LOADED


def most_held() -> int:
    """Bytes that it held at most since `reset_most_held`; 0 where the system does not tell."""
    return _status("VmHWM:")


def reset_most_held() -> bool:
    """Have `most_held` start over; False where the system does not allow it."""
    try:
        with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
            file.write(RESET_PEAK)
    except OSError:
        return False
    return True


def give_back_freed_memory() -> None:
    """Have glibc return blocks of a mebibyte and more as soon as they are freed, so that peaks do not add up.

    (mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD.) Nothing where there is no glibc.
    """
    import ctypes

    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    for threshold in (-3, -1):
        mallopt(threshold, 1 << 20)


def _status(name: str) -> int:
    """Bytes that a line of /proc/self/status tells; 0 where there is none."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            return next(int(line.split()[1]) << 10 for line in file if line.startswith(name))
    except (OSError, StopIteration, ValueError):
        return 0
