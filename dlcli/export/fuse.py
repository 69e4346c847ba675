"""Batch normalization into the convolutions before it, so that the exported graph is convolutions and clips only."""

import copy
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcli.nets.layers import ConvNorm

Net = TypeVar("Net", bound=nn.Module)


def fused(net: Net) -> Net:
    """A copy in evaluation mode whose every ConvNorm is one convolution with a bias. The same outputs up to rounding.

    Layers that shared a kernel but not their normalization come out with a kernel each.
    """
    twin = copy.deepcopy(net).eval()
    for parent in list(twin.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, ConvNorm):
                setattr(parent, name, FusedConv(child))
    return twin


class FusedConv(nn.Module):
    """[B, C, H, W] -> [B, C', H', W'], what the ConvNorm that it is made from gives in evaluation mode."""

    def __init__(self, layer: ConvNorm):
        super().__init__()
        self.conv = copy.deepcopy(layer.conv)
        kernel, shift = layer.folded()
        with torch.no_grad():
            self.conv.weight, self.conv.bias = nn.Parameter(kernel.clone()), nn.Parameter(shift.clone())
        self.pad, self.activation = layer.pad, layer.activation

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(self.pad(x))
        return F.relu6(x) if self.activation else x
