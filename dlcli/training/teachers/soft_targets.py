"""How far a student's probabilities are from a teacher's, both softened by a temperature (arXiv:1503.02531)."""

import torch.nn.functional as F
from torch import Tensor


def softened_divergence(ours: Tensor, theirs: Tensor, temperature: float, dim: int = 1) -> Tensor:
    """T^2 KL(softmax(theirs / T) || softmax(ours / T)) along `dim`, its mean over all else -> scalar.

    Logits of one shape, such as [B, C]. T^2 keeps the gradient's size as T grows (equation 4 of the paper).
    """
    wanted, got = (F.log_softmax(logits.float() / temperature, dim) for logits in (theirs, ours))
    return temperature**2 * (wanted.exp() * (wanted - got)).sum(dim).mean()


def softened_yes_or_no(ours: Tensor, theirs: Tensor, temperature: float) -> Tensor:
    """The same of independent answers, sigmoid(logit / T), its mean -> scalar. Logits: [B, C]."""
    z, wanted = ours.float() / temperature, theirs.float() / temperature
    p = wanted.sigmoid()
    yes, no = F.logsigmoid(wanted) - F.logsigmoid(z), F.logsigmoid(-wanted) - F.logsigmoid(-z)
    return temperature**2 * (p * yes + (1 - p) * no).mean()
