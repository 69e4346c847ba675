"""A training's own loss, and beside it how far the student's answers and features are from a teacher's."""

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from dlcli.frozen import dataclass
from dlcli.training.loop import LossTerms
from dlcli.training.teachers.attention import attention_apart, watching
from dlcli.training.teachers.teacher import Teacher


class Overheard:
    """A network that remembers what it was last asked and what it answered, so that no image goes through it twice."""

    def __init__(self, net: nn.Module):
        self.net = net
        self.asked: Any = None
        self.answer: Any = None

    def __call__(self, x: Tensor) -> Any:
        self.asked, self.answer = x, self.net(x)
        return self.answer


@dataclass(frozen=True)
class TaughtLoss:
    """Called with the network and a batch: the terms of `loss`, and the scalars "teacher" and "features", by weights.

    loss: calls the network once, with float32 [B, 3, H, W]. apart: of the student's answer and the teacher's, in this
    order -> scalar, 0 where they agree. weight, features: of the answers' distance, of the maps'; 0: left out.
    """

    loss: Callable[[Any, Any], LossTerms]
    teacher: Teacher
    apart: Callable[[Any, Any], Tensor]
    weight: float
    features: float = 0.0

    def __call__(self, net: nn.Module, batch: Any) -> LossTerms:
        heard = Overheard(net)
        if not self.features:
            terms = self.loss(heard, batch)
            return {**terms, "teacher": self.weight * self.apart(heard.answer, self.teacher(heard.asked))}
        with watching(net) as ours:
            terms = self.loss(heard, batch)
        with watching(self.teacher.net) as theirs:
            answer = self.teacher(heard.asked)
        if self.weight:
            terms = {**terms, "teacher": self.weight * self.apart(heard.answer, answer)}
        return {**terms, "features": self.features * attention_apart(ours, theirs)}
