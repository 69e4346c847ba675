"""What differs between tasks in an export: how a network is built, what it gives, how it is measured."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from torch import nn

from dlcli.card import ModelCard
from dlcli.export.parity import Arrays
from dlcli.models.run_folder import RunFolder

Progress = Callable[[int, int], None]


class Kind(ABC):
    """One task's part; export/detector.py and export/classifier.py each have one, and call export/run.py with it."""

    task: ClassVar[str]  # of the cards, and the command that uses what was written
    outputs: ClassVar[tuple[str, ...]]  # of the graph, in order; the network gives as many tensors
    metric: ClassVar[str]  # that `measure` gives, for people
    also_int8: ClassVar[tuple[str, ...]] = ()  # operators in eight bits beside quantize.OPERATORS
    float_ends: ClassVar[bool] = True  # the last convolutions stay float: their error is the result's

    def refusal(self, run: RunFolder) -> str:
        """Why a run has no ONNX form, and what to do instead; "" where it has one."""
        return ""

    @abstractmethod
    def build(self, card: ModelCard) -> nn.Module:
        """The network of the card, in its random start."""

    @abstractmethod
    def look(self, place: Path, labels: tuple[str, ...]) -> None:
        """DataError where `place` is no labelled set of this task with these labels, but pictures at best."""

    @abstractmethod
    def read(self, place: Path, split: str, labels: tuple[str, ...]) -> Any:
        """One split: a frozen dataclass with `pictures`, each of which has a `path`."""

    @abstractmethod
    def measure(self, card: ModelCard, arrays: Arrays, data: Any, progress: Progress, threads: int) -> float:
        """How good the network is on the set, by the predictor's own way. progress: called with (done, total)."""
