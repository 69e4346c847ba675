"""`--optimizer`: torch's optimizers by name. Each moves a weight w by its gradient g and the learning rate lr."""

from collections.abc import Callable, Sequence

from torch.optim import SGD, Adam, AdamW, Optimizer, RMSprop

from dlcli.training.optim import Group
from dlcli.training.optimization.names import OptimizerName

Groups = Sequence[Group]  # of optim.weight_groups: each has its own lr and weight_decay


def sgd(groups: Groups, _momentum: float) -> Optimizer:
    """w <- w - lr g, where weight decay d adds d w to g (Robbins and Monro, 1951)."""
    return SGD(groups, foreach=True)


def momentum(groups: Groups, momentum: float) -> Optimizer:
    """v <- m v + g, w <- w - lr v, m the momentum (Polyak, 1964; v begins as the first g). Weight decay as in sgd."""
    return SGD(groups, momentum=momentum, foreach=True)


def rmsprop(groups: Groups, momentum: float) -> Optimizer:
    """s <- 0.99 s + 0.01 g^2, v <- m v + g / (sqrt(s) + 1e-8), w <- w - lr v (Hinton's lecture 6e, 2012).

    v as in momentum; weight decay as in sgd.
    """
    return RMSprop(groups, momentum=momentum, foreach=True)


def adam(groups: Groups, _momentum: float) -> Optimizer:
    """m <- 0.9 m + 0.1 g, s <- 0.999 s + 0.001 g^2, w <- w - lr m' / (sqrt(s') + 1e-8) (arXiv:1412.6980).

    After t steps m' = m / (1 - 0.9^t) and s' = s / (1 - 0.999^t). Weight decay as in sgd.
    """
    return Adam(groups, foreach=True)


def adamw(groups: Groups, _momentum: float) -> Optimizer:
    """adam, but weight decay d shrinks the weights themselves: w <- w - lr d w first (arXiv:1711.05101)."""
    return AdamW(groups, foreach=True)


OPTIMIZERS: dict[OptimizerName, Callable[[Groups, float], Optimizer]] = {
    OptimizerName.SGD: sgd,
    OptimizerName.MOMENTUM: momentum,
    OptimizerName.RMSPROP: rmsprop,
    OptimizerName.ADAM: adam,
    OptimizerName.ADAMW: adamw,
}


def build_optimizer(name: OptimizerName, groups: Groups, momentum: float = 0.9) -> Optimizer:
    """momentum: of the two that have it."""
    return OPTIMIZERS[name](groups, momentum)
