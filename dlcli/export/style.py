"""A trained painter as one .onnx file: pictures of any size, weights of its styles as a second input."""

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch

from dlcli.card import ModelCard, write_card
from dlcli.errors import DlcliError
from dlcli.export.graph import OPSET, half_weights, lean
from dlcli.nets.style_network import StyleNetwork
from dlcli.runtime.session import open_session
from dlcli.whole_file import write_whole

TOLERANCE = 2.0  # of 255, with weights rounded to float16; 0.5 is usual
INPUTS, OUTPUT = ("image", "style"), "painted"
_TRIED = (64, 96)  # height and width that the graph is traced with; it takes any


def style_graph(net: StyleNetwork, styles: int) -> onnx.ModelProto:
    """image float32 [1, 3, height, width] of 0 to 255 and style float32 [1, styles] -> painted, as the image."""
    image, style = torch.zeros(1, 3, *_TRIED), torch.zeros(1, styles)
    dim = torch.export.Dim
    quarters = {2: 4 * dim("h4", min=4, max=4096), 3: 4 * dim("w4", min=4, max=4096)}
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            *(net.eval(), (image, style)), input_names=list(INPUTS), output_names=[OUTPUT],
            dynamic_shapes=(quarters, None), opset_version=OPSET, dynamo=True, external_data=False, optimize=True,
            verbose=False,
        )  # fmt: skip
    assert program is not None
    return lean(program.model_proto)


def export_painter(net: StyleNetwork, card: ModelCard, path: Path, pictures: Sequence[np.ndarray]) -> float:
    """Write the network with float16 weights and its card; the largest difference from torch, of 255.

    pictures: float32 [1, 3, H, W] of 0 to 255 to compare on, H and W multiples of 4. DlcliError: it differs by more
    than TOLERANCE; then nothing is written.
    """
    graph = half_weights(style_graph(net, len(card.decoding["styles"])))
    data = write_card(graph.SerializeToString(), card)
    difference = largest_difference(net, data, len(card.decoding["styles"]), pictures)
    if not difference <= TOLERANCE:
        raise DlcliError(
            f"the exported network is not the trained one: colours differ by {difference:.2f} of 255, expected at most "
            f"{TOLERANCE:g}; nothing was written; try other versions of torch, onnxscript and onnxruntime"
        )
    write_whole(path, data)
    return difference


def largest_difference(net: StyleNetwork, model: bytes, styles: int, pictures: Sequence[np.ndarray]) -> float:
    """Between torch and ONNX Runtime, over the pictures, each in one style after the other."""
    session = open_session(model, 1, "cpu", inputs=len(INPUTS))
    worst = []
    for number, picture in enumerate(pictures):
        style = np.eye(styles, dtype=np.float32)[number % styles][None]
        with torch.inference_mode():
            expected = net(torch.from_numpy(picture), torch.from_numpy(style)).numpy()
        worst.append(float(np.abs(session.run(picture, style)[0] - expected).max()))
    return float(np.max(worst))
