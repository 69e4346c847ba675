"""A teacher by its name in a library, with the weights that a cache holds: torchvision/NAME or timm/NAME."""

from dataclasses import replace

from torch import Tensor, nn

from dlcli.card import ModelCard
from dlcli.errors import UsageError
from dlcli.models.decodings import SOFTMAX
from dlcli.nets.libraries.timm_classifiers import PREFIX as TIMM
from dlcli.nets.libraries.timm_classifiers import load_timm, timm_statistics
from dlcli.nets.torchvision.classifiers import PREFIX as TORCHVISION
from dlcli.nets.torchvision.models import CLASSIFICATION, DETECTION, card_of, load_network, registered
from dlcli.tasks.registry import all_tasks, find_task

GIVEN_AS = "--teacher"
SCORES = {"scores": SOFTMAX}


class MainOutput(nn.Module):
    """Of torchvision's segmenters, which give a dict, the logits [B, C, H, W]."""

    def __init__(self, net: nn.Module):
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)["out"]  # type: ignore[no-any-return]


def is_of_library(name: str) -> bool:
    return name.startswith((TORCHVISION, TIMM))


def library_teacher(name: str, task: str) -> tuple[ModelCard, nn.Module]:
    """The card and the network of a library's name. task: of the student.

    MissingError: no such network, or its weights are in no cache. UsageError: it is for another task, or a detector.
    """
    kind = getattr(find_task(task).network, "torchvision", "")
    if name.startswith(TIMM):
        if kind != CLASSIFICATION:
            raise UsageError(f"{GIVEN_AS} {name}: timm's networks classify; expected a model for {task}")
        return _timm_teacher(name.removeprefix(TIMM), task)
    network = registered(name)
    if network.kind == DETECTION:
        raise UsageError(
            f"{GIVEN_AS} {name}: its boxes come without anchors to learn from; name a run or a bundled model"
        )
    if network.kind != kind:
        theirs = next(
            word for word, other in all_tasks().items() if other.network and other.network.torchvision == network.kind
        )
        raise UsageError(f"{GIVEN_AS} {name}: expected a model for {task}, got one for {theirs}")
    net = load_network(network)
    card = card_of(network, task)
    return replace(card, decoding={**card.decoding, **SCORES}), net if kind == CLASSIFICATION else MainOutput(net)


def _timm_teacher(name: str, task: str) -> tuple[ModelCard, nn.Module]:
    import timm

    settings = timm.get_pretrained_cfg(name)
    side = settings.input_size[-1] if settings else 224
    net = load_timm(name, side, f"{GIVEN_AS} {TIMM}{name}")
    subset = timm.data.infer_imagenet_subset(net)
    info = timm.data.ImageNetInfo(subset) if subset else None
    labels = [info.index_to_description(i).replace(",", ";") if info else f"class {i}" for i in range(net.num_classes)]  # type: ignore[arg-type, call-overload]
    unique = [f"{label} {i}" if labels.count(label) > 1 else label for i, label in enumerate(labels)]
    mean, std = timm_statistics(name)
    return ModelCard(name, task, tuple(unique), (side, side), mean, std, decoding=SCORES), net
