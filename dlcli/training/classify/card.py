"""The card of a classifier in training."""

from dlcli.card import ModelCard
from dlcli.data.classes import ClassSet
from dlcli.nets.build_classifier import NET
from dlcli.nets.torchvision.classifiers import PREFIX, statistics
from dlcli.training.classify.options import ClassifyTraining
from dlcli.training.config import card_name, training_facts

LITE0_MEAN, LITE0_STD = (127.0, 127.0, 127.0), (128.0, 128.0, 128.0)


def classifier_card(options: ClassifyTraining, data: ClassSet, multi_label: bool) -> ModelCard:
    """The card of the network as this run trains it; scores and license come at export."""
    known = options.net.startswith(PREFIX)
    mean, std = statistics(options.net.removeprefix(PREFIX)) if known else (LITE0_MEAN, LITE0_STD)
    return ModelCard(
        name=card_name(options.out.resolve().name),
        task="classify",
        labels=data.labels,
        input=(options.size, options.size),
        mean=mean,
        std=std,
        fill=tuple(round(value) for value in mean),  # type: ignore[arg-type]
        max_stretch=1.5,
        decoding={"scores": "sigmoid" if multi_label else "softmax", NET: options.net},
        training=training_facts(options, data) | {"net": options.net},
    )
