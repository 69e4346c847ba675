"""A small run to export: random weights that answer with scores of all sizes, and the drawn shapes as its data."""

import json
from pathlib import Path

import torch
from torch import nn

from dlcli.card import ModelCard
from dlcli.data.formats import read_dataset
from dlcli.data.kinds import BOXES
from dlcli.models.run_folder import BEST, CONFIG
from dlcli.nets.anchor_detector import AnchorDetector
from dlcli.nets.factory import build_detector
from dlcli.nets.weights import save_weights
from dlcli.ops.anchors import AnchorGrid

SAMPLES = Path(__file__).parents[2] / "sample_data"
SHAPES = SAMPLES / "shapes"
SIDE = 128


def shapes_card() -> ModelCard:
    """A detector's card for the drawn shapes at 128 x 128."""
    return ModelCard(
        name="shapes",
        task="detect",
        labels=read_dataset(BOXES, SHAPES, "train").labels,
        input=(SIDE, SIDE),
        mean=(127.0, 127.0, 127.0),
        std=(128.0, 128.0, 128.0),
        fill=(127, 127, 127),
        max_stretch=1.5,
        decoding=AnchorGrid(SIDE, SIDE).decoding() | {"scores": "sigmoid"},
        training={"data": "shapes"},
    )


def random_detector(card: ModelCard) -> AnchorDetector:
    """In evaluation mode, its normalizations away from their start, so that fusing them wrongly would show.

    Their statistics are those of noise, which keeps the activations of a deep random network within bounds.
    """
    torch.manual_seed(0)
    net = build_detector(card)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.8, 1.6)
            nn.init.uniform_(module.bias, -0.2, 0.4)
            module.momentum = 1.0
    nn.init.normal_(net.head.class_out.weight, std=0.03)
    nn.init.constant_(net.head.class_out.bias, -2.0)  # type: ignore[arg-type]
    with torch.no_grad():
        net.train()(torch.rand(4, 3, SIDE, SIDE) * 2 - 1)
    return net.eval()


def write_run(folder: Path, card: ModelCard, net: AnchorDetector, kind: str = "anchor") -> Path:
    """FOLDER/config.json and best.safetensors, as a training leaves them."""
    folder.mkdir(parents=True, exist_ok=True)
    given = {"data": str(SHAPES), "split": "train", "val_split": "val", "net": kind, "epochs": 3}
    config = {"dlcli": "0", "task": "detect", "options": given, "card": json.loads(card.to_json())}
    (folder / CONFIG).write_text(json.dumps(config))
    save_weights(folder / BEST, net)
    return folder
