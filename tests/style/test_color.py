"""Colors moved from one image to another."""

import numpy as np
import pytest
import torch

from dlcli.style.color import recolor
from tests.style.images import sample


def test_mean_and_covariance_become_those_of_the_other():
    rng = np.random.default_rng(0)
    image = torch.from_numpy(0.5 + 0.05 * rng.standard_normal((1, 3, 40, 50)))
    mixing = np.array([[1, 0.3, 0], [0.2, 0.7, 0.1], [0, 0.4, 0.5]])
    other = torch.from_numpy(0.45 + 0.04 * np.einsum("ij,bjhw->bihw", mixing, rng.standard_normal((1, 3, 30, 60))))
    moved = recolor(image, other)
    assert 0 < moved.min() < moved.max() < 1  # nothing was cut off, so that the statistics are exact
    for got, expected in zip(statistics(moved), statistics(other), strict=True):
        assert np.allclose(got, expected, atol=2e-5)


def test_its_own_colors_leave_an_image_as_it_is():
    image = sample("coffee", 64).double()
    assert torch.allclose(recolor(image, image), image, atol=1e-6)


def test_no_map_moves_normal_colors_less():
    """The optimal map's cost is the squared Wasserstein distance of the two normal distributions."""
    rng = np.random.default_rng(1)
    image = torch.from_numpy(0.5 + 0.03 * rng.standard_normal((1, 3, 40, 40)))
    other = torch.from_numpy(0.5 + 0.05 * rng.standard_normal((1, 3, 40, 40)))
    cost = (recolor(image, other) - image).square().sum(1).mean().item()
    (m1, a), (m2, b) = statistics(image), statistics(other)
    root = np.linalg.cholesky(a)  # trace of the root does not depend on which square root of `a` is taken
    cross = np.sqrt(np.linalg.eigvalsh(root.T @ b @ root).clip(0)).sum()
    assert cost == pytest.approx(float(((m1 - m2) ** 2).sum() + np.trace(a) + np.trace(b) - 2 * cross), rel=0.02)


@pytest.mark.parametrize("image", [torch.zeros(1, 3, 4, 4), torch.full((1, 3, 4, 4), 0.5), torch.ones(1, 3, 1, 1)])
def test_an_image_of_one_color_takes_the_mean(image):
    other = sample("great-wave", 64)
    moved = recolor(image, other)
    assert torch.isfinite(moved).all()
    assert np.allclose(moved[0, :, 0, 0].numpy(), other[0].mean((1, 2)).numpy(), atol=1e-3)


def statistics(image: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    flat = image[0].reshape(3, -1).numpy()
    return flat.mean(1), np.cov(flat, bias=True)
