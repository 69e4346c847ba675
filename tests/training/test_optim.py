"""Groups of weights, their rate, clipping."""

import math

import pytest
import torch
from torch import nn
from torch.optim import AdamW

from dlcli.training.optim import clip_gradients, set_rate, weight_groups


def net():
    return nn.ModuleDict({"early": nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)), "late": nn.Linear(3, 1)})


def test_four_groups_by_rate_and_decay():
    model = net()
    groups = weight_groups(model, model["early"], lr=0.2, backbone_lr=0.1, decay=0.5)
    found = {(g["lr"], g["weight_decay"], tuple(p.ndim for p in g["params"])) for g in groups}
    assert found == {(0.1, 0.5, (2,)), (0.1, 0.0, (1, 1, 1)), (0.2, 0.5, (2,)), (0.2, 0.0, (1,))}


def test_frozen_weights_are_left_out():
    model = net()
    model["early"].requires_grad_(False)
    groups = weight_groups(model, model["early"], 0.2, 0.1, 0.5)
    assert {g["lr"] for g in groups} == {0.2}


def test_set_rate_keeps_the_peak():
    model = net()
    optimizer = AdamW(weight_groups(model, model["early"], 0.2, 0.1, 0.5))
    for share in (0.5, 0.25):
        set_rate(optimizer, share)
        assert {g["lr"] for g in optimizer.param_groups} == {0.2 * share, 0.1 * share}


def test_clipping_scales_all_gradients_together():
    model = nn.Linear(3, 1, bias=False)
    model.weight.grad = torch.tensor([[3.0, 4.0, 0.0]])
    assert clip_gradients(model, 10) == pytest.approx(5)
    assert model.weight.grad.tolist() == [[3, 4, 0]]
    assert clip_gradients(model, 1) == pytest.approx(5)
    assert float(model.weight.grad.norm()) == pytest.approx(1, rel=1e-4)


def test_clip_zero_clips_nothing():
    model = nn.Linear(3, 1, bias=False)
    model.weight.grad = torch.tensor([[300.0, 400.0, 0.0]])
    assert clip_gradients(model, 0) == pytest.approx(500)
    assert model.weight.grad.tolist() == [[300, 400, 0]]


def test_each_value_is_cut_on_its_own():
    model = nn.Linear(3, 1, bias=False)
    model.weight.grad = torch.tensor([[3.0, -4.0, 0.5]])
    assert clip_gradients(model, 0, value=1.0) == pytest.approx(math.hypot(3, 4, 0.5))
    assert model.weight.grad.tolist() == [[1, -1, 0.5]]


def test_a_gradient_that_is_no_number_shows_in_the_norm():
    model = nn.Linear(1, 1, bias=False)
    model.weight.grad = torch.tensor([[math.nan]])
    assert math.isnan(clip_gradients(model, 10))
