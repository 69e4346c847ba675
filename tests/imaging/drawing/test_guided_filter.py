"""The guided filter against a slow loop over windows, as the paper writes it."""

import numpy as np

from dlcli.imaging.drawing.guided_filter import guided_filter


def slow(guide: np.ndarray, target: np.ndarray, radius: int, eps: float) -> np.ndarray:
    """Equations 14 to 16 of He et al. 2010, a window at a time; edges mirrored."""
    height, width = target.shape
    wide_guide = np.pad(guide.astype(np.float64), ((radius, radius), (radius, radius), (0, 0)), mode="symmetric")
    wide_target = np.pad(target.astype(np.float64), radius, mode="symmetric")
    slopes, offsets = np.zeros((height, width, 3)), np.zeros((height, width))
    size = 2 * radius + 1
    for y in range(height):
        for x in range(width):
            colors = wide_guide[y : y + size, x : x + size].reshape(-1, 3)
            values = wide_target[y : y + size, x : x + size].ravel()
            covariance = np.cov(colors.T, bias=True) + eps * np.eye(3)
            both = (colors * values[:, None]).mean(0) - colors.mean(0) * values.mean()
            slopes[y, x] = np.linalg.inv(covariance) @ both
            offsets[y, x] = values.mean() - slopes[y, x] @ colors.mean(0)
    slopes = np.pad(slopes, ((radius, radius), (radius, radius), (0, 0)), mode="symmetric")
    offsets = np.pad(offsets, radius, mode="symmetric")
    found = np.zeros((height, width))
    for y in range(height):
        for x in range(width):
            slope = slopes[y : y + size, x : x + size].reshape(-1, 3).mean(0)
            found[y, x] = slope @ guide[y, x] + offsets[y : y + size, x : x + size].mean()
    return found


def test_it_agrees_with_the_slow_loop():
    rng = np.random.default_rng(0)
    guide = rng.random((14, 17, 3), np.float32)
    target = (rng.random((14, 17)) > 0.5).astype(np.float32)
    for radius, eps in ((1, 1e-2), (3, 1e-3)):
        np.testing.assert_allclose(
            guided_filter(guide, target, radius, eps), slow(guide, target, radius, eps), atol=2e-4
        )


def test_a_flat_guide_gives_means_of_means():
    target = np.zeros((21, 21), np.float32)
    target[10, 10] = 1
    found = guided_filter(np.full((21, 21, 3), 0.5, np.float32), target, 1, 1e-3)
    assert found[10, 10] == np.float32(1 / 9)
    assert np.isclose(found.sum(), 1, atol=1e-5)
