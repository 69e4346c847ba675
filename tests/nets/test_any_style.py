"""The any-style network: what is read off a style against NumPy, its vector, what learns, and what stays as it came."""

import numpy as np
import pytest
import torch

from dlcli.nets.any_style import FLOOR, AnyStyleNetwork, statistics
from dlcli.nets.efficientnet_lite import EfficientNetLite0
from dlcli.nets.lite_features import CHANNELS

SIZE = 16  # numbers in a vector


@pytest.fixture
def net() -> AnyStyleNetwork:
    torch.manual_seed(0)
    return AnyStyleNetwork(EfficientNetLite0(), SIZE, (4, 6, 8)).eval()


def noise(*shape: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(3).uniform(0, 255, shape).astype(np.float32))


def test_statistics_against_numpy():
    layers = [noise(2, 3, 4, 5), noise(2, 2, 2, 3)]
    found = statistics(layers).numpy()
    arrays = [layer.numpy() for layer in layers]
    for b in range(2):
        means = [plane.mean() for a in arrays for plane in a[b]]
        deviations = [0.5 * np.log(plane.var() + FLOOR) for a in arrays for plane in a[b]]
        assert np.allclose(found[b], [*means, *deviations], rtol=1e-5)


def test_shapes_and_the_shared_part_of_a_vector(net):
    painted, vector = net(noise(2, 3, 32, 48), torch.ones(2, SIZE), noise(1, 3, 64, 32))
    assert (painted.shape, vector.shape) == ((2, 3, 32, 48), (1, SIZE))
    assert vector[0, 0] == 1
    assert 0 <= painted.min() < painted.max() <= 255


def test_two_styles_have_two_vectors_and_an_even_gray_one_has_numbers(net):
    images = torch.cat([noise(1, 3, 64, 64), torch.full((1, 3, 64, 64), 128.0)])
    vectors = net.encoder(images)
    assert torch.isfinite(vectors).all()
    assert (vectors[0] - vectors[1]).abs().max() > 1e-3


def test_gains_are_linear_in_the_vector(net):
    one, other = torch.rand(1, SIZE), torch.rand(1, SIZE)
    norm = net.painter.encode[0].norm
    mixed = (0.3 * one + 0.7 * other) @ norm.gain
    assert torch.allclose(mixed, 0.3 * (one @ norm.gain) + 0.7 * (other @ norm.gain), atol=1e-5)


def test_standardized_statistics_have_no_mean_and_unit_spread(net):
    found = torch.randn(500, 2 * sum(CHANNELS)) * 3 + 7
    net.encoder.standardize(found)
    z = (found - net.encoder.center) / net.encoder.spread
    assert z.mean().abs() < 1e-3
    assert (z.std(0) - 1).abs().max() < 0.02


def test_every_weight_learns_and_the_backbone_does_not(net):
    net.train()
    assert not any(module.training for module in net.encoder.features.modules())
    vector = net.encoder(noise(2, 3, 48, 48))
    net.painter(noise(2, 3, 32, 32), vector).square().mean().backward()
    frozen = set(net.encoder.features.parameters())
    assert all(p.grad is None for p in frozen)
    learned = [p for p in net.parameters() if p not in frozen]
    assert all(p.requires_grad and torch.isfinite(p.grad).all() for p in learned)
    assert all(p.grad.abs().sum() > 0 for p in learned if p.ndim > 1)
