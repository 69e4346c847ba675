"""`dlcli export RUN` of a generator: random numbers in, an image out; the discriminator stays behind."""

from pathlib import Path

import numpy as np
import torch

from dlcli.card import write_card
from dlcli.errors import DlcliError, UsageError
from dlcli.export.card import finished_card
from dlcli.export.graph import OPSET, half_weights, trace
from dlcli.export.options import ExportOptions
from dlcli.export.places import paths
from dlcli.models.run_folder import read_run
from dlcli.nets.gan import Generator, build_gan
from dlcli.nets.weights import load_weights, save_weights
from dlcli.runtime.session import open_session
from dlcli.training.log import TrainLog
from dlcli.whole_file import write_whole

TOLERANCE, HALF_TOLERANCE = 1e-3, 0.05  # of colors from -1 to 1


def export_generator(options: ExportOptions, report: TrainLog) -> Path:
    """Write the generator of a run as latent float32 [1, L] -> image float32 [1, 3, S, S] in [-1, 1]; the .onnx file.

    UsageError: --int8, or a file of somebody else in the way. MissingError: no run or weights there. DlcliError: the
    graph differs from torch; then nothing is written.
    """
    if options.int8:
        raise UsageError("--int8: an image that is made needs more than eight bits; use --half-weights")
    run = read_run(options.run)
    path, weights = paths(options, run)
    card = finished_card(run, options)
    gan = build_gan(run.card)
    load_weights(run.weights, gan)
    net = gan.generator.eval()
    with report.bar("writing and comparing the graph"):
        graph = trace(net, (torch.zeros(1, gan.latent),), None, ("latent",), ("image",))
        graph = half_weights(graph) if options.half_weights else graph
        data = write_card(graph.SerializeToString(), card)
        difference = largest_difference(net, data, gan.latent, options.images)
    tolerance = HALF_TOLERANCE if options.half_weights else TOLERANCE
    if not difference <= tolerance:
        raise DlcliError(
            f"the exported network is not the trained one: colors from -1 to 1 differ by {difference:.1e}, expected at "
            f"most {tolerance:g}; nothing was written; try other versions of torch, onnxscript and onnxruntime"
        )
    if weights:
        save_weights(weights, gan, half=True, card=card)
    write_whole(path, data)
    report.say(f"torch and ONNX Runtime: colors from -1 to 1 differ by at most {difference:.1e}")
    report.say(f"{path}: {len(data) / 1e6:.1f} MB, opset {OPSET}; next: dlcli generate --model {path} --out made")
    return path


def largest_difference(net: Generator, model: bytes, latent: int, images: int) -> float:
    """Between torch and ONNX Runtime, over so many images."""
    session, found = open_session(model, 1, "cpu"), []
    for numbers in np.random.default_rng(0).standard_normal((images, 1, latent)).astype(np.float32):
        with torch.inference_mode():
            expected = net(torch.from_numpy(numbers)).numpy()
        found.append(float(np.abs(session.run(numbers)[0] - expected).max()))
    return float(np.max(found))
