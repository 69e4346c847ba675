"""Evaluation: the metric of a plain loop, whatever the threads; bad files named; labels taken by name."""

import json
from dataclasses import replace

import numpy as np
import pytest

from dlcli.card import ModelCard
from dlcli.data.formats import read_dataset
from dlcli.data.kinds import BOXES
from dlcli.errors import DataError
from dlcli.evaluation.evaluate import evaluate, score_images
from dlcli.imaging.reader import read_image
from dlcli.metrics.detection import DetectionMetric
from dlcli.ops.anchors import AnchorGrid
from dlcli.records import Boxes, Source
from dlcli.tasks.detect.options import DetectOptions
from dlcli.tasks.detect.predictor import DetectPredictor
from dlcli.tasks.detect.task import TASK
from tests.training.sets import SIDE, write_squares

CARD = ModelCard(
    name="squares",
    task="detect",
    labels=("circle", "square"),
    input=(SIDE, SIDE),
    mean=(0.0, 0.0, 0.0),
    std=(255.0, 255.0, 255.0),
    decoding=AnchorGrid(SIDE, SIDE).decoding(),
)


@pytest.fixture
def folder(tmp_path):
    return write_squares(tmp_path / "squares", train=6, val=3)


@pytest.fixture
def worker(monkeypatch):
    """In place of an opened model: a network that finds bright anchors, so some boxes are right and some are not."""
    grid = AnchorGrid(SIDE, SIDE)
    x, y = np.clip(grid.cxcywh[:, :2].astype(int), 0, SIDE - 1).T

    def forward(tensor):
        bright = tensor[0, 0, y, x] * 12 - 8 - np.abs(grid.cxcywh[:, 2] - 24) / 4
        logits = np.stack([np.full_like(bright, -20), bright], 1).astype(np.float32)
        return logits, np.zeros((len(bright), 4), np.float32)

    made = DetectPredictor(DetectOptions(conf=0.01, iou=0.5), CARD, forward, "squares@sha256:0")
    monkeypatch.setattr("dlcli.tasks.detect.predictor.load", lambda *_: made)
    return made


def plain_loop(worker, data):
    metric = DetectionMetric(len(data.labels))
    for item in data.items:
        boxes, truth = worker.detector.boxes(read_image(Source.of_file(item.path)).pixels), item.target
        metric.add(boxes, truth.xyxy, truth.class_ids, truth.ignore, truth.crowd)
    return metric.value()


@pytest.mark.parametrize("threads", [1, 3])
def test_equals_a_plain_loop(folder, worker, threads):
    seen = []
    done = evaluate(TASK, DetectOptions(), folder, "train", threads=threads, progress=lambda *step: seen.append(step))
    slow = plain_loop(worker, read_dataset(BOXES, folder, "train", CARD.labels))
    assert done.scores.map50 == slow.map50
    assert 0 < slow.map50 <= 1
    assert np.array_equal(done.scores.ap50_95, slow.ap50_95, equal_nan=True)
    assert done.scores.images == 6
    assert seen == [(i, 6) for i in range(1, 7)]
    assert (done.labels, done.model) == (CARD.labels, "squares@sha256:0")


def test_classes_are_taken_by_name(folder, worker):
    """The set calls its one class 0, the model 1."""
    assert evaluate(TASK, DetectOptions(), folder, "val", threads=1).scores.truths.tolist() == [0, 3]


def test_a_class_that_the_model_lacks_is_named(folder, worker):
    file = folder / "annotations" / "instances_val.json"
    content = json.loads(file.read_text())
    content["categories"][0]["name"] = "hexagon"
    file.write_text(json.dumps(content))
    with pytest.raises(DataError, match="hexagon"):
        evaluate(TASK, DetectOptions(), folder, "val", threads=1)


def test_the_trained_chain_is_applied(folder, worker):
    """Darkened images have fewer bright anchors."""
    as_it_is = evaluate(TASK, DetectOptions(), folder, "val", threads=1).scores.found.sum()
    worker.pre = "gamma(10)"
    assert evaluate(TASK, DetectOptions(), folder, "val", threads=1).scores.found.sum() < as_it_is


@pytest.mark.parametrize("content", [b"", None])
def test_bad_files_are_named_or_left_out(folder, worker, content):
    bad = folder / "images" / "101.png"
    bad.unlink() if content is None else bad.write_bytes(content)
    with pytest.raises(DataError, match=r"101\.png.*"):
        evaluate(TASK, DetectOptions(), folder, "val", threads=1)
    said: list[str] = []
    assert evaluate(TASK, DetectOptions(), folder, "val", threads=1, say=said.append).scores.images == 2
    assert len(said) == 1
    assert "101.png" in said[0]


@pytest.mark.parametrize("threads", [1, 2])
def test_damage_that_headers_hide_is_found_on_the_way(folder, worker, threads):
    data = read_dataset(BOXES, folder, "val", CARD.labels)
    bad = data.items[1].path
    bad.write_bytes(bad.read_bytes()[:2000])
    with pytest.raises(DataError, match=rf"{bad.name}.*--skip-bad"):
        score_images(BOXES, worker.detector.boxes, data, threads=threads)
    said: list[str] = []
    assert score_images(BOXES, worker.detector.boxes, data, threads=threads, say=said.append).scores.images == 2
    assert len(said) == 1


def test_an_empty_set_scores_nothing(folder):
    data = replace(read_dataset(BOXES, folder, "val"), items=())
    nothing = Boxes(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64))
    assert np.isnan(score_images(BOXES, lambda _: nothing, data).scores.map50)
