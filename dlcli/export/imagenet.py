"""Makes the bundled `imagenet` again: python -m dlcli.export.imagenet CARD.onnx OUT.onnx IMAGES...

The network and its weights are those of nets.efficientnet_lite.load_imagenet. The labels and all else in the card are
read from CARD.onnx, a model that has them. IMAGES are folders; the ranges of int8 are set on some of each.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from dlcli.card import ModelCard, read_card, write_card
from dlcli.console import Console
from dlcli.data.files import images_below
from dlcli.errors import UsageError
from dlcli.export.exporters import ClassifierExporter
from dlcli.export.fuse import fused
from dlcli.export.graph import to_graph
from dlcli.export.images import network_input, spread
from dlcli.export.parity import TOLERANCE, graph_arrays, largest_difference, torch_arrays
from dlcli.export.quantize import OPERATORS, quantized
from dlcli.nets.efficientnet_lite import load_imagenet
from dlcli.nets.weights import save_weights
from dlcli.whole_file import write_whole

CALIBRATED_ON = 100  # images of each folder
COMPARED_ON = 16


def write_imagenet(card: ModelCard, path: Path, places: Sequence[Path], console: Console) -> None:
    """Write the int8 graph to `path` and the float16 weights beside it, both with the card.

    DlcliError: the graph is not what torch computes; then nothing is written.
    """
    exporter, net = ClassifierExporter(), load_imagenet().eval()
    paths = [image for place in places for image in spread(images_below(place), CALIBRATED_ON)]
    tensors = [network_input(card, image) for image in paths]
    graph = to_graph(fused(net), card.input, exporter.outputs)
    arrays = graph_arrays(graph.SerializeToString(), torch.get_num_threads())
    found = largest_difference(torch_arrays(net), arrays, spread(tensors, COMPARED_ON), exporter.outputs)
    console.say(f"torch and ONNX Runtime: {found}")
    found.check(TOLERANCE)
    small = quantized(graph, tensors, operators=(*OPERATORS, *exporter.also_int8))
    save_weights(path.with_suffix(".safetensors"), net, half=True, card=card)
    write_whole(path, write_card(small.SerializeToString(), card))
    console.say(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    if len(sys.argv) < 4:
        raise UsageError(f"usage: {__doc__}")
    write_imagenet(read_card(sys.argv[1]), Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]], Console())
