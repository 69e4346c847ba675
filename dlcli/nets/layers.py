"""Building blocks that the networks share: a convolution with its normalization, and separable pairs."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcli.nets.depthwise import depthwise_conv


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """TensorFlow's "same" padding (before, after) along one side, so that the output is ceil(size / stride)."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class ConvNorm(nn.Module):
    """Convolution, batch normalization and, if asked for, ReLU6.

    [B, C, H, W] -> [B, C', ceil(H / stride), ceil(W / stride)].

    While the normalization is in evaluation mode (always at prediction, in training where a backbone's
    statistics are frozen) it is a scale and a shift for each channel. Both go into the kernel, which spares
    one pass over the activations: y = (w * s) x + (b - mean * s), s = gamma / sqrt(var + eps).
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
        activation: bool = True,
        eps: float = 1e-3,
    ):
        super().__init__()
        padding = kernel // 2 if stride == 1 else 0
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=eps, momentum=0.03)
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        x = self.pad(x)
        if self.norm.training:
            x = self.norm(self.convolved(x, self.conv.weight, None))
        else:
            x = self.convolved(x, *self.folded())
        return F.relu6(x, inplace=True) if self.activation else x

    def convolved(self, x: Tensor, kernel: Tensor, shift: Tensor | None) -> Tensor:
        """The convolution; where a depthwise one is learned, by the way whose gradients are quick."""
        conv = self.conv
        if 1 < conv.groups == conv.out_channels and kernel.requires_grad and torch.is_grad_enabled():
            return depthwise_conv(x, kernel, shift, conv.stride[0], int(conv.padding[0]))
        return F.conv2d(x, kernel, shift, conv.stride, conv.padding, conv.dilation, conv.groups)

    def pad(self, x: Tensor) -> Tensor:
        kernel, stride = self.conv.kernel_size[0], self.conv.stride[0]
        if stride == 1:
            return x
        top, bottom = same_padding(x.shape[2], kernel, stride)
        left, right = same_padding(x.shape[3], kernel, stride)
        return F.pad(x, (left, right, top, bottom))

    def folded(self) -> tuple[Tensor, Tensor]:
        """The kernel and the bias that hold the normalization."""
        norm = self.norm
        assert norm.running_var is not None
        assert norm.running_mean is not None
        scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)  # [C']
        return self.conv.weight * scale.view(-1, 1, 1, 1), norm.bias - norm.running_mean * scale


def separable(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Depthwise-separable convolution (MobileNet, arXiv:1704.04861): one kernel a channel, then a 1x1 mix."""
    return nn.Sequential(
        ConvNorm(inputs, inputs, kernel, stride, groups=inputs),
        ConvNorm(inputs, outputs, 1),
    )


def freeze_norms(module: nn.Module) -> None:
    """Put every batch normalization below `module` in evaluation mode: its statistics no longer move."""
    for child in module.modules():
        if isinstance(child, nn.BatchNorm2d):
            child.eval()
