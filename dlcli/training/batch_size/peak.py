"""The most memory that was taken since a moment, of a GPU or of this process, and how much there is."""

import torch

from dlcli.batch.memory.process import held, most_held, reset_most_held
from dlcli.errors import UsageError
from dlcli.style.memory import available_memory


class PeakMemory:
    """Of the device's own memory, or on a CPU of this process. UsageError: neither can be asked here."""

    def __init__(self, device: torch.device):
        self.on_gpu = device.type == "cuda"
        self.device = device
        if not self.on_gpu and (device.type != "cpu" or not reset_most_held() or available_memory() is None):
            raise UsageError(f"--batch auto: memory cannot be measured on {device} here; pass a number")

    def begin(self) -> None:
        """From here on."""
        if self.on_gpu:
            torch.cuda.reset_peak_memory_stats(self.device)
        else:
            reset_most_held()

    def bytes(self) -> int:
        """The most at once since `begin`."""
        return torch.cuda.max_memory_reserved(self.device) if self.on_gpu else most_held()

    def limit(self) -> int:
        """What there would be if nothing of ours were taken."""
        if self.on_gpu:
            return torch.cuda.mem_get_info(self.device)[0] + torch.cuda.memory_reserved(self.device)
        return (available_memory() or 0) + held()
