"""What differs between networks in an export: what one gives, how it is measured."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from dlcli.card import ModelCard
from dlcli.data.dataset import Kind
from dlcli.export.parity import Arrays
from dlcli.models.run_folder import RunFolder
from dlcli.tasks.contract import Predictor


class Exporter(ABC):
    """One network's part; export/exporters.py has them, and calls export/run.py with each."""

    kind: ClassVar[Kind[Any]]  # of the labeled sets that it is measured on
    outputs: ClassVar[tuple[str, ...]]  # of the graph, in order; the network gives as many tensors
    metric: ClassVar[str]  # that `measured` gives, for people
    also_int8: ClassVar[tuple[str, ...]] = ()  # operators in eight bits beside quantize.OPERATORS
    float_ends: ClassVar[bool] = True  # the last convolutions stay float: their error is the result's

    def refusal(self, run: RunFolder) -> str:
        """Why a run has no ONNX form, and what to do instead; "" where it has one."""
        return ""

    def calibrated(self, card: ModelCard, metric: Any) -> tuple[ModelCard, str]:
        """The card with scores set right by what `metric` has seen, and words for it. ValueError: there is no way."""
        raise ValueError(f"expected a detector, got a model for {card.task}")

    @abstractmethod
    def predictor(self, card: ModelCard, arrays: Arrays) -> Predictor:
        """The shipped predictor over the graph's arrays, as it is scored."""

    @abstractmethod
    def measured(self, card: ModelCard, scores: Any) -> float:
        """The one number of the scores that tells how good the network is."""
