"""ROI pooling and ROI align against torchvision.ops and slow loops."""

import math

import pytest
import torch
from torchvision import ops

from dlcli.nets.roi_pool import roi_align, roi_max_pool
from tests.oracles import roi_align_slow, roi_max_pool_slow

SCALE = 1 / 8
EDGES = [
    (0, 0, 96, 64),  # the whole map
    (10, 10, 10.1, 10.1),  # far below a cell
    (50, 30, 50, 30),  # no area
    (90, 60, 96, 64),  # the last corner
    (-20, -30, 20, 15),  # out at the top left
    (80, 50, 130, 110),  # out at the bottom right
    (200, 200, 220, 230),  # nowhere near the map
    (12, 4, 20, 12),  # corners at x.5 cells: rounding of halves
    (0, 0, 3, 64),  # tall and thin
]


def features(seed=0, channels=3):
    return torch.randn(channels, 8, 12, generator=torch.Generator().manual_seed(seed))


def random_boxes(count, seed):
    generator = torch.Generator().manual_seed(seed)
    corner = torch.rand(count, 2, generator=generator) * torch.tensor([90.0, 60.0]) - 6
    return torch.cat([corner, corner + torch.rand(count, 2, generator=generator) * 60], 1)


@pytest.mark.parametrize("size", [1, 2, 7])
@pytest.mark.parametrize("boxes", [torch.tensor(EDGES), random_boxes(60, 1)], ids=["edges", "random"])
def test_max_pool_equals_torchvision(boxes, size):
    x = features()
    assert torch.equal(roi_max_pool(x, boxes, size, SCALE), ops.roi_pool(x[None], [boxes], size, SCALE))


@pytest.mark.parametrize(("size", "samples"), [(1, 1), (2, 2), (7, 2), (3, 4)])
@pytest.mark.parametrize("boxes", [torch.tensor(EDGES), random_boxes(60, 2)], ids=["edges", "random"])
def test_align_equals_torchvision(boxes, size, samples):
    x = features()
    expected = ops.roi_align(x[None], [boxes], size, SCALE, samples, aligned=True)
    torch.testing.assert_close(roi_align(x, boxes, size, SCALE, samples), expected, atol=1e-5, rtol=1e-5)


def test_both_equal_slow_loops():
    x, boxes = features(3, 2), torch.cat([torch.tensor(EDGES), random_boxes(4, 3)])
    for box, pooled, aligned in zip(
        boxes, roi_max_pool(x, boxes, 3, SCALE), roi_align(x, boxes, 3, SCALE), strict=True
    ):
        scaled = [float(value) * SCALE for value in box]
        assert pooled.tolist() == roi_max_pool_slow(x.tolist(), scaled, 3)
        expected = torch.tensor(roi_align_slow(x.tolist(), scaled, 3, 2))
        torch.testing.assert_close(aligned, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("pool", [roi_max_pool, roi_align])
def test_zero_boxes(pool):
    assert pool(features(), torch.zeros(0, 4), 7, SCALE).shape == (0, 3, 7, 7)


@pytest.mark.parametrize("pool", [roi_max_pool, roi_align])
def test_a_constant_map_stays_constant(pool):
    grids = pool(torch.full((2, 8, 12), 5.0), random_boxes(20, 4).clamp(0, 58), 7, SCALE)
    torch.testing.assert_close(grids, torch.full_like(grids, 5.0))


@pytest.mark.parametrize(("pool", "theirs"), [(roi_max_pool, ops.roi_pool), (roi_align, ops.roi_align)])
def test_gradients_equal_torchvision(pool, theirs):
    boxes, grads = random_boxes(10, 5), []
    arguments = {"aligned": True, "sampling_ratio": 2} if theirs is ops.roi_align else {}
    for run in (lambda x: pool(x, boxes, 4, SCALE), lambda x: theirs(x[None], [boxes], 4, SCALE, **arguments)):
        x = features(6).requires_grad_()
        (run(x) * torch.arange(16.0).reshape(4, 4)).sum().backward()
        grads.append(x.grad)
    torch.testing.assert_close(*grads, atol=1e-4, rtol=1e-4)


def test_align_of_a_slope_is_the_slope():
    """Interpolation of a linear map is exact: each part holds the value at its own center."""
    slope = torch.arange(12.0).expand(1, 8, 12)
    grid = roi_align(slope, torch.tensor([[16.0, 8.0, 72.0, 56.0]]), 7, SCALE)
    expected = torch.tensor([2 + (i + 0.5) * 7 / 7 - 0.5 for i in range(7)])
    torch.testing.assert_close(grid[0, 0, 3], expected)
    assert math.isclose(grid[0, 0].mean(), expected.mean(), rel_tol=1e-6)
