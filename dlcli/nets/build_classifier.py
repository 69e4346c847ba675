"""From a model card to the classifier that it describes."""

from torch import nn

from dlcli.card import ModelCard
from dlcli.errors import DataError, UsageError
from dlcli.messages import did_you_mean, listed
from dlcli.nets.classifiers.table import NETWORKS
from dlcli.nets.efficientnet_lite import EfficientNetLite0, EfficientNetLite0Classifier
from dlcli.nets.libraries import timm_classifiers
from dlcli.nets.libraries.timm_classifiers import build_timm
from dlcli.nets.torchvision.classifiers import PREFIX, build_torchvision, has_fixed_side

LITE0 = "lite0"
NET = "net"  # a card's decoding names the network by it; without it the network is LITE0


def build_classifier(card: ModelCard) -> nn.Module:
    """The network of a classifier's card, in its random start: [B, 3, h, w] -> logits [B, labels].

    DataError: a network that this version does not know, or one that does not take the card's input.
    """
    name = card.decoding.get(NET, LITE0)
    try:
        return network(name, len(card.labels), card.input[0])
    except UsageError as error:
        raise DataError(f"{card.name}: its network {name} cannot be built: {error}") from error


def network(name: str, classes: int, side: int) -> nn.Module:
    """[B, 3, side, side] -> logits [B, classes]. UsageError: there is no such network, or not for this side."""
    if name == LITE0:
        return EfficientNetLite0Classifier(classes)
    if name in NETWORKS:
        step = NETWORKS[name].step
        if step and side % step:
            raise UsageError(f"--size {side}: {name} takes multiples of {step} pixels, such as 224")
        net: nn.Module = NETWORKS[name].new(classes, side)
        return net
    if timm_name(name):
        return build_timm(timm_name(name), classes, side)
    if not str(name).startswith(PREFIX):
        near = did_you_mean(str(name), (LITE0, *NETWORKS))
        known = (
            f"expected one of {listed((LITE0, *NETWORKS))}, or {PREFIX} or {timm_classifiers.PREFIX} and a name, "
            f"such as {PREFIX}resnet18"
        )
        raise UsageError(f"--net {name}: {known}{'; ' if near else ''}{near}")
    return build_torchvision(name.removeprefix(PREFIX), classes, side)


def twin_of(name: str) -> str:
    """torchvision's name of this network; "" where it has none, as of LITE0."""
    if name in NETWORKS:
        return NETWORKS[name].twin
    return name.removeprefix(PREFIX) if name.startswith(PREFIX) else ""


def timm_name(name: object) -> str:
    """timm's name of a network that is called timm/NAME; "" for any other."""
    prefix = timm_classifiers.PREFIX
    return str(name).removeprefix(prefix) if str(name).startswith(prefix) else ""


def has_one_side(name: str) -> bool:
    """Whether the network takes images of the one side that it was built for."""
    if timm_name(name):
        return timm_classifiers.has_fixed_side(timm_name(name))
    return NETWORKS[name].fixed if name in NETWORKS else name.startswith(PREFIX) and has_fixed_side(twin_of(name))


def last_layer(net: nn.Module) -> nn.Linear | nn.Conv2d:
    """The layer that gives the logits: what timm says of its own, else the last that is linear or a convolution."""
    told = net.get_classifier() if hasattr(net, "get_classifier") else None  # type: ignore[operator]
    if isinstance(told, nn.Linear | nn.Conv2d):
        return told
    return [layer for layer in net.modules() if isinstance(layer, nn.Linear | nn.Conv2d)][-1]


def stages(net: nn.Module) -> list[nn.Module]:
    """Layers and blocks with weights, in their order, without the last layer; lists of blocks are taken apart."""
    last, found = last_layer(net), []

    def visit(module: nn.Module) -> None:
        holds_last = any(layer is last for layer in module.modules())
        if module is not last and (holds_last or _is_list(module)):
            for child in module.children():
                visit(child)
        elif module is not last and any(True for _ in module.parameters()):
            found.append(module)

    visit(net)
    return found


def _is_list(module: nn.Module) -> bool:
    """Whether a module is its children one after the other; so are our backbone and a transformer's encoder."""
    lists = nn.Sequential | nn.ModuleList | EfficientNetLite0
    return isinstance(module, lists) or isinstance(getattr(module, "layers", None), nn.Sequential)
