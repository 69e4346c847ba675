"""The card of a detector in training."""

from typing import Any

from dlcli.card import ModelCard
from dlcli.data.boxes import BoxSet
from dlcli.nets.factory import SECOND_STAGE
from dlcli.ops.anchors import AnchorGrid
from dlcli.training.config import card_name, training_facts
from dlcli.training.detect.options import DetectTraining, Net

PROPOSALS = 200  # regions that a Fast R-CNN looks at in an image


def detector_card(options: DetectTraining, grid: AnchorGrid, data: BoxSet) -> ModelCard:
    """The card of the network as this run trains it; scores and license come at export."""
    return ModelCard(
        name=card_name(options.out.resolve().name),
        task="detect",
        labels=data.labels,
        input=(options.size, options.size),
        mean=(127.0, 127.0, 127.0),
        std=(128.0, 128.0, 128.0),
        fill=(127, 127, 127),
        max_stretch=1.5,
        decoding=decoding(options, grid),
        training=training_facts(options, data) | {"net": str(options.net)},
    )


def decoding(options: DetectTraining, grid: AnchorGrid) -> dict[str, Any]:
    """The anchors, and the second stage where there is one; nets.build.build_detector reads both."""
    second = {SECOND_STAGE: {"pool": str(options.pool), "proposals": PROPOSALS}}
    return grid.decoding() | {"scores": "sigmoid"} | (second if options.net is Net.FAST_RCNN else {})
