"""The methods by hand, the ramp, and the batches of two sets."""

import copy
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from dlcli.training.loaders import LabeledBatches
from dlcli.training.unlabeled.agreement import AgreementLoss, new_steps, ramp_up
from dlcli.training.unlabeled.batches import TwoSets, TwoViews
from dlcli.training.unlabeled.mean_teacher import DECAY, MeanTeacher
from dlcli.training.unlabeled.pi_model import PiModel
from dlcli.training.unlabeled.temporal_ensembling import TemporalEnsembling
from tests.training.cases import CLASSIFY


def softmax(x):
    return x.softmax(1)


def test_the_ramp():
    assert [ramp_up(step, 10) for step in (0, 5, 10, 99)] == pytest.approx([math.exp(-5), math.exp(-1.25), 1, 1])
    assert ramp_up(0, 0) == pytest.approx(math.exp(-5))


def test_an_ensemble_of_epochs_is_the_corrected_average():
    method, answers = TemporalEnsembling(4, 2), torch.rand(3, 2, 2)
    kept = torch.zeros(2, 2)
    for time, answer in enumerate(answers):
        target, known = method.target(nn.Identity(), answer, answer, torch.tensor([3, 1]))
        assert known.tolist() == [float(time > 0)] * 2
        if time:
            assert torch.allclose(target, kept / (1 - 0.6**time), atol=1e-6)
        kept = 0.6 * kept + 0.4 * answer
    assert torch.allclose(method.memory()["average"][[3, 1]], kept, atol=1e-6)
    assert method.memory()["seen"].tolist() == [0, 3, 0, 3]


def test_a_mean_teacher_follows_the_weights():
    net = nn.Linear(3, 2)
    method = MeanTeacher(net, softmax)
    kept = net.weight.detach().clone()
    for step in range(1, 4):
        with torch.no_grad():
            net.weight.add_(torch.randn(2, 3))
        share = min(DECAY, (1 + step) / (10 + step))
        kept = share * kept + (1 - share) * net.weight.detach()
        x = torch.randn(4, 3)
        target, known = method.target(net, x, x, torch.arange(4))
        assert torch.allclose(target, softmax(nn.functional.linear(x, kept, net.bias)), atol=1e-5)
        assert not target.requires_grad
        assert known.tolist() == [1.0] * 4
    assert torch.allclose(method.memory()["teacher"]["weight"], kept, atol=1e-5)
    assert int(method.memory()["steps"]) == 3


def test_the_loss_is_the_mean_square_of_what_is_apart():
    net, steps = nn.Linear(3, 2), new_steps()
    loss = AgreementLoss(
        lambda net, _: {"class": net(torch.ones(1, 3)).sum()}, lambda x: x, softmax, PiModel(softmax), 4.0, 0, steps
    )
    one, other = torch.randn(5, 3), torch.randn(5, 3)
    steps.fill_(7)  # past the rise
    terms = loss(net, (None, (one, other, torch.arange(5))))
    wanted = 4 * ((softmax(net(one)) - softmax(net(other))) ** 2).mean().detach()
    assert float(terms["unlabeled"].detach()) == pytest.approx(float(wanted), rel=1e-5)
    assert int(steps) == 8
    terms["unlabeled"].backward()
    ours = net.weight.grad.clone()
    still = softmax(copy.deepcopy(net)(other)).detach()
    net.zero_grad()
    (4 * ((softmax(net(one)) - still) ** 2).mean()).backward()
    assert torch.allclose(ours, net.weight.grad, atol=1e-6)


class Numbers(torch.utils.data.Dataset):
    def __init__(self, count, shift=0):
        self.count, self.shift = count, shift

    def __len__(self):
        return self.count

    def __getitem__(self, draw):
        return torch.tensor(draw.index + self.shift), torch.tensor(draw.epoch)


def test_batches_draw_from_two_sets_and_skip_what_is_done(tmp_path):
    options = replace(CLASSIFY.given(tmp_path, tmp_path / "out"), batch=3, seed=2)
    labeled = LabeledBatches(options, Numbers(7), np.ones(7))
    two = TwoSets(labeled, TwoViews(Numbers(10), Numbers(10, 100)))
    assert (two.steps, two.size) == (2, 6)
    seen = []
    for epoch in range(5):
        whole = list(two(epoch, 0))
        assert len(whole) == 2
        (_, (one, other, index)), *_ = list(two(epoch, 1))
        assert torch.equal(one, whole[1][1][0])
        assert torch.equal(other, index + 100)
        seen += [int(i) for _, batch in whole for i in batch[2]]
    assert [sorted(seen[10 * n : 10 * n + 10]) for n in range(3)] == [list(range(10))] * 3
    assert seen[:10] != seen[10:20]
