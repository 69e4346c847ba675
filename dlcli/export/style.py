"""`dlcli export RUN` of a painter: images of any size, weights of its styles as a second input."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from dlcli.card import ModelCard, write_card
from dlcli.errors import DlcliError, UsageError
from dlcli.export.any_size import STEP, TOLERANCE, TRIED, any_size
from dlcli.export.any_style import export_any_style, load_any_style
from dlcli.export.card import finished_card
from dlcli.export.graph import OPSET, half_weights, trace
from dlcli.export.options import ExportOptions
from dlcli.export.places import paths
from dlcli.imaging.reader import read_image
from dlcli.models.run_folder import read_run
from dlcli.nets.style_network import StyleNetwork
from dlcli.nets.weights import load_weights, save_weights
from dlcli.records import Source
from dlcli.runtime.session import open_session
from dlcli.runtime.tensor import to_tensor
from dlcli.tasks.style_transfer.any_style import STYLE_STEP
from dlcli.tasks.style_transfer.options import bundled_styles
from dlcli.training.log import TrainLog
from dlcli.whole_file import write_whole

INPUTS, OUTPUT = ("image", "style"), "painted"


def style_graph(net: StyleNetwork, styles: int) -> onnx.ModelProto:
    """image float32 [1, 3, height, width] of 0 to 255 and style float32 [1, styles] -> painted, as the image."""
    inputs = torch.zeros(1, 3, *TRIED), torch.zeros(1, styles)
    return trace(net, inputs, (any_size("h", "w", STEP), None), INPUTS, (OUTPUT,))


def export_style(options: ExportOptions, report: TrainLog) -> Path:
    """Write the painter of a run, compared with torch on the bundled styles; the .onnx file.

    UsageError: --int8, which its fine colors do not bear, or a file of somebody else in the way.
    MissingError: no run or weights there.
    """
    if options.int8:
        raise UsageError("--int8: a style model's colors need more than eight bits; use --half-weights")
    run = read_run(options.run)
    path, weights = paths(options, run)
    card = finished_card(run, options)
    with report.bar("writing and comparing the graph"):
        net, difference = write_network(run.weights, card, path, options.half_weights)
    if weights:
        save_weights(weights, net, half=True, card=card)
    report.say(f"torch and ONNX Runtime: colors differ by at most {difference:.2f} of 255")
    report.say(f"{path}: {path.stat().st_size / 1e6:.1f} MB, opset {OPSET}; next: dlcli style-transfer --model {path}")
    return path


def write_network(weights: Path, card: ModelCard, path: Path, half: bool) -> tuple[nn.Module, float]:
    """The trained network and its largest difference from torch: a painter of named styles or of any."""
    if "vector" in card.decoding:
        whole = load_any_style(weights, card)
        return whole, export_any_style(whole, card, path, real_images(), half)
    net = StyleNetwork(len(card.decoding["styles"])).eval()
    load_weights(weights, net)
    return net, export_painter(net, card, path, real_images(), half)


def export_painter(
    net: StyleNetwork, card: ModelCard, path: Path, images: Sequence[np.ndarray], half: bool = True
) -> float:
    """Write the network with its card, weights as float16 if `half`; the largest difference from torch, of 255.

    images: float32 [1, 3, H, W] of 0 to 255 to compare on, H and W multiples of 4. DlcliError: it differs by more
    than TOLERANCE; then nothing is written.
    """
    styles = len(card.decoding["styles"])
    graph = style_graph(net, styles)
    data = write_card((half_weights(graph) if half else graph).SerializeToString(), card)
    difference = largest_difference(net, data, styles, images)
    if not difference <= TOLERANCE:
        raise DlcliError(
            f"the exported network is not the trained one: colors differ by {difference:.2f} of 255, expected at most "
            f"{TOLERANCE:g}; nothing was written; try other versions of torch, onnxscript and onnxruntime"
        )
    write_whole(path, data)
    return difference


def real_images() -> list[np.ndarray]:
    """The bundled styles as every style network takes images."""
    found = []
    for file in bundled_styles().values():
        pixels = read_image(Source.of_file(Path(file))).pixels
        height, width = (side // STYLE_STEP * STYLE_STEP for side in pixels.shape[:2])
        found.append(to_tensor(np.ascontiguousarray(pixels[:height, :width]), (0, 0, 0), (1, 1, 1)))
    return found


def largest_difference(net: StyleNetwork, model: bytes, styles: int, images: Sequence[np.ndarray]) -> float:
    """Between torch and ONNX Runtime, over the images, each in one style after the other."""
    session = open_session(model, 1, "cpu", inputs=len(INPUTS))
    worst = []
    for number, image in enumerate(images):
        style = np.eye(styles, dtype=np.float32)[number % styles][None]
        with torch.inference_mode():
            expected = net(torch.from_numpy(image), torch.from_numpy(style)).numpy()
        worst.append(float(np.abs(session.run(image, style)[0] - expected).max()))
    return float(np.max(worst))
