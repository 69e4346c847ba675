"""A network that paints in any style as one .onnx file: the painter, and beside it the encoder of style images."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch

from dlcli.card import ModelCard, write_card
from dlcli.errors import DlcliError
from dlcli.export.any_size import STEP, TOLERANCE, TRIED, any_size
from dlcli.export.fuse import fused
from dlcli.export.graph import half_weights, trace
from dlcli.nets.any_style import AnyStyleNetwork
from dlcli.nets.efficientnet_lite import EfficientNetLite0
from dlcli.nets.weights import load_weights
from dlcli.runtime.session import open_session
from dlcli.tasks.style_transfer.any_style import IDLE, STYLE_STEP
from dlcli.whole_file import write_whole

INPUTS, OUTPUTS = ("image", "vector", "style"), ("painted", "style_vector")
VECTOR_TOLERANCE = 0.05  # of the spread of a vector's numbers, with weights rounded to float16


def load_any_style(weights: Path, card: ModelCard) -> AnyStyleNetwork:
    """The network of a run, from its .safetensors file. DataError: the file does not fit the card."""
    net = AnyStyleNetwork(EfficientNetLite0(), card.decoding["vector"]).eval()
    load_weights(weights, net)
    return net


def any_style_graph(net: AnyStyleNetwork, vector: int) -> onnx.ModelProto:
    """image float32 [1, 3, H, W] and vector [1, V] -> painted, as the image; style [1, 3, h, w] -> style_vector [1, V].

    H and W are multiples of 4, h and w of 16; images are of 0 to 255.
    """
    image = torch.zeros(1, 3, *TRIED)
    sizes = any_size("h", "w", STEP), None, any_size("style_h", "style_w", STYLE_STEP)
    return trace(fused(net), (image, torch.zeros(1, vector), image + 1), sizes, INPUTS, OUTPUTS)


def export_any_style(
    net: AnyStyleNetwork, card: ModelCard, path: Path, images: Sequence[np.ndarray], half: bool = True
) -> float:
    """Write the network with its card, weights as float16 if `half`; the largest difference from torch, of 255.

    images: float32 [1, 3, H, W] of 0 to 255, H and W multiples of 16: each is painted in the style of the next.
    DlcliError: it differs by more than TOLERANCE, or a vector by VECTOR_TOLERANCE; then nothing is written.
    """
    vector = card.decoding["vector"]
    graph = any_style_graph(net, vector)
    data = write_card((half_weights(graph) if half else graph).SerializeToString(), card)
    difference, apart = largest_differences(net, data, images)
    if not (difference <= TOLERANCE and apart <= VECTOR_TOLERANCE):
        raise DlcliError(
            f"the exported network is not the trained one: colors differ by {difference:.2f} of 255, expected at most "
            f"{TOLERANCE:g}, vectors by {apart:.3f}, expected at most {VECTOR_TOLERANCE:g}; nothing was written; try "
            "other versions of torch, onnxscript and onnxruntime"
        )
    write_whole(path, data)
    return difference


def largest_differences(net: AnyStyleNetwork, model: bytes, images: Sequence[np.ndarray]) -> tuple[float, float]:
    """Of colors, of 255, and of vectors, in parts of their spread, between torch and ONNX Runtime over the images."""
    session, colors, vectors = open_session(model, 1, "cpu", inputs=len(INPUTS)), [], []
    idle = np.zeros((1, 3, IDLE, IDLE), np.float32)
    for image, style in zip(images, [*images[1:], *images[:1]], strict=True):
        with torch.inference_mode():
            vector = net.eval().encoder(torch.from_numpy(style))
            painted = net.painter(torch.from_numpy(image), vector).numpy()
        found = session.run(idle, vector.numpy(), style)[1]
        vectors.append(float(np.abs(found - vector.numpy()).max() / vector[:, 1:].std()))
        colors.append(float(np.abs(session.run(image, vector.numpy(), idle)[0] - painted).max()))
    return float(np.max(colors)), float(np.max(vectors))
