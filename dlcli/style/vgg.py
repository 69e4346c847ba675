"""VGG-19 as a feature network, from the weights that torchvision has put into its cache."""

from pathlib import Path

import torch
from torch import Tensor, nn

from dlcli.distribution import install_command
from dlcli.errors import DataError, MissingError

FILE = "vgg19-dcbb9e9d.pth"  # torchvision's name of IMAGENET1K_V1
GET_IT = "python -c \"import torchvision; torchvision.models.vgg19(weights='IMAGENET1K_V1')\""
STYLE = (1, 6, 11, 20, 29)  # relu1_1, relu2_1, relu3_1, relu4_1, relu5_1 (arXiv:1508.06576)
CONTENT = 22  # relu4_2
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class VggFeatures(nn.Module):
    """relu1_1, 2_1, 3_1, 4_1, 4_2 and 5_1 of VGG-19, which pools by the mean here: gradients reach every pixel."""

    style_layers: tuple[int, ...] = (0, 1, 2, 3, 5)
    content_layers: tuple[int, ...] = (4,)
    smallest = 16
    bytes_per_pixel = 3500

    def __init__(self, layers: nn.Sequential):
        super().__init__()
        self.taps = tuple(sorted((*STYLE, CONTENT)))
        kept = list(layers)[: max(self.taps) + 1]
        self.layers = nn.ModuleList(_plain(layer) for layer in kept)
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1))
        self.eval().requires_grad_(False)

    def of(self, image: Tensor) -> list[Tensor]:
        """See Features."""
        x = (image - self.get_buffer("mean")) / self.get_buffer("std")
        found = []
        for number, layer in enumerate(self.layers):
            x = layer(x)
            if number in self.taps:
                found.append(x)
        return found


def load_vgg_features() -> VggFeatures:
    """From torchvision's cache; nothing is downloaded. MissingError says how to get the file, DataError: unusable."""
    try:
        from torchvision.models import vgg19
    except ImportError:
        advice = install_command("train")
        raise MissingError(f"--features torchvision/vgg19 needs torchvision; run: {advice}") from None
    path = Path(torch.hub.get_dir()) / "checkpoints" / FILE
    if not path.is_file():
        raise MissingError(f"{path}: --features torchvision/vgg19 needs this file (548 MB); to get it, run: {GET_IT}")
    with torch.device("meta"):  # no time for random weights
        net = vgg19().features
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
        ours = {k.removeprefix("features."): v.float() for k, v in stored.items() if k.startswith("features.")}
        net.load_state_dict(ours, assign=True)
    except Exception as error:  # pickle's, zipfile's and torch's own
        raise DataError(f"{path}: expected the weights of VGG-19, got: {_first_line(error)}; get it again") from error
    return VggFeatures(net)


def _plain(layer: nn.Module) -> nn.Module:
    """The layer as the gradients need it: nothing overwritten in place, the mean for the maximum."""
    if isinstance(layer, nn.ReLU):
        return nn.ReLU()
    return nn.AvgPool2d(2) if isinstance(layer, nn.MaxPool2d) else layer


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
