"""The function of a network: one image in, what the network gives of it out, by arrays of its own."""

import numpy as np
import pytest
import torch
from torch import nn

from dlcli.nets.forward import torch_forward


class Two(nn.Module):
    """As a detector: two outputs, of which the second depends on training."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.conv(x).permute(0, 2, 3, 1), self.drop(torch.ones(len(x), 5))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_one_image_and_every_output(dtype):
    net = Two().train()
    x = np.random.default_rng(0).normal(size=(1, 3, 6, 7)).astype(np.float32)
    first, second = torch_forward(net.to(dtype))(x if dtype is torch.float32 else x.astype(np.float64))
    with torch.inference_mode():
        wanted = net.conv(torch.from_numpy(x).to(dtype))[0].permute(1, 2, 0).float().numpy()
    assert (first.shape, first.dtype, first.flags.c_contiguous) == ((6, 7, 4), np.float32, True)
    assert np.allclose(first, wanted, atol=1e-6)
    assert second.tolist() == [1.0] * 5, "in evaluation mode"


def test_a_single_output_is_an_array():
    (found,) = torch_forward(nn.Conv2d(3, 1, 2))(np.zeros((1, 3, 2, 2), np.float32))
    assert found.shape == (1, 1)
