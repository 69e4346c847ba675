"""The card of a detector in training, and RUN/config.json, which holds it."""

import json
from typing import Any

from dlcli import __version__
from dlcli.card import ModelCard
from dlcli.data.detection_set import DetectionSet
from dlcli.models.run_folder import CONFIG
from dlcli.nets.build import SECOND_STAGE
from dlcli.ops.anchors import AnchorGrid
from dlcli.training.options import DetectTraining, Net
from dlcli.training.resume import plain
from dlcli.whole_file import write_text

PROPOSALS = 200  # regions that a Fast R-CNN looks at in a picture


def detector_card(options: DetectTraining, grid: AnchorGrid, data: DetectionSet) -> ModelCard:
    """The card of the network as this run trains it; scores and licence come at export."""
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
        training={
            "data": options.data.resolve().name,
            "split": options.split,
            "pictures": len(data.pictures),
            "net": str(options.net),
            "epochs": options.epochs,
            "seed": options.seed,
            "dlcli": __version__,
        },
    )


def decoding(options: DetectTraining, grid: AnchorGrid) -> dict[str, Any]:
    """The anchors, and the second stage where there is one; nets.build.build_detector reads both."""
    second = {SECOND_STAGE: {"pool": str(options.pool), "proposals": PROPOSALS}}
    return grid.decoding() | {"scores": "sigmoid"} | (second if options.net is Net.FAST_RCNN else {})


def card_name(folder: str) -> str:
    """A folder's name as a card may have it: letters, digits, ".", "_" and "-", the first a letter or digit."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in folder.lower())
    return kept.lstrip("._-") or "run"


def write_config(options: DetectTraining, card: ModelCard) -> None:
    """RUN/config.json: the card, and the options that the run was started with."""
    config = {
        "dlcli": __version__,
        "task": "detect",
        "options": plain(options),
        "card": json.loads(card.to_json()),
    }
    write_text(options.out / CONFIG, json.dumps(config, indent=1) + "\n")
