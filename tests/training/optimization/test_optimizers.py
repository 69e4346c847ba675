"""Each optimizer against its formula, written out for one weight."""

import math

import pytest
import torch
from torch import nn

from dlcli.training.optimization.names import OptimizerName
from dlcli.training.optimization.optimizers import OPTIMIZERS, build_optimizer

LR, DECAY, MOMENTUM = 0.1, 0.01, 0.8
GRADIENTS = (1.0, -0.5, 2.0, 0.25)


def sgd(weight):
    for gradient in GRADIENTS:
        weight -= LR * (gradient + DECAY * weight)
    return weight


def momentum(weight):
    speed = 0.0
    for gradient in GRADIENTS:
        speed = MOMENTUM * speed + gradient + DECAY * weight
        weight -= LR * speed
    return weight


def rmsprop(weight):
    square = speed = 0.0
    for gradient in GRADIENTS:
        gradient += DECAY * weight
        square = 0.99 * square + 0.01 * gradient**2
        speed = MOMENTUM * speed + gradient / (math.sqrt(square) + 1e-8)
        weight -= LR * speed
    return weight


def adam(weight, decoupled=False):
    mean = square = 0.0
    for step, gradient in enumerate(GRADIENTS, 1):
        if decoupled:
            weight -= LR * DECAY * weight
        else:
            gradient += DECAY * weight
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        weight -= LR * mean / (1 - 0.9**step) / (math.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weight


def adamw(weight):
    return adam(weight, decoupled=True)


@pytest.mark.parametrize("formula", [sgd, momentum, rmsprop, adam, adamw], ids=lambda formula: formula.__name__)
def test_each_moves_a_weight_as_its_formula_says(formula):
    weight = nn.Parameter(torch.tensor([0.7]))
    groups = [{"params": [weight], "lr": LR, "peak_lr": LR, "weight_decay": DECAY}]
    optimizer = build_optimizer(OptimizerName(formula.__name__), groups, MOMENTUM)
    for gradient in GRADIENTS:
        weight.grad = torch.tensor([gradient])
        optimizer.step()
    assert float(weight.detach()) == pytest.approx(formula(0.7), rel=1e-5)
    assert optimizer.param_groups[0]["peak_lr"] == LR


def test_every_name_has_one():
    assert set(OPTIMIZERS) == set(OptimizerName)
