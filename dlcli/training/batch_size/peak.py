"""The most memory that was taken since a moment, of a GPU or of this process, and how much there is."""

from pathlib import Path

import torch

from dlcli.errors import UsageError
from dlcli.style.memory import available_memory

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
RESET_PEAK = "5"  # see proc(5)


class PeakMemory:
    """Of the device's own memory, or on a CPU of this process. UsageError: neither can be asked here."""

    def __init__(self, device: torch.device):
        self.on_gpu = device.type == "cuda"
        self.device = device
        if not self.on_gpu and (device.type != "cpu" or not CLEAR.exists() or available_memory() is None):
            raise UsageError(f"--batch auto: memory cannot be measured on {device} here; pass a number")

    def begin(self) -> None:
        """From here on."""
        if self.on_gpu:
            torch.cuda.reset_peak_memory_stats(self.device)
        else:
            CLEAR.write_text(RESET_PEAK)

    def bytes(self) -> int:
        """The most at once since `begin`."""
        return torch.cuda.max_memory_reserved(self.device) if self.on_gpu else _status("VmHWM")

    def limit(self) -> int:
        """What there would be if nothing of ours were taken."""
        if self.on_gpu:
            return torch.cuda.mem_get_info(self.device)[0] + torch.cuda.memory_reserved(self.device)
        return (available_memory() or 0) + _status("VmRSS")


def _status(name: str) -> int:
    """Bytes of a line of /proc/self/status."""
    for line in STATUS.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return 0
