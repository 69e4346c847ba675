"""GoogLeNet (arXiv:1409.4842): Inception blocks, which look at several scales side by side."""

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

# outputs of 1x1; of 1x1 before 3x3, of 3x3; of 1x1 before the second 3x3, of it; of 1x1 after the pooling (table 1)
BLOCKS = {
    "3a": (64, (96, 128), (16, 32), 32),
    "3b": (128, (128, 192), (32, 96), 64),
    "4a": (192, (96, 208), (16, 48), 64),
    "4b": (160, (112, 224), (24, 64), 64),
    "4c": (128, (128, 256), (24, 64), 64),
    "4d": (112, (144, 288), (32, 64), 64),
    "4e": (256, (160, 320), (32, 128), 128),
    "5a": (256, (160, 320), (32, 128), 128),
    "5b": (384, (192, 384), (48, 128), 128),
}


class Conv(nn.Module):
    """Convolution, batch normalization, ReLU: [B, C, H, W] -> [B, outputs, H/stride, W/stride]."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=0.001)
        nn.init.trunc_normal_(self.conv.weight, std=0.01)

    def forward(self, x: Tensor) -> Tensor:
        return relu(self.bn(self.conv(x)))


class Inception(nn.Module):
    """[B, C, H, W] -> [B, C', H, W]: four ways in parallel, their channels one after the other (figure 2b).

    The third way is a 3x3, where the paper has a 5x5: so are the public weights, torchvision's too.
    """

    def __init__(self, inputs: int, one: int, three: tuple[int, int], wide: tuple[int, int], pooled: int):
        super().__init__()
        self.branch1 = Conv(inputs, one)
        self.branch2 = nn.Sequential(Conv(inputs, three[0]), Conv(three[0], three[1], 3))
        self.branch3 = nn.Sequential(Conv(inputs, wide[0]), Conv(wide[0], wide[1], 3))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1), Conv(inputs, pooled))
        self.outputs = one + three[1] + wide[1] + pooled

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class GoogLeNet(nn.Module):
    """[B, 3, H, W] -> logits [B, classes], without the two outputs in the middle that only training used.

    Weights have torchvision's names.
    """

    def __init__(self, classes: int):
        super().__init__()
        self.conv1, self.conv2, self.conv3 = Conv(3, 64, 7, 2), Conv(64, 64), Conv(64, 192, 3)
        inputs = 192
        for name, widths in BLOCKS.items():
            block = Inception(inputs, *widths)
            self.add_module(f"inception{name}", block)
            inputs = block.outputs
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = halved(self.conv3(self.conv2(halved(self.conv1(x)))))
        for name in BLOCKS:
            if name == "4a":
                x = halved(x)
            if name == "5a":
                x = halved(x, kernel=2)
            x = self.get_submodule(f"inception{name}")(x)
        return self.fc(self.dropout(x.mean((2, 3))))


def halved(x: Tensor, kernel: int = 3) -> Tensor:
    """Max pooling by a stride of 2: [B, C, H, W] -> about half of each side."""
    return nn.functional.max_pool2d(x, kernel, 2, ceil_mode=True)
