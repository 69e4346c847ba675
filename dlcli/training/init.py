"""Where a network's weights start from: ImageNet, nothing, or another network's weights; and what of it stays."""

from collections.abc import Sequence
from pathlib import Path

from torch import nn

from dlcli.errors import MissingError, UsageError
from dlcli.models.run_folder import BEST
from dlcli.models.store import list_models, weights_file
from dlcli.nets.efficientnet_lite import EfficientNetLite0, load_imagenet
from dlcli.nets.layers import freeze_norms
from dlcli.nets.weights import load_weights
from dlcli.training.log import TrainLog

IMAGENET, NONE = "imagenet", "none"


def load_pretrained(net: nn.Module, name: str) -> list[str]:
    """Load the weights that `--from` names; the tensors reinitialized, such as those of an output for other classes.

    MissingError or UsageError where there are no such weights; DataError where they cannot be read.
    """
    if name == IMAGENET:
        backbone = backbone_of(net)
        if backbone is None:
            raise UsageError("--from imagenet: this network has no EfficientNet-Lite0 in it; start it by --from none")
        backbone.load_state_dict(load_imagenet().backbone.state_dict())
    if name in (IMAGENET, NONE):
        return []
    return load_weights(find_weights(name), net, partial=True)


def say_reinitialized(names: Sequence[str], from_: str, log: TrainLog) -> None:
    if names:
        log.say(f"--from {from_}: {len(names)} tensors are reinitialized, such as {names[0]}")


def find_weights(name: str, given_as: str = "--from") -> Path:
    """The .safetensors file of a bundled model, a run's folder, or a path; a bundled name wins over a folder.

    given_as: the option that messages name. MissingError: there are no such weights.
    """
    path = Path(name)
    if path.suffix == ".safetensors":
        if not path.is_file():
            raise MissingError(f"{given_as} {name}: no such file")
        return path
    try:
        found, is_model = weights_file(name), True
    except (MissingError, UsageError):
        found, is_model = None, False
    if found is None and name and (path / BEST).is_file():
        found = path / BEST
    if found is None:
        raise MissingError(_not_found(name, is_model, given_as))
    return found


def _not_found(name: str, is_model: bool, given_as: str) -> str:
    if is_model:
        return f"{given_as} {name}: that model comes without float weights; name a .safetensors file"
    bundled = ", ".join(model.name for model in list_models()) or "none"
    words = "imagenet, none, a bundled model" if given_as == "--from" else "a bundled model"
    return f"{given_as} {name}: expected {words} ({bundled}), a run's folder or a .safetensors file"


def freeze(net: nn.Module, stages: int, name: str) -> None:
    """No gradients for the first stages of the backbone. A network that starts from nothing has none to keep."""
    backbone = backbone_of(net)
    for layer in backbone.early(stages) if backbone is not None and name != NONE else []:
        layer.requires_grad_(False)


def set_training(net: nn.Module, name: str) -> None:
    """Training mode; the backbone's batch statistics stay as they came, unless it starts from nothing."""
    net.train()
    backbone = backbone_of(net)
    if backbone is not None and name != NONE:
        freeze_norms(backbone)


def backbone_of(net: nn.Module) -> EfficientNetLite0 | None:
    """The network's EfficientNet-Lite0, None where it has another backbone or none."""
    found = getattr(net, "backbone", None)
    return found if isinstance(found, EfficientNetLite0) else None
