"""Network in Network (arXiv:1312.4400): a small perceptron at each pixel, and no fully connected layer at the end."""

from torch import Tensor, nn


def mlpconv(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Sequential:
    """A convolution and two 1x1 ones, which mix the channels of each pixel: [B, C, H, W] -> [B, outputs, H/s, W/s]."""
    layers: list[nn.Module] = []
    for i, (width, side, step) in enumerate([(inputs, kernel, stride), (outputs, 1, 1), (outputs, 1, 1)]):
        layers += [nn.Conv2d(width, outputs, side, step, side // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
        nn.init.kaiming_normal_(layers[3 * i].weight, nonlinearity="relu")  # type: ignore[arg-type]
    return nn.Sequential(*layers)


class NiN(nn.Module):
    """[B, 3, H, W], sides of 32 or more -> logits [B, classes].

    The last block has a map for each class, and the mean of it is the logit: the paper's global average pooling.
    Batch normalization, which is younger than the paper, lets it learn within minutes.
    """

    def __init__(self, classes: int):
        super().__init__()
        self.features = nn.Sequential(
            mlpconv(3, 96, 11, 4),
            nn.MaxPool2d(3, 2, 1),
            mlpconv(96, 256, 5),
            nn.MaxPool2d(3, 2, 1),
            mlpconv(256, 384, 3),
            nn.MaxPool2d(3, 2, 1),
            nn.Dropout(0.5),
        )
        self.maps = nn.Sequential(mlpconv(384, 384, 3), nn.Conv2d(384, classes, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.maps(self.features(x)).mean((2, 3))
