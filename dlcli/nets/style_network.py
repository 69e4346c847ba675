"""A feed-forward painter: one network, several styles, each a gain and a bias for every normalized channel."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WIDTHS = (16, 32, 64)  # channels at strides 1, 2 and 4
BLOCKS = 5
EPS = 1e-5
SKIP = 2.0  # what of the image goes straight to the output, before the sigmoid


class StyledNorm(nn.Module):
    """Instance normalization with a gain and a bias for each style (arXiv:1610.07629).

    [B, C, H, W] and weights of the styles [B, S] -> [B, C, H, W]. Weights that are not a single 1 blend the styles.
    """

    def __init__(self, channels: int, styles: int):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(styles, channels))
        self.bias = nn.Parameter(torch.zeros(styles, channels))

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        mean = x.mean((2, 3), keepdim=True)
        centered = x - mean
        scale = torch.rsqrt(centered.square().mean((2, 3), keepdim=True) + EPS)
        gain = (style @ self.gain)[:, :, None, None]
        return centered * (scale * gain) + (style @ self.bias)[:, :, None, None]


class MirrorConv(nn.Module):
    """Convolution over an image mirrored at its edges, so that no frame of zeros shows; "same" size / stride."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1):
        super().__init__()
        self.pad = kernel // 2
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.pad(x, [self.pad] * 4, mode="reflect"))


class Layer(nn.Module):
    """Enlarge by `up` (each pixel repeated, which leaves no checkerboard), convolve, normalize, rectify."""

    def __init__(self, inputs: int, outputs: int, kernel: int, styles: int, stride: int = 1, up: int = 1):
        super().__init__()
        self.up = up
        self.conv = MirrorConv(inputs, outputs, kernel, stride)
        self.norm = StyledNorm(outputs, styles)

    def forward(self, x: Tensor, style: Tensor, rectify: bool = True) -> Tensor:
        if self.up > 1:
            x = F.interpolate(x, scale_factor=self.up, mode="nearest")
        x = self.norm(self.conv(x), style)
        return F.relu(x) if rectify else x


class StyleNetwork(nn.Module):
    """float32 [B, 3, H, W] of 0 to 255, H and W multiples of 4 and at least 16, with weights of the styles [B, S] ->
    the painted image, the same shape and range.

    Johnson's network (arXiv:1603.08155) at half its width: narrow to a quarter of the side, residual blocks, and back.
    What it paints is added to the image itself, so that light stays light from the first step of the training on.
    """

    def __init__(self, styles: int, widths: tuple[int, int, int] = WIDTHS, blocks: int = BLOCKS):
        super().__init__()
        full, half, quarter = widths
        self.encode = nn.ModuleList([Layer(3, half, 5, styles, stride=2), Layer(half, quarter, 3, styles, stride=2)])
        self.first = nn.ModuleList(Layer(quarter, quarter, 3, styles) for _ in range(blocks))
        self.second = nn.ModuleList(Layer(quarter, quarter, 3, styles) for _ in range(blocks))
        self.decode = nn.ModuleList([Layer(quarter, half, 3, styles, up=2), Layer(half, full, 3, styles, up=2)])
        self.paint = MirrorConv(full, 3, 5)

    def forward(self, image: Tensor, style: Tensor) -> Tensor:
        x = scaled = image / 127.5 - 1
        for layer in self.encode:
            x = layer(x, style)
        for first, second in zip(self.first, self.second, strict=True):
            x = x + second(first(x, style), style, rectify=False)
        for layer in self.decode:
            x = layer(x, style)
        return torch.sigmoid(self.paint(x) + SKIP * scaled) * 255
