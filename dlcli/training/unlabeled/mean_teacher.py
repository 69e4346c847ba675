"""Mean teacher: an image's answer should be that of a network whose weights are the average of the student's.

A. Tarvainen, H. Valpola, "Mean teachers are better role models" (arXiv:1703.01780). The average is of weights, not of
answers, so that it learns at each step and not once an epoch.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from dlcli.training.optim import average_of, averaged_steps, set_averaged_steps

DECAY = 0.99  # of the average, less in the first steps


class MeanTeacher:
    """See agreement.Agreement. net: the student, as it starts. probabilities: of logits [B, C]."""

    def __init__(self, net: nn.Module, probabilities: Callable[[Tensor], Tensor]):
        self.teacher, self.probabilities = average_of(net, DECAY), probabilities
        self.steps = torch.zeros((), dtype=torch.int64)
        self.kept = self.teacher.module.state_dict()  # the teacher's own tensors, until it moves to another device

    def target(self, net: nn.Module, answer: Tensor, other: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
        set_averaged_steps(self.teacher, int(self.steps))
        self.teacher.to(other.device).update_parameters(net)
        if other.device.type != "cpu":
            for name, value in self.teacher.module.state_dict().items():
                self.kept[name].copy_(value)
        self.steps.fill_(averaged_steps(self.teacher))
        with torch.no_grad():
            found = self.probabilities(self.teacher.module(other).float())
        return found, torch.ones(len(answer), device=answer.device)

    def memory(self) -> dict[str, Any]:
        return {"teacher": self.kept, "steps": self.steps}
