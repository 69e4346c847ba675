"""The spatial transformer: the identity at its start, torch's own grid, and digits that it learns to turn back."""

import pytest
import torch
from torch.nn.functional import affine_grid as torchs_grid
from torch.nn.functional import cross_entropy

from dlcli.nets.classifiers.spatial_transformer import SpatialTransformer, affine_grid


def test_it_starts_as_the_identity():
    torch.manual_seed(0)
    x = torch.rand(2, 3, 40, 56)
    net = SpatialTransformer(3).eval()
    torch.testing.assert_close(net(x), x, rtol=0, atol=1e-4)


@pytest.mark.parametrize(("height", "width"), [(5, 8), (1, 3), (32, 32)])
def test_the_grid_is_torchs(height, width):
    theta = torch.randn(3, 2, 3)
    expected = torchs_grid(theta, [3, 1, height, width], align_corners=False)
    torch.testing.assert_close(affine_grid(theta, height, width), expected, rtol=1e-4, atol=1e-5)


def test_it_learns_to_move_what_lies_aside():
    """A bar that stands left or right of the middle: what is asked of the moved image is the bar in its middle."""
    torch.manual_seed(0)
    net = SpatialTransformer(1)
    x = torch.zeros(16, 1, 32, 32)
    for i, column in enumerate(range(6, 22)):
        x[i, :, :, column : column + 4] = 1
    optimizer = torch.optim.Adam(net.parameters(), 3e-3)
    wanted = torch.zeros_like(x)
    wanted[:, :, :, 14:18] = 1
    before = float((net(x) - wanted).abs().mean())
    for _ in range(60):
        loss = (net(x) - wanted).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert float((net(x) - wanted).abs().mean()) < 0.5 * before


def test_gradients_reach_the_map():
    net = SpatialTransformer(3)
    x = torch.rand(2, 3, 32, 32)
    cross_entropy(net(x).mean((2, 3)), torch.tensor([0, 1])).backward()
    assert net.decide[-1].bias.grad.abs().sum() > 0
