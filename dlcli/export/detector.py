"""`dlcli export RUN` of a detector: from RUN/best.safetensors to one .onnx file with its card."""

from dataclasses import dataclass
from pathlib import Path

import onnx
import torch

from dlcli.card import write_card
from dlcli.errors import UsageError
from dlcli.evaluation.detect import EVAL_LIMITS, evaluate_detector, whole_way
from dlcli.export.card import finished_card
from dlcli.export.fuse import fused
from dlcli.export.graph import OPSET, half_weights, to_graph
from dlcli.export.options import ExportOptions
from dlcli.export.parity import HALF_TOLERANCE, TOLERANCE, Difference, graph_forward, largest_difference
from dlcli.export.pictures import RealPictures
from dlcli.export.quantize import last_convolutions, quantized
from dlcli.models.run_folder import RunFolder, read_run
from dlcli.nets.build import SECOND_STAGE, build_detector, torch_forward
from dlcli.nets.weights import load_weights, save_weights
from dlcli.runtime.threads import default_threads
from dlcli.tasks.detect.task import DetectOptions
from dlcli.tasks.detect.worker import DetectWorker
from dlcli.training.report import TrainingReport
from dlcli.whole_file import write_whole

OUTPUTS = ("logits", "offsets")


@dataclass(frozen=True)
class Exported:
    """What an export wrote and found.

    size: bytes of the .onnx file at `path`. difference: of torch and what was written; for int8, of the float graph.
    map50: on val, of the float graph and of the int8 one; None where that was not measured.
    weights: the .safetensors file, None where it was not asked for.
    """

    path: Path
    size: int
    difference: Difference
    map50: tuple[float, float] | None = None
    weights: Path | None = None


def export_run(options: ExportOptions, report: TrainingReport) -> Exported:
    """Fuse, export, compare with torch on real pictures, shrink as asked, and write each file whole.

    UsageError: flags that do not fit, or a Fast R-CNN. MissingError: no run, weights or pictures there. DlcliError:
    the graph differs from torch by more than the tolerance; then nothing is written.
    """
    export = _Export(options, report)
    graph = to_graph(fused(export.net), export.card.input, OUTPUTS)
    difference, map50 = export.compare(graph, TOLERANCE), None
    if options.half_weights:
        graph = half_weights(graph)
        difference = export.compare(graph, HALF_TOLERANCE)
    if options.int8:
        before, graph = graph, export.to_int8(graph)
        map50 = export.measure(before, graph)
    size = export.write(graph)
    return Exported(export.path, size, difference, map50, export.weights)


class _Export:
    """One export: the run, the trained network, the finished card, the pictures and the paths to write."""

    def __init__(self, options: ExportOptions, report: TrainingReport):
        self.options, self.report = options, report
        run = read_run(options.run)
        self.path, self.weights = paths(options, run)
        refuse_second_stage(run)
        self.card, self.pictures = finished_card(run, options), RealPictures(run, options.data)
        self.net = build_detector(run.card)
        load_weights(run.weights, self.net)
        self.threads = options.threads or default_threads()
        torch.set_num_threads(self.threads)

    def compare(self, graph: onnx.ModelProto, tolerance: float) -> Difference:
        forward = graph_forward(graph.SerializeToString(), self.threads)
        tensors = self.pictures.to_compare(self.options.pictures)
        difference = largest_difference(torch_forward(self.net), forward, tensors)
        stored = ", weights stored as float16" if tolerance == HALF_TOLERANCE else ""
        self.report.say(f"torch and ONNX Runtime{stored}: {difference}")
        difference.check(tolerance)
        return difference

    def to_int8(self, graph: onnx.ModelProto) -> onnx.ModelProto:
        """The last convolutions stay float: that costs under a millisecond, and eight bits would make scores coarse."""
        options = self.options
        tensors = self.pictures.to_calibrate(options.calibration_pictures)
        return quantized(graph, tensors, options.calibration, options.reduce_range, last_convolutions(graph))

    def measure(self, before: onnx.ModelProto, after: onnx.ModelProto) -> tuple[float, float] | None:
        """mAP50 on val of the float graph and of the int8 one; None where the pictures have no boxes."""
        data = self.pictures.to_measure(self.options.ap_pictures)
        if data is None:
            self.report.say(f"{self.pictures.place}: pictures without boxes, so what int8 costs is not measured")
            return None
        limits = DetectOptions(conf=EVAL_LIMITS.conf, iou=EVAL_LIMITS.iou, max_det=EVAL_LIMITS.max_det)
        values = []
        for title, graph in (("float", before), ("int8", after)):
            forward = graph_forward(graph.SerializeToString(), 1, self.threads)
            detect = whole_way(DetectWorker(limits, self.card, forward, self.card.name))
            with self.report.bar(f"measuring {title}", len(data.pictures)) as bar:
                values.append(evaluate_detector(detect, data, bar.at, self.threads).map50)
        self.report.say(
            f"mAP50 on {len(data.pictures)} pictures of {self.pictures.splits[1]}: float {values[0]:.4f}, "
            f"int8 {values[1]:.4f} ({values[1] - values[0]:+.4f})"
        )
        return values[0], values[1]

    def write(self, graph: onnx.ModelProto) -> int:
        """The bytes written to the .onnx file; the weights go first, so that a model is never without them."""
        data = write_card(graph.SerializeToString(), self.card)
        if self.weights:
            save_weights(self.weights, self.net, half=True, card=self.card)
        write_whole(self.path, data)
        self.report.say(f"{self.path}: {len(data) / 1e6:.1f} MB, opset {OPSET}; next: dlcli detect --model {self.path}")
        return len(data)


def paths(options: ExportOptions, run: RunFolder) -> tuple[Path, Path | None]:
    """The .onnx file to write, and the .safetensors beside it if asked for. UsageError: flags that do not fit."""
    if options.int8 and options.half_weights:
        raise UsageError("--int8 and --half-weights do not go together: eight bits are less than sixteen")
    path = options.out or options.run / ("best-int8.onnx" if options.int8 else "best.onnx")
    if path.suffix != ".onnx":
        raise UsageError(f"--out {path}: expected a name that ends in .onnx")
    weights = path.with_suffix(".safetensors") if options.weights else None
    if weights and weights.resolve() == run.weights.resolve():
        raise UsageError(f"--weights: {weights} are the run's own, in full; give another name by --out")
    return path, weights


def refuse_second_stage(run: RunFolder) -> None:
    """UsageError for a Fast R-CNN, with what to do instead."""
    if SECOND_STAGE in run.card.decoding or run.options.get("net") == "fast-rcnn":
        raise UsageError(
            f"{run.path}: a Fast R-CNN has no ONNX form, for what it computes depends on the boxes it proposes; use it "
            f"by `dlcli detect --model {run.path} --runtime torch`, or train with --net anchor to export"
        )
