"""Adversarial losses by hand, the penalty R1 in closed form, and whose weights learn in whose turn."""

import math

import pytest
import torch
from torch import nn

from dlcli.nets.gan import Discriminator, Gan, Generator, widths
from dlcli.training.gan.losses import DISCRIMINATOR, GENERATOR, PAIRS, GanLoss, r1_penalty
from dlcli.training.gan.options import AdversarialLoss

REAL, MADE = torch.tensor([2.0, -0.5]), torch.tensor([-3.0, 0.5])


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def test_the_non_saturating_loss_by_hand():
    pair = PAIRS[AdversarialLoss.NON_SATURATING]
    judged = [
        -math.log(sigmoid(r)) - math.log(1 - sigmoid(m)) for r, m in zip(REAL.tolist(), MADE.tolist(), strict=True)
    ]
    assert float(pair.of_discriminator(REAL, MADE)) == pytest.approx(sum(judged) / 2, rel=1e-5)
    made = [-math.log(sigmoid(m)) for m in MADE.tolist()]
    assert float(pair.of_generator(MADE)) == pytest.approx(sum(made) / 2, rel=1e-5)


def test_the_hinge_loss_by_hand():
    pair = PAIRS[AdversarialLoss.HINGE]
    assert float(pair.of_discriminator(REAL, MADE)) == pytest.approx((0 + 1.5) / 2 + (0 + 1.5) / 2)
    assert float(pair.of_generator(MADE)) == pytest.approx(1.25)


def test_the_penalty_is_half_the_squared_gradient():
    """Of w x + x^2 / 2, whose gradient is w + x."""
    weight, images = torch.randn(3, 4, 4), torch.randn(5, 3, 4, 4)

    class Judge(nn.Module):
        def forward(self, x):
            return (weight * x + x**2 / 2).sum((1, 2, 3))

    expected = ((weight + images) ** 2).sum((1, 2, 3)).mean() / 2
    assert float(r1_penalty(Judge(), images).detach()) == pytest.approx(float(expected), rel=1e-5)


@pytest.mark.parametrize("name", AdversarialLoss)
@pytest.mark.parametrize(("turn", "waits"), [(GENERATOR, DISCRIMINATOR), (DISCRIMINATOR, GENERATOR)])
def test_each_learns_in_its_own_turn(name, turn, waits):
    net = Gan(16, 8, 8, spectral=False)
    loss = GanLoss(lambda pixels: pixels.float() / 127.5 - 1, name, r1=1.0)
    terms = loss(net, (turn, torch.randint(0, 256, (4, 3, 16, 16), dtype=torch.uint8)))
    assert set(terms) == {GENERATOR, DISCRIMINATOR}
    assert [terms[part].requires_grad for part in (turn, waits)] == [True, False]
    sum(terms.values()).backward()
    assert all(value.grad is not None for value in getattr(net, turn).parameters())
    assert all(value.grad is None for value in getattr(net, waits).parameters())
    assert all(value.requires_grad for value in net.parameters())


@pytest.mark.parametrize("size", [16, 32, 64, 128])
def test_sides_double_and_halve(size):
    assert Generator(size, 8, 8)(torch.randn(2, 8)).shape == (2, 3, size, size)
    assert Discriminator(size, 8, False)(torch.randn(2, 3, size, size)).shape == (2,)
    assert len(widths(size, 8)) == int(math.log2(size)) - 1


def test_an_image_is_made_of_its_own_numbers_alone():
    net, latents = Generator(16, 8, 8), torch.randn(3, 8)
    torch.testing.assert_close(net(latents)[1:2], net(latents[1:2]), atol=1e-6, rtol=1e-5)
    assert net(latents).abs().max() <= 1


def test_spectral_norm_bounds_every_layer():
    net = Discriminator(16, 8, spectral=True).train()
    for _ in range(30):
        net(torch.randn(2, 3, 16, 16))
    weights = [layer.weight.detach().flatten(1) for layer in (*net.layers, net.last)]
    assert all(float(torch.linalg.matrix_norm(value, 2)) == pytest.approx(1, abs=0.05) for value in weights)
