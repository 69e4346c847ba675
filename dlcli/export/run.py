"""From RUN/best.safetensors to one .onnx file with its card, for every kind of network."""

from pathlib import Path
from typing import Any

import onnx
import torch

from dlcli.card import write_card
from dlcli.data.check import check_dataset, drop_bad_files
from dlcli.data.dataset import Dataset
from dlcli.errors import UsageError
from dlcli.evaluation.evaluate import Scored, score_images, whole_way
from dlcli.export.card import finished_card
from dlcli.export.exporter import Exporter
from dlcli.export.fuse import fused
from dlcli.export.graph import OPSET, half_weights, to_graph
from dlcli.export.images import RealImages
from dlcli.export.options import ExportOptions
from dlcli.export.parity import HALF_TOLERANCE, TOLERANCE, Difference, graph_arrays, largest_difference, torch_arrays
from dlcli.export.places import paths
from dlcli.export.quantize import OPERATORS, last_convolutions, quantized
from dlcli.frozen import dataclass
from dlcli.models.run_folder import read_run
from dlcli.nets.weights import load_weights, save_weights
from dlcli.runtime.threads import default_threads
from dlcli.tasks.torch_predict import new_network
from dlcli.training.log import TrainLog
from dlcli.whole_file import write_whole


@dataclass(frozen=True)
class Exported:
    """What an export wrote and found.

    size: bytes of the .onnx file at `path`. difference: of torch and what was written; for int8, of the float graph.
    measured: the exporter's metric on val, of the float graph and of the int8 one; None where that was not measured.
    weights: the .safetensors file, None where it was not asked for.
    """

    path: Path
    size: int
    difference: Difference
    measured: tuple[float, float] | None = None
    weights: Path | None = None


def export_network(exporter: Exporter, options: ExportOptions, report: TrainLog) -> Exported:
    """Fuse, export, compare with torch on real images, shrink as asked, and write each file whole.

    UsageError: flags that do not fit, a network without an ONNX form, or a file of somebody else in the way.
    MissingError: no run, weights or images there. DlcliError: the graph differs from torch by more than the tolerance;
    then nothing is written.
    """
    export = _Export(exporter, options, report)
    with report.bar("writing the graph"):
        graph = to_graph(fused(export.net), export.card.input, exporter.outputs)
    difference, measured = export.compare(graph, TOLERANCE), None
    if options.half_weights:
        graph = half_weights(graph)
        difference = export.compare(graph, HALF_TOLERANCE)
    if options.int8:
        before, graph = graph, export.to_int8(graph)
        measured = export.measure(before, graph)
    if options.calibrate_scores:
        export.calibrate(graph)
    size = export.write(graph)
    return Exported(export.path, size, difference, measured, export.weights)


class _Export:
    """One export: the run, the trained network, the finished card, the images and the paths to write."""

    def __init__(self, exporter: Exporter, options: ExportOptions, report: TrainLog):
        self.exporter, self.options, self.report = exporter, options, report
        run = read_run(options.run)
        self.path, self.weights = paths(options, run)
        if reason := exporter.refusal(run):
            raise UsageError(f"{run.path}: {reason}")
        self.card, self.images = finished_card(run, options), RealImages(run, options.data, exporter.kind)
        self.net = new_network(run.card, run.path)
        load_weights(run.weights, self.net)
        self.threads = options.threads or default_threads()
        torch.set_num_threads(self.threads)

    def compare(self, graph: onnx.ModelProto, tolerance: float) -> Difference:
        with self.report.bar("comparing with torch"):
            arrays = graph_arrays(graph.SerializeToString(), self.threads)
            tensors = self.images.to_compare(self.options.images)
            difference = largest_difference(torch_arrays(self.net), arrays, tensors, self.exporter.outputs)
        stored = ", weights stored as float16" if tolerance == HALF_TOLERANCE else ""
        self.report.say(f"torch and ONNX Runtime{stored}: {difference}")
        difference.check(tolerance)
        return difference

    def to_int8(self, graph: onnx.ModelProto) -> onnx.ModelProto:
        """Where the last convolutions stay float it costs under a millisecond; eight bits would make scores coarse."""
        options, exporter = self.options, self.exporter
        tensors = self.images.to_calibrate(options.calibration_images)
        with self.report.bar(f"calibrating on {len(tensors)} images"):
            return quantized(
                *(graph, tensors, options.calibration, options.reduce_range),
                float_nodes=last_convolutions(graph) if exporter.float_ends else (),
                operators=(*OPERATORS, *exporter.also_int8),
            )

    def measure(self, before: onnx.ModelProto, after: onnx.ModelProto) -> tuple[float, float] | None:
        """The metric on val of the float graph and of the int8 one; None where the images have no labels.

        Bad files are named and left out.
        """
        data = self._labeled(self.options.ap_images)
        if data is None:
            self.report.say(f"{self.images.place}: images without labels, so what int8 costs is not measured")
            return None
        values = [
            self.exporter.measured(self.card, self._scored(f"measuring {title}", graph, data).scores)
            for title, graph in (("float", before), ("int8", after))
        ]
        self.report.say(
            f"{self.exporter.metric} on {len(data.items)} images of {self.images.measured_on}: "
            f"float {values[0]:.4f}, int8 {values[1]:.4f} ({values[1] - values[0]:+.4f})"
        )
        return values[0], values[1]

    def calibrate(self, graph: onnx.ModelProto) -> None:
        """The card learns what the scores on val mean. UsageError: images without labels, or nothing to fit."""
        data = self._labeled(0)
        if data is None:
            raise UsageError(f"--calibrate-scores: {self.images.place} has no labels; name a labeled set by --data DIR")
        found = self._scored("calibrating scores", graph, data)
        try:
            self.card, words = self.exporter.calibrated(self.card, found.metric)
        except ValueError as error:
            raise UsageError(f"--calibrate-scores: {self.images.measured_on}: {error}") from error
        self.report.say(f"{words}, on {len(data.items)} images of {self.images.measured_on}")

    def _labeled(self, count: int) -> Dataset[Any] | None:
        """The val split, or `count` of its images; bad files are named and left out. None: images without labels."""
        data, kind = self.images.to_measure(count), self.exporter.kind
        return data and drop_bad_files(data, check_dataset(kind, data, decode=False), self.report.say)

    def _scored(self, title: str, graph: onnx.ModelProto, data: Dataset[Any]) -> Scored:
        arrays = graph_arrays(graph.SerializeToString(), 1, self.threads)
        with self.report.bar(title, len(data.items)) as bar:
            predictor = self.exporter.predictor(self.card, arrays)
            answer = whole_way(predictor.pre, predictor.answer)
            return score_images(self.exporter.kind, answer, data, bar.at, self.threads, self.report.say)

    def write(self, graph: onnx.ModelProto) -> int:
        """The bytes written to the .onnx file; the weights go first, so that a model is never without them."""
        data = write_card(graph.SerializeToString(), self.card)
        if self.weights:
            save_weights(self.weights, self.net, half=True, card=self.card)
        write_whole(self.path, data)
        self.report.say(
            f"{self.path}: {len(data) / 1e6:.1f} MB, opset {OPSET}; "
            f"next: dlcli {self.card.task} --model {self.path} ({self.report.took()})"
        )
        return len(data)
