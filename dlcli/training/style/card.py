"""The card of a network that paints, as a run trains it."""

from collections.abc import Mapping
from typing import Any

from dlcli import __version__
from dlcli.card import ModelCard
from dlcli.training.checkpoint import card_name, plain
from dlcli.training.style.options import StyleTraining


def painting_card(
    options: StyleTraining, decoding: Mapping[str, Any], counted: Mapping[str, int], kept: tuple[str, ...]
) -> ModelCard:
    """counted: what there was to learn from. kept: names of the options that the card repeats."""
    facts = {"data": options.data.resolve().name, **counted, "dlcli": __version__}
    return ModelCard(
        name=card_name(options.out.name),
        task="style-transfer",
        labels=(),
        input=(options.size, options.size),
        mean=(0, 0, 0),
        std=(1, 1, 1),
        decoding=dict(decoding),
        training=facts | {name: plain(options)[name] for name in kept},
    )
