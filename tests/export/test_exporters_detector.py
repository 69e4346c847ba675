"""`dlcli export` as a whole: one file with its card, or none."""

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from dlcli.card import read_card
from dlcli.errors import DlcliError, MissingError, UsageError
from dlcli.export import run as export_run
from dlcli.export.exporters import DetectorExporter, export_detector
from dlcli.export.options import ExportOptions
from dlcli.imaging.reader import read_image
from dlcli.metrics.detection import DetectionMetric
from dlcli.ops.calibration import PLAIN, calibration_of
from dlcli.records import Boxes, Source
from dlcli.tasks.detect.detector import Detector, Limits
from dlcli.tasks.network import onnx_forward
from dlcli.tasks.torch_predict import load_torch_forward
from dlcli.training.log import TrainLog
from tests.export.runs import SAMPLES, write_run


@pytest.fixture
def export(run, graph, monkeypatch):
    """Export the run with some options, the graph taken from the session; what was said is in `export.said`."""
    monkeypatch.setattr(export_run, "to_graph", lambda *_: graph)
    said = io.StringIO()

    def export(**options):
        given = {"run": run, "threads": 1, "images": 2, **options}
        return export_detector(ExportOptions(**given), TrainLog(Console(file=said, width=200), False))

    export.said = said
    return export


def test_one_file_with_its_card(export, run, card):
    score = "map50=0.5 | shapes val | dlcli eval detect shapes"
    done = export(name="ours", license="Apache-2.0", credit=["us, mostly"], score=[score])
    assert done.path == run / "best.onnx"
    assert sorted(path.name for path in run.iterdir()) == ["best.onnx", "best.safetensors", "config.json"]
    assert done.size == done.path.stat().st_size
    found = read_card(done.path)
    assert (found.name, found.license, found.credits) == ("ours", "Apache-2.0", ("us, mostly",))
    assert found.scores[0]["value"] == 0.5
    assert found.training["command"] == "dlcli train detect shapes --out shapes --epochs 3"
    assert (found.labels, found.input, found.decoding) == (card.labels, card.input, card.decoding)
    assert "logits differ by at most" in export.said.getvalue()


def test_refuses_above_the_tolerance_and_leaves_no_file(export, run, monkeypatch):
    monkeypatch.setattr(export_run, "TOLERANCE", 0.0)
    with pytest.raises(DlcliError, match="nothing was written") as caught:
        export(weights=True, out=run / "out" / "m.onnx")
    assert caught.value.exit_code == 5
    assert not (run / "out").exists()


def test_torch_and_onnx_find_the_same(export, run):
    done = export(out=run / "out" / "m.onnx", weights=True)
    pixels = read_image(Source.of_file(SAMPLES / "cat.jpg")).pixels
    torch_card, torch_forward = load_torch_forward(done.weights, "detect")
    limits = Limits(conf=0.2)
    theirs = Detector(torch_card, torch_forward, limits)(pixels).boxes
    ours = Detector(read_card(done.path), onnx_forward(done.path, ("logits", "offsets"), 1, 1), limits)(pixels).boxes
    assert len(ours) > 5
    for i in range(min(len(ours), 20)):
        near = np.abs(theirs.xyxy - ours.xyxy[i]).max(1) < 1
        near &= np.abs(theirs.scores - ours.scores[i]) < 0.02
        assert (near & (theirs.class_ids == ours.class_ids[i])).any(), (i, ours[i : i + 1])


def test_int8_is_measured_and_has_its_own_name(export, run):
    done = export(int8=True, calibration_images=4, ap_images=2)
    assert done.path == run / "best-int8.onnx"
    assert done.measured is not None
    assert "mAP50 on 2 images of val: float " in export.said.getvalue()


def test_calibrated_scores_mean_the_share_that_is_right(card):
    """Boxes of one truth an image, right with a chance of their own score cubed."""
    rng, metric = np.random.default_rng(0), DetectionMetric(1)
    truth, none = np.array([[0, 0, 10, 10]], np.float32), np.zeros(1, bool)
    for score in rng.uniform(0.1, 0.95, 400).astype(np.float32):
        box = truth if rng.random() < score**3 else truth + 50
        metric.add(Boxes(box, np.array([score]), np.zeros(1, np.int64)), truth, np.zeros(1, np.int64), none, none)
    found, words = DetectorExporter().calibrated(card, metric)
    calibration = calibration_of(found.decoding)
    assert calibration.scale > 1
    assert replace(found, decoding=card.decoding) == card
    before, after = map(float, re.findall(r"error (\S+) -> (\S+)", words)[0])
    assert after < before / 3
    assert abs(float(calibration.scores(PLAIN.logits(np.array(0.8)))) - 0.8**3) < 0.1


def test_scores_that_cannot_be_calibrated_are_refused(export, run, tmp_path):
    with pytest.raises(UsageError, match="--calibrate-scores: val: expected 10 right and 10 wrong boxes or more"):
        export(calibrate_scores=True)
    with pytest.raises(UsageError, match="name a labeled set by --data DIR"):
        export(calibrate_scores=True, data=SAMPLES / "broken" / "..")
    assert not (run / "best.onnx").exists()


def test_images_may_come_from_a_plain_folder(export):
    assert export(data=SAMPLES, half_weights=True).difference.images == 2


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"int8": True, "half_weights": True}, UsageError, "do not go together"),
        ({"weights": True}, UsageError, "the run's own"),  # RUN/best.safetensors would be lost
        ({"out": "m.pt"}, UsageError, "ends in .onnx"),
        ({"data": "nowhere"}, UsageError, "--data DIR"),
        ({"score": ["map50"]}, UsageError, "METRIC=VALUE"),
        ({"name": "two words"}, UsageError, "name"),
        ({"run": "sample_data"}, MissingError, "config.json"),
    ],
)
def test_refuses(export, options, error, words):
    from pathlib import Path

    paths = {key: Path(value) for key, value in options.items() if key in ("out", "data", "run")}
    with pytest.raises(error, match=words):
        export(**{**options, **paths})


def test_refuses_fast_rcnn(export, tmp_path, card, net):
    second = replace(card, decoding={**card.decoding, "second_stage": {"pool": "align", "proposals": 200}})
    with pytest.raises(UsageError, match="--runtime torch"):
        export(run=write_run(tmp_path / "second", second, net, "fast-rcnn"))
