"""torchvision's classifiers by name, and the ImageNet weights that it offers for them. torchvision loads when asked."""

import contextlib
import difflib
import io
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import torch
from torch import Tensor, nn

from dlcli.errors import MissingError, UsageError

PREFIX = "torchvision/"
IMAGENET_MEAN, IMAGENET_STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
HALF = (127.5, 127.5, 127.5)
AROUND_HALF = ("googlenet", "inception_v3", "efficientnet_v2_l")  # their weights expect (pixel - 127.5) / 127.5
SIDE_OF = {"vit": "image_size", "maxvit": "input_size"}  # families whose weights depend on the image's side


def known_names() -> list[str]:
    """What may stand after "torchvision/"."""
    from torchvision import models

    return models.list_models(module=models)


def check_name(name: str) -> None:
    """UsageError where torchvision has no classifier of this name ("resnet18"); it lists the nearest."""
    if name not in known_names():
        near = difflib.get_close_matches(name, known_names(), n=4, cutoff=0.4) or ["resnet18", "mobilenet_v3_small"]
        listed = ", ".join(PREFIX + word for word in near)
        raise UsageError(f"--net {PREFIX}{name}: torchvision has no such classifier; the nearest are {listed}")


def has_fixed_side(name: str) -> bool:
    """Whether the network takes images of the one side that it was built for."""
    return name.partition("_")[0] in SIDE_OF


def build_torchvision(name: str, classes: int, side: int) -> nn.Module:
    """[B, 3, side, side] -> logits [B, classes], in its random start, without helper outputs in the middle.

    UsageError: no such network, or one that does not take images of this side.
    """
    check_name(name)
    from torchvision.models import get_model

    more: dict[str, Any] = {"num_classes": classes}
    if name in ("googlenet", "inception_v3"):
        more |= {"aux_logits": False, "init_weights": True}
    if has_fixed_side(name):
        family = name.partition("_")[0]
        more[SIDE_OF[family]] = (side, side) if family == "maxvit" else side
    try:
        net: nn.Module = get_model(name, weights=None, **more)
        try_side(net, side)
    except (RuntimeError, ValueError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"--size {side}: {PREFIX}{name} does not take such images, try --size 224; {reason}") from None
    return net


def try_side(net: nn.Module, side: int) -> Any:
    """What it gives for one empty image; without numbers, so that even the largest network takes no time."""
    state = {key: value.to("meta") for key, value in [*net.named_parameters(), *net.named_buffers()]}
    net.eval()
    with torch.no_grad():
        return torch.func.functional_call(net, state, (torch.zeros(1, 3, side, side, device="meta"),))


def statistics(name: str) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Mean and std of the pixels, 0 to 255, that torchvision's weights of this network were trained with."""
    return (HALF, HALF) if name in AROUND_HALF else (IMAGENET_MEAN, IMAGENET_STD)


def weights_source(name: str) -> tuple[str, Path]:
    """(address, file in torch's cache) of the network's ImageNet weights; the file may not be there yet."""
    from torchvision.models import get_model_weights

    url: str = get_model_weights(name)["DEFAULT"].url  # type: ignore[index]
    return url, Path(torch.hub.get_dir(), "checkpoints", Path(urlparse(url).path).name)


def imagenet_weights(name: str) -> dict[str, Tensor]:
    """The tensors of torchvision's ImageNet weights, fetched into torch's cache first if they are not there.

    MissingError: they cannot be fetched, or what is in the cache is damaged; it names address and file.
    """
    from torchvision.models import get_model

    url, path = weights_source(name)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():  # torch.hub tells of downloads there
            warnings.simplefilter("ignore")
            net: nn.Module = get_model(name, weights="DEFAULT", progress=False)
    except Exception as error:  # no network, a full disk, a file that is no archive: each library has its own
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise MissingError(
            f"--from imagenet: cannot get torchvision's weights of {name} ({reason}); fetch {url} to {path}, "
            "or start by --from none"
        ) from None
    return net.state_dict()
