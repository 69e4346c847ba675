"""The networks of segmentation_models_pytorch by name, ARCH-ENCODER; encoders' weights from Hugging Face's cache."""

import warnings
from typing import Any

from torch import Tensor, nn

from dlcli.errors import DataError, MissingError, UsageError
from dlcli.nets.libraries.hub import cached_weights, load_library, refuse_name
from dlcli.nets.libraries.timm_classifiers import Triple, check_timm_name, timm_statistics, weights_given
from dlcli.nets.torchvision.classifiers import HALF, IMAGENET_MEAN, IMAGENET_STD, try_side

PREFIX = "smp/"
TIMM = "tu-"  # how smp calls an encoder of timm
POOLING = ("deeplabv3", "deeplabv3plus", "pspnet", "pan", "upernet")  # they normalize one value a whole image
AROUND_HALF = ("inceptionresnetv2", "inceptionv4", "xception", "timm-tf_efficientnet_lite")
DPN = (124.0, 117.0, 104.0), (59.88, 59.88, 59.88)


class SmpSegmenter(nn.Module):
    """[B, 3, H, W] -> logits [B, classes, H, W]. name: such as unet-resnet18, random start.

    MissingError: smp is not installed. UsageError: no such network, or an encoder that it cannot have.
    """

    def __init__(self, name: str, classes: int):
        super().__init__()
        check_smp_name(name)
        architecture, _, self.encoder_name = name.partition("-")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of names that smp will give up one day
                self.net = _smp(name).create_model(
                    architecture, self.encoder_name, encoder_weights=None, classes=classes
                )
        except (ValueError, RuntimeError, AssertionError, KeyError, TypeError, AttributeError) as error:
            reason = str(error).partition("\n")[0]
            raise UsageError(f"--net {PREFIX}{name}: smp cannot build it: {reason}") from None

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)

    def load(self, source: str) -> list[str]:
        """Set the encoder's ImageNet weights, from the cache; the names of tensors that are reinitialized.

        source: "imagenet". MissingError: the cache does not hold them. DataError: the file is damaged.
        """
        if source != "imagenet":
            raise UsageError(
                f"--from {source}: smp's networks start from imagenet, none, or weights of the same network"
            )
        before = {key for key in self.state_dict() if not key.startswith("net.encoder.")}
        if self.encoder_name.startswith(TIMM):
            given = weights_given(self.encoder_name.removeprefix(TIMM))
            self._fill_from_timm(given)
        else:
            self._fill_from_smp()
        return sorted(before)

    def _fill_from_timm(self, given: dict[str, Any]) -> None:
        from segmentation_models_pytorch.encoders import get_encoder

        encoder: Any = self.net.encoder
        try:
            filled = get_encoder(
                self.encoder_name, depth=encoder._depth, weights=True, output_stride=encoder._output_stride,
                pretrained_cfg_overlay=given,
            )  # fmt: skip
            encoder.load_state_dict(filled.state_dict())
        except Exception as error:  # torch's, safetensors' and timm's own
            raise _unfit(given["file"], self.encoder_name, error) from None

    def _fill_from_smp(self) -> None:
        from safetensors.torch import load_file
        from segmentation_models_pytorch.encoders import encoders

        offered = encoders.get(self.encoder_name, {}).get("pretrained_settings", {}).get("imagenet")
        if offered is None:
            raise MissingError(
                f"--from imagenet: smp offers no such weights of {self.encoder_name}; start by --from none"
            )
        path = cached_weights(offered["repo_id"], f"smp's encoder {self.encoder_name}", offered["revision"])
        try:
            self.net.encoder.load_state_dict(load_file(path))
        except Exception as error:
            raise _unfit(str(path), self.encoder_name, error) from None


def check_smp_name(name: str) -> None:
    """UsageError where there is no such architecture or encoder; it lists the nearest. MissingError: no smp."""
    architectures = _smp(name).MODEL_ARCHITECTURES_MAPPING
    architecture, _, encoder = name.partition("-")
    if architecture not in architectures:
        near = [f"{word}-{encoder or 'resnet18'}" for word in architectures]
        raise refuse_name(PREFIX, name, near, "smp has no such architecture")
    if encoder.startswith(TIMM):
        check_timm_name(encoder.removeprefix(TIMM))
    elif encoder not in _smp(name).encoders.encoders:
        near = [f"{architecture}-{word}" for word in _smp(name).encoders.encoders]
        raise refuse_name(PREFIX, name, near, f"smp has no such encoder, nor timm, whose begin with {TIMM}")


def smp_statistics(name: str) -> tuple[Triple, Triple]:
    """Mean and std of the pixels, 0 to 255, that the encoder's ImageNet weights were trained with."""
    encoder = name.partition("-")[2]
    if encoder.startswith(TIMM):
        return timm_statistics(encoder.removeprefix(TIMM))
    if encoder.startswith("dpn"):
        return DPN
    return (HALF, HALF) if encoder.startswith(AROUND_HALF) else (IMAGENET_MEAN, IMAGENET_STD)


def check_smp_side(name: str, side: int) -> None:
    """UsageError where the network does not take images of this side. Errors as of SmpSegmenter."""
    net = SmpSegmenter(name, 2)
    try:
        shape = try_side(net, side).shape
    except (RuntimeError, ValueError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"--size {side}: {PREFIX}{name} does not take such images; {reason}") from None
    if shape != (1, 2, side, side):
        raise UsageError(f"--size {side}: {PREFIX}{name} gives {tuple(shape)[2:]}, expected {side} x {side}")


def _smp(name: str) -> Any:
    return load_library("segmentation_models_pytorch", "smp", PREFIX + name)


def _unfit(path: str, encoder: str, error: Exception) -> DataError:
    reason = str(error).partition("\n")[0]
    return DataError(f"{path}: expected the weights of smp's encoder {encoder} ({reason}); fetch the file again")
