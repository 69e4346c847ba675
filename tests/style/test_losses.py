"""Gram matrices and the three losses against slow loops in NumPy."""

import numpy as np
import pytest
import torch

from dlcli.style.features import gram
from dlcli.style.losses import TINY, content_loss, relative_error, style_loss, variation_loss

RNG = np.random.default_rng(3)


def gram_slow(features: np.ndarray) -> np.ndarray:
    batch, channels, height, width = features.shape
    found = np.zeros((batch, channels, channels))
    for b in range(batch):
        for i in range(channels):
            for j in range(channels):
                for y in range(height):
                    for x in range(width):
                        found[b, i, j] += float(features[b, i, y, x]) * float(features[b, j, y, x])
    return found / (channels * height * width)


def relative_slow(value: np.ndarray, target: np.ndarray) -> float:
    target = np.broadcast_to(target, value.shape)
    return float(np.mean([((v - t) ** 2).mean() / ((t**2).mean() + TINY) for v, t in zip(value, target, strict=True)]))


def random(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (2, 3, 4, 5), (1, 6, 1, 7)])
def test_gram(shape):
    features = random(*shape)
    assert np.allclose(gram(torch.from_numpy(features)).numpy(), gram_slow(features), rtol=1e-5, atol=1e-6)


def test_gram_of_a_channels_last_tensor_is_the_same():
    features = torch.from_numpy(random(2, 4, 6, 5))
    last = features.contiguous(memory_format=torch.channels_last)
    assert torch.allclose(gram(features), gram(last), atol=1e-6)


def test_gram_does_not_depend_on_where_things_are():
    features = torch.from_numpy(random(1, 3, 4, 4))
    assert torch.allclose(gram(features), gram(features.flip(2, 3)), atol=1e-6)


@pytest.mark.parametrize("batch", [1, 3])
def test_style_loss_of_layers_of_unequal_size(batch):
    found = [random(batch, 3, 4, 5), random(batch, 5, 2, 2)]
    wanted = [gram_slow(random(1, 3, 7, 2)).astype(np.float32), gram_slow(random(1, 5, 3, 3)).astype(np.float32)]
    expected = np.mean([relative_slow(gram_slow(f), w) for f, w in zip(found, wanted, strict=True)])
    got = style_loss([torch.from_numpy(f) for f in found], [torch.from_numpy(w) for w in wanted])
    assert got.item() == pytest.approx(expected, rel=1e-4)


def test_each_image_of_a_batch_has_its_own_style():
    found = random(2, 3, 4, 4)
    wanted = gram_slow(found[::-1]).astype(np.float32)
    got = style_loss([torch.from_numpy(found)], [torch.from_numpy(wanted)])
    assert got.item() == pytest.approx(relative_slow(gram_slow(found), wanted), rel=1e-4)


def test_content_loss():
    found, wanted = [random(2, 3, 4, 5), random(2, 4, 2, 2)], [random(2, 3, 4, 5), random(2, 4, 2, 2)]
    expected = np.mean([relative_slow(f, w) for f, w in zip(found, wanted, strict=True)])
    got = content_loss([torch.from_numpy(f) for f in found], [torch.from_numpy(w) for w in wanted])
    assert got.item() == pytest.approx(expected, rel=1e-5)


def test_equal_is_zero_and_nothing_against_something_is_one():
    target = torch.from_numpy(random(2, 3, 4, 4))
    assert relative_error(target, target).item() == 0
    assert relative_error(torch.zeros_like(target), target).item() == pytest.approx(1, rel=1e-5)
    assert np.isfinite(relative_error(target, torch.zeros_like(target)).item())


def test_total_variation():
    image = random(2, 3, 5, 7)
    down, right = [], []
    for b in range(2):
        for c in range(3):
            down += [(image[b, c, y + 1, x] - image[b, c, y, x]) ** 2 for y in range(4) for x in range(7)]
            right += [(image[b, c, y, x + 1] - image[b, c, y, x]) ** 2 for y in range(5) for x in range(6)]
    expected = np.mean(down) + np.mean(right)
    assert variation_loss(torch.from_numpy(image)).item() == pytest.approx(float(expected), rel=1e-5)
    assert variation_loss(torch.full((1, 3, 4, 4), 0.3)).item() == 0


def test_gradients_are_those_of_finite_differences():
    features = torch.from_numpy(RNG.random((1, 2, 3, 3))).requires_grad_()
    wanted = [gram(torch.from_numpy(RNG.random((1, 2, 4, 4))))]
    kept = [torch.from_numpy(RNG.random((1, 2, 3, 3)))]
    assert torch.autograd.gradcheck(lambda f: style_loss([f], wanted), features)
    assert torch.autograd.gradcheck(lambda f: content_loss([f], kept), features)
    assert torch.autograd.gradcheck(lambda f: variation_loss(torch.cat([f, f[:, :1]], 1)), features)
