"""Where a classifier's weights start from, which of them are reinitialized, and which stay as they came."""

from collections.abc import Callable, Collection, Mapping

import torch
from torch import Tensor, nn

from dlcli.errors import UsageError
from dlcli.models.run_folder import CONFIG, read_run
from dlcli.nets.build_classifier import LITE0, last_layer, stages, timm_name, twin_of
from dlcli.nets.efficientnet_lite import load_imagenet
from dlcli.nets.layers import freeze_norms
from dlcli.nets.libraries.timm_classifiers import timm_weights
from dlcli.nets.torchvision.classifiers import imagenet_weights, weights_source
from dlcli.nets.weights import load_weights, read_weights_card
from dlcli.training.classify.options import ALL_BUT_LAST
from dlcli.training.init import IMAGENET, NONE, find_weights

AUTO = "auto"
FASTEST = 0.3  # of the batch's statistics in the running ones


def start_classifier(
    net: nn.Module, name: str, from_: str, labels: tuple[str, ...], say: Callable[[str], None], side: int = 224
) -> list[str]:
    """Set the weights that `--from` names; the tensors reinitialized.

    name: the network's. labels: its classes; the last layer is reinitialized unless the weights are for the same ones.
    side: of its input in pixels, to which timm fits what it has learned of positions.
    MissingError or UsageError where there are no such weights; DataError where they cannot be read.
    """
    if from_ == NONE:
        return [key for key, _ in net.named_parameters()]
    fresh = {key: value.clone() for key, value in last_layer(net).state_dict().items()}
    if from_ == IMAGENET:
        reinitialized, theirs = _fill(net, _imagenet(name, say, side)), None
    else:
        reinitialized, theirs = _from_file(net, from_)
    if len(reinitialized) == len(net.state_dict()):
        raise UsageError(f"--from {from_}: its weights fit no layer of {name}; name weights of the same network")
    if theirs != labels:
        last_layer(net).load_state_dict(fresh)
        reinitialized = [*reinitialized, *(key for key in _names(net, last_layer(net)) if key not in reinitialized)]
        known = "" if theirs is None else f", which knows {len(theirs)} classes"
        say(f"--from {from_}{known}: the last layer is reinitialized for {len(labels)} classes")
    more = [key for key in reinitialized if key not in _names(net, last_layer(net))]
    if more:
        say(f"--from {from_}: {len(more)} more tensors are reinitialized, such as {more[0]}")
    return reinitialized


def resolved_start(name: str, from_: str) -> str:
    """auto as imagenet where there are such weights of the network called `name`, else as none."""
    if from_ != AUTO:
        return from_
    return IMAGENET if name == LITE0 or twin_of(name) or timm_name(name) else NONE


def freeze_count(text: str) -> int | None:
    """`--freeze N` -> N, `--freeze all-but-last` -> None. UsageError for anything else."""
    if text == ALL_BUT_LAST:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 5):
        raise UsageError(f"--freeze {text}: expected a number of layers and blocks such as 4, or {ALL_BUT_LAST}")
    return int(text)


def freeze_classifier(net: nn.Module, count: int | None, reinitialized: Collection[str]) -> None:
    """No gradients for the first `count` stages, or for all but the last layer; none of those reinitialized."""
    named = dict(net.named_parameters())
    kept = _names(net, *stages(net)[:count]) if count is not None else list(named)
    for key in set(kept) - set(reinitialized) - set(_names(net, last_layer(net))):
        named[key].requires_grad_(False)


def slow_parameters(net: nn.Module, reinitialized: Collection[str]) -> nn.Module | None:
    """What came with the weights, to learn at a lower rate; None where all is reinitialized."""
    came = [parameter for key, parameter in net.named_parameters() if key not in reinitialized]
    return nn.ParameterList(came) if came else None


def set_training_classifier(net: nn.Module, reinitialized: Collection[str]) -> None:
    """Training mode; batch statistics that came with the weights stay, and frozen stages compute as at prediction."""
    net.train()
    for stage in stages(net):
        names = _names(net, stage)
        if not any(name in reinitialized for name in names):
            freeze_norms(stage)
        if not any(parameter.requires_grad for parameter in stage.parameters()):
            stage.eval()


def quicken_norms(net: nn.Module, steps: int) -> None:
    """Let batch statistics settle within a run of so few steps; some networks move them by 0.01 or less a step.

    Each step moves them by at least 10 / steps, at most FASTEST, of the way to the batch's.
    """
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d) and layer.momentum is not None:
            layer.momentum = max(layer.momentum, min(FASTEST, 10 / steps))


def _imagenet(name: str, say: Callable[[str], None], side: int) -> Mapping[str, Tensor]:
    if name == LITE0:
        return load_imagenet().state_dict()
    if timm_name(name):
        return timm_weights(timm_name(name), side)
    short = twin_of(name)
    if not short:
        raise UsageError(f"--net {name}: there are no ImageNet weights of it; start it by --from {NONE}")
    url, path = weights_source(short)
    if not path.exists():
        say(f"--from imagenet: fetching {url} to {path}")
    return imagenet_weights(short)


def _from_file(net: nn.Module, from_: str) -> tuple[list[str], tuple[str, ...] | None]:
    """Fill the network from a file; the tensors left as they were, and the labels that the weights are for."""
    path = find_weights(from_)
    reinitialized = load_weights(path, net, partial=True)
    card = read_weights_card(path)
    if card is None and (path.parent / CONFIG).is_file():
        card = read_run(path.parent).card
    return reinitialized, card.labels if card and card.task == "classify" else None


@torch.no_grad()
def _fill(net: nn.Module, stored: Mapping[str, Tensor]) -> list[str]:
    """Copy the tensors of the same name and shape; the names of the others."""
    left = []
    for key, value in net.state_dict().items():
        if key in stored and stored[key].shape == value.shape:
            value.copy_(stored[key])
        else:
            left.append(key)
    return left


def _names(net: nn.Module, *modules: nn.Module) -> list[str]:
    """The names in `net` of the modules' weights."""
    wanted = {id(parameter) for module in modules for parameter in module.parameters()}
    return [key for key, parameter in net.named_parameters() if id(parameter) in wanted]
