"""The card of a segmenter in training, and its pixels as the network sees them."""

from collections.abc import Callable

import torch
from torch import Tensor

from dlcli.card import ModelCard
from dlcli.data.masks import BACKGROUND, MaskSet
from dlcli.nets.build_segmenter import NET, segmenter_network, stride_of
from dlcli.nets.torchvision.classifiers import IMAGENET_MEAN, IMAGENET_STD, PREFIX
from dlcli.training.config import card_name, training_facts
from dlcli.training.segment.options import SegmentTraining

OUR_MEAN, OUR_STD = (127.0, 127.0, 127.0), (128.0, 128.0, 128.0)


def segmenter_card(options: SegmentTraining, data: MaskSet) -> ModelCard:
    """The card of the network as this run trains it; scores and license come at export."""
    foreign = options.net.startswith(PREFIX)
    return ModelCard(
        name=card_name(options.out.resolve().name),
        task="segment",
        labels=data.labels,
        input=(options.size, options.size),
        mean=IMAGENET_MEAN if foreign else OUR_MEAN,
        std=IMAGENET_STD if foreign else OUR_STD,
        fill=(127, 127, 127),
        max_stretch=1.5,
        decoding={
            NET: options.net,
            "stride": stride_of(segmenter_network(options.net, len(data.labels))),
            "background": data.labels.index(BACKGROUND) if BACKGROUND in data.labels else None,
            "scores": "softmax",
        },
        training=training_facts(options, data) | {"net": options.net, "loss": options.loss},
    )


def normalizer(card: ModelCard) -> Callable[[Tensor], Tensor]:
    """uint8 [B, 3, H, W] -> float32 (x - mean) / std, in channels-last order, which convolutions on CPU like best."""
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (card.mean, card.std))

    def normalized(pixels: Tensor) -> Tensor:
        return ((pixels.float() - mean) / std).contiguous(memory_format=torch.channels_last)

    return normalized
