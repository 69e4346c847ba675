"""What the engine asks of the processes that learn together; this is one process, which has nobody to ask."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

from torch import Tensor, nn

from dlcli.training.processes.rank import Rank

Made = TypeVar("Made")
Loss = Callable[[Any, Any], dict[str, Tensor]]  # of the network and a batch


class Alone:
    """The methods that Together overrides; each is called by every process, at the same point of the run."""

    rank = Rank()

    def agreed(self, do: Callable[[], Made]) -> Made:
        """What `do` gives here, once it has failed nowhere. DlcliError: it has; the first process says it."""
        return do()

    def from_first(self, value: Any) -> Any:
        """The first process's value: None, numbers, texts, tensors, and lists and dicts of them."""
        return value

    def mean(self, values: Tensor) -> Tensor:
        """The mean over the processes, of a tensor of one shape."""
        return values

    def largest(self, number: int) -> int:
        """Of the processes' numbers."""
        return number

    def learner(self, loss: Loss, net: nn.Module) -> Loss:
        """The loss, such that what goes back through it is the gradient's mean over the processes."""
        return loss

    def part(self, batches: Any) -> Callable[[int, int], Iterator[Any]]:
        """Of each batch what this process learns from."""
        return batches

    def gathering(self) -> AbstractContextManager[None]:
        """Within, gradients are added up here and not yet exchanged."""
        return nullcontext()

    def begin_step(self, step: int) -> None:
        """Before the forward pass of a step, counted over the run: random numbers."""

    def is_loss_of_process(self, error: BaseException) -> bool:
        """Whether an error means that another process has ended."""
        return False


ALONE = Alone()
