"""torchvision's trained networks by name, for `--model torchvision/NAME`: their cards, and weights from torch's cache.

Nothing is fetched here; `dlcli models pull` does that. torchvision loads when asked.
"""

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import numpy as np
import torch
from torch import Tensor, nn

from dlcli.card import ModelCard
from dlcli.errors import DataError, MissingError
from dlcli.frozen import dataclass
from dlcli.models.decodings import TORCHVISION
from dlcli.nets.torchvision.classifiers import PREFIX

NOT_A_CLASS = "N/A"  # stands in COCO's list for numbers that are no class
DETECTION, SEGMENTATION, CLASSIFICATION = KINDS = "detection", "segmentation", "classification"  # Task.network's word
WHOLE = 640  # given as a detector's input; it takes images as they are
MOST_BOXES = 3000  # that a detector gives before --max-det


@dataclass(frozen=True)
class Registered:
    """A network of torchvision's registry. kind: see KINDS. weights: a torchvision.models.WeightsEnum, its best."""

    name: str
    kind: str
    weights: Any

    @property
    def url(self) -> str:
        return str(self.weights.url)

    @property
    def path(self) -> Path:
        """Where torch's cache keeps the weights."""
        return Path(torch.hub.get_dir(), "checkpoints", Path(urlparse(self.url).path).name)


def registered(name: str) -> Registered:
    """name: "torchvision/resnet18". MissingError: no such network for a task of dlcli; it lists some."""
    from torchvision import models

    word = name.removeprefix(PREFIX)
    modules = {DETECTION: models.detection, SEGMENTATION: models.segmentation, CLASSIFICATION: models}
    names = {known: kind for kind, module in modules.items() for known in models.list_models(module=module)}
    if word not in names:
        near = difflib.get_close_matches(word, names, n=4, cutoff=0.3) or ["resnet18"]
        raise MissingError(
            f"{name}: torchvision has no such network; the nearest are {', '.join(PREFIX + n for n in near)}"
        )
    return Registered(word, names[word], models.get_model_weights(word)["DEFAULT"])  # type: ignore[index]


def card_of(network: Registered, task: str) -> ModelCard:
    """What torchvision says of its weights, as a card. Class ids are its own: COCO's numbers for its detectors."""
    seen = network.weights.transforms()
    labels = list(network.weights.meta["categories"])
    labels = [
        f"{NOT_A_CLASS} {i}" if label == NOT_A_CLASS else label.replace(",", ";") for i, label in enumerate(labels)
    ]
    more: dict[str, Any] = {"license": "see the network's page in torchvision's documentation"}
    if network.kind == DETECTION:
        more |= {"decoding": {"kind": TORCHVISION}}
        return ModelCard(network.name, task, tuple(labels), (WHOLE, WHOLE), (0.0,) * 3, (255.0,) * 3, **more)
    mean = tuple(255 * float(value) for value in seen.mean)
    std = tuple(255 * float(value) for value in seen.std)
    side = seen.crop_size[0] if network.kind == CLASSIFICATION else seen.resize_size[0]
    if network.kind == CLASSIFICATION:
        more |= {"resize": "crop", "crop": min(1.0, side / seen.resize_size[0])}
    else:
        more |= {"fill": tuple(round(value) for value in mean)}
    return ModelCard(network.name, task, tuple(labels), (side, side), mean, std, **more)  # type: ignore[arg-type]


def load_network(network: Registered) -> nn.Module:
    """The network with the weights in torch's cache, for evaluation.

    MissingError: the cache does not hold them; it names the command that fetches them. DataError: they do not fit.
    """
    from torchvision.models import get_model

    if not network.path.is_file():
        name = PREFIX + network.name
        raise MissingError(f"{name}: its weights {network.path} are not there; run: dlcli models pull {name}")
    try:
        state = torch.load(network.path, map_location="cpu", weights_only=True)
        with _giving(state):
            net: nn.Module = get_model(network.name, weights=network.weights, progress=False)
    except Exception as error:  # torch raises its own, zipfile's and pickle's, and advises to trust the file
        again = f"remove it and run: dlcli models pull {PREFIX}{network.name}"
        raise DataError(f"{network.path}: expected the weights of torchvision's {network.name}; {again}") from error
    return net.eval()


@contextmanager
def _giving(state: dict[str, Tensor]) -> Iterator[None]:
    """torchvision builds a network for its weights a little differently than without; here it is given these."""
    from torchvision.models import WeightsEnum

    before = WeightsEnum.get_state_dict
    WeightsEnum.get_state_dict = lambda *_, **__: state  # type: ignore[method-assign]
    try:
        yield
    finally:
        WeightsEnum.get_state_dict = before  # type: ignore[method-assign]


def limit_detector(net: nn.Module, conf: float, iou: float) -> None:
    """Have a detector's own last step keep scores from `conf` and overlaps up to `iou`, and no count cut them."""
    last: Any = getattr(net, "roi_heads", net)
    last.score_thresh, last.nms_thresh, last.detections_per_img = max(conf - 1e-7, 0.0), iou, MOST_BOXES


def registered_forward(network: Registered, net: nn.Module, cuda: bool) -> Any:
    """The network as the task's predictor calls it: float32 [1, 3, h, w] -> logits of the image, or its boxes.

    Of a detector (xyxy float32 [N, 4] in pixels of the input, scores float32 [N], class ids int64 [N]).
    """
    device = torch.device("cuda" if cuda else "cpu")
    net = net.to(device)

    def forward(tensor: "np.ndarray") -> Any:
        with torch.inference_mode():
            x = torch.from_numpy(tensor).to(device)
            if network.kind == DETECTION:
                found = net([x[0]])[0]
                return tuple(found[key].cpu().numpy() for key in ("boxes", "scores", "labels"))
            said = net(x)
            said = said["out"] if network.kind == SEGMENTATION else said
            return np.ascontiguousarray(said[0].float().cpu().numpy())

    return forward
