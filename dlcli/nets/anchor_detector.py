"""The detector: EfficientNet-Lite0, a pyramid, an anchor head. It computes; matching and decoding are in ops."""

from torch import Tensor, nn

from dlcli.nets.anchor_head import AnchorHead
from dlcli.nets.efficientnet_lite import TAP_CHANNELS, EfficientNetLite0
from dlcli.nets.pyramid import Pyramid

CHANNELS = 128
LEVELS = 4


class AnchorDetector(nn.Module):
    """[B, 3, H, W], H and W multiples of 64 -> class logits [B, A, classes] and offsets [B, A, 4].

    3.3 M parameters with 20 classes and 6 anchors a cell. A: see AnchorHead; logits go through a sigmoid, offsets
    through ops.anchors.decode_boxes.
    """

    def __init__(self, classes: int, anchors: int, depth: int = 2):
        super().__init__()
        self.backbone = EfficientNetLite0()
        self.pyramid = Pyramid(TAP_CHANNELS, CHANNELS)
        self.head = AnchorHead(CHANNELS, depth, LEVELS, anchors, classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.head(self.features(x))

    def features(self, x: Tensor) -> list[Tensor]:
        """The pyramid's levels, finest first; Fast R-CNN pools its proposals from them."""
        return self.pyramid(self.backbone(x))
