"""timm's classifiers by name, and their ImageNet weights where Hugging Face's cache holds them."""

from typing import Any

from torch import Tensor, nn

from dlcli.errors import DataError, MissingError, UsageError
from dlcli.nets.libraries.hub import cached_weights, load_library, refuse_name
from dlcli.nets.torchvision.classifiers import IMAGENET_MEAN, IMAGENET_STD, try_side

PREFIX = "timm/"
Triple = tuple[float, float, float]


def check_timm_name(name: str) -> None:
    """UsageError where timm has no network of this name, "resnet18" or with weights "resnet18.a1_in1k"; see hub."""
    timm = _timm(name)
    word, _, tag = name.partition(".")
    if word not in timm.list_models():
        raise refuse_name(PREFIX, name, timm.list_models(), "timm has no such classifier")
    tagged = timm.list_pretrained(f"{word}.*") if tag else ()
    if tag and name not in tagged:
        raise refuse_name(PREFIX, name, tagged or [word], "timm has no such weights")


def has_fixed_side(name: str) -> bool:
    """Whether the network takes images of the one side that it was built for."""
    return bool(getattr(_settings(name), "fixed_input_size", False))


def build_timm(name: str, classes: int, side: int) -> nn.Module:
    """[B, 3, side, side] -> logits [B, classes], in its random start.

    MissingError: timm is not installed. UsageError: no such network, one that is no classifier, or not for this side.
    """
    check_timm_name(name)
    try:
        net: nn.Module = _timm(name).create_model(name, num_classes=classes, **_built_for(name, side))
        given = try_side(net, side)
    except (RuntimeError, ValueError, AssertionError, AttributeError, TypeError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"--size {side}: {PREFIX}{name} does not take such images, try --size 224; {reason}") from None
    if not hasattr(net, "get_classifier") or not isinstance(given, Tensor) or given.shape != (1, classes):
        raise UsageError(f"--net {PREFIX}{name}: gives no logit for each class; name a classifier")
    return net


def timm_statistics(name: str) -> tuple[Triple, Triple]:
    """Mean and std of the pixels, 0 to 255, that timm's weights of this network were trained with."""
    found = _settings(name)
    if found is None:
        return IMAGENET_MEAN, IMAGENET_STD
    mean, std = (tuple(round(255 * value, 4) for value in values) for values in (found.mean, found.std))
    return mean, std  # type: ignore[return-value]


def timm_weights(name: str, side: int) -> dict[str, Tensor]:
    """The tensors of the network's weights, as timm fits them to images of `side`; from the cache, see hub.

    MissingError: there are none, or the cache does not hold them. DataError: the file is damaged or of another network.
    """
    return load_timm(name, side).state_dict()


def load_timm(name: str, side: int, given_as: str = "--from imagenet") -> nn.Module:
    """The network with all its classes and those weights. given_as: the option that asks. Errors as of timm_weights."""
    check_timm_name(name)
    given = weights_given(name, given_as)
    try:
        net: nn.Module = _timm(name).create_model(
            name, pretrained=True, pretrained_cfg_overlay=given, **_built_for(name, side)
        )
    except Exception as error:  # torch's, safetensors' and timm's own
        reason = str(error).partition("\n")[0]
        raise DataError(
            f"{given['file']}: expected the weights of {PREFIX}{name} ({reason}); fetch the file again"
        ) from None
    return net


def weights_given(name: str, given_as: str = "--from imagenet") -> dict[str, Any]:
    """What timm takes as pretrained_cfg_overlay, to read the file in the cache. MissingError as of timm_weights."""
    found = _settings(name)
    if found is None or not found.hf_hub_id:
        raise MissingError(f"{given_as}: timm offers no weights of {name}; name another network")
    return {"file": str(cached_weights(found.hf_hub_id, PREFIX + name, given_as=given_as)), "custom_load": False}


def _timm(name: str) -> Any:
    return load_library("timm", "timm", PREFIX + name)


def _settings(name: str) -> Any:
    """timm's PretrainedCfg; None where it has none for this network."""
    return _timm(name).get_pretrained_cfg(name)


def _built_for(name: str, side: int) -> dict[str, Any]:
    return {"img_size": side} if has_fixed_side(name) else {}
