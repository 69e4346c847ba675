"""YOLO's outputs against a slow decoding and torchvision's NMS, and through the program with imported networks."""

import json
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch
from torchvision.ops import nms

from dlcli.card import read_card
from dlcli.errors import DataError, ExitCode, UsageError
from dlcli.imaging.model_input import placed_for
from dlcli.imaging.reader import read_image
from dlcli.models.importing import ImportRequest, import_model
from dlcli.records import Source
from dlcli.tasks.detect.task import TASK
from dlcli.tasks.detect.yolo import decode_yolo
from tests.models.foreign_networks import yolo
from tests.program import CAT, dlcli

CLASSES, SIDE = 3, 64
LABELS = ("red", "green", "blue")
BLACK, WHITE = (0.0,) * 3, (255.0,) * 3
KINDS = [("yolov8", False), ("yolov8", True), ("yolov5", False), ("yolov5", True)]


def random_output(kind: str, count: int = 400, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    rows = CLASSES + (4 if kind == "yolov8" else 5)
    found = random.random((rows, count)).astype(np.float32)
    found[:2] *= 320
    found[2:4] *= 90
    return found if kind == "yolov8" else np.ascontiguousarray(found.T)


def slowly(output: np.ndarray, kind: str, conf: float, iou: float, asked: set[int]) -> list[tuple]:
    """(class id, score, x1, y1, x2, y2) of each box that stays, in the order of scores; box after box."""
    numbers = output.T if kind == "yolov8" else output
    found = []
    for cx, cy, w, h, *scores in numbers.tolist():
        if kind == "yolov5":
            objectness, *scores = scores
            scores = [float(np.float32(objectness) * np.float32(score)) for score in scores]
        score, class_id = max((score, -number) for number, score in enumerate(scores) if number in asked)
        if score >= conf:
            found.append((-class_id, score, cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2))
    stay = []
    for number in asked:
        mine = [box for box in found if box[0] == number]
        if mine:
            xyxy, scores = torch.tensor([box[2:] for box in mine]), torch.tensor([box[1] for box in mine])
            stay += [mine[i] for i in nms(xyxy, scores, iou).tolist()]
    return sorted(stay, key=lambda box: -box[1])


def rows_of(boxes) -> np.ndarray:
    return np.column_stack([boxes.class_ids, boxes.scores, boxes.xyxy])


@pytest.mark.parametrize("kind", ["yolov8", "yolov5"])
@pytest.mark.parametrize(("conf", "iou"), [(0.0, 0.45), (0.25, 0.7), (0.9, 0.1), (1.0, 0.5)])
@pytest.mark.parametrize("asked", [{0, 1, 2}, {1}, {0, 2}])
def test_as_a_slow_decoding(kind, conf, iou, asked):
    output = random_output(kind)
    mask = None if len(asked) == CLASSES else np.array([i in asked for i in range(CLASSES)])
    ours = decode_yolo(output, kind, CLASSES, mask, conf, iou)
    theirs = slowly(output, kind, conf, iou, asked)
    assert len(ours) == len(theirs)
    assert len(theirs) > (0 if conf < 0.9 else -1)
    np.testing.assert_allclose(rows_of(ours), np.array(theirs).reshape(-1, 6), rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("kind", ["yolov8", "yolov5"])
def test_either_way_round(kind):
    output = random_output(kind)
    for count in (400, CLASSES + 4, CLASSES + 5):  # as many boxes as numbers a box: the kind's own way counts
        part = output[:, :count] if kind == "yolov8" else output[:count]
        ours = decode_yolo(part, kind, CLASSES, None, 0.1, 0.5)
        assert np.allclose(rows_of(ours), slowly(part, kind, 0.1, 0.5, {0, 1, 2}), rtol=1e-5, atol=1e-3)
        if count == 400:
            turned = decode_yolo(part.T, kind, CLASSES, None, 0.1, 0.5)
            assert np.array_equal(rows_of(turned), rows_of(ours))


@pytest.mark.parametrize(("row", "value"), [(0, np.nan), (2, np.inf), (4, np.nan), (5, 7.5), (4, np.inf)])
def test_what_is_no_score_or_no_box(row, value):
    output = random_output("yolov8")
    output[4] = 0.8
    output[row, 3] = value
    with pytest.raises(DataError, match=r"expected numbers of 0 to 1.*export it with its last sigmoid"):
        decode_yolo(output, "yolov8", CLASSES, None, 0.25, 0.45)


def test_another_shape():
    with pytest.raises(DataError, match=r"expected 8 numbers a box for 4 classes, got \(7, 400\)"):
        decode_yolo(random_output("yolov8"), "yolov8", 4, None, 0.25, 0.45)


def test_nothing_found():
    assert len(decode_yolo(random_output("yolov8") * np.float32(0.1), "yolov8", CLASSES, None, 0.5, 0.45)) == 0


@pytest.mark.parametrize(("kind", "transposed"), KINDS)
def test_an_imported_network_through_the_program(tmp_path, monkeypatch, kind, transposed):
    monkeypatch.setenv("DLCLI_MODELS", str(tmp_path / "mine"))
    (tmp_path / "x.onnx").write_bytes(yolo(CLASSES, SIDE, kind, transposed))
    asked = ImportRequest(tmp_path / "x.onnx", "mine", "detect", LABELS, BLACK, WHITE, decoding=kind)
    path = import_model(asked, {"detect": TASK.network}).path
    conf = 0.6 if kind == "yolov8" else 0.25
    ran = dlcli("detect", CAT, "--model", "mine", "--conf", conf, "--iou", 0.4, "--json")
    assert ran.code == 0, ran.err
    record = json.loads(ran.out)
    assert record["model"].startswith("mine@sha256:")

    pixels = read_image(Source.of_file(CAT)).pixels
    placed, placement = placed_for(read_card(path), pixels)
    tensor = (placed.astype(np.float32) / 255).transpose(2, 0, 1)[None]
    output = onnxruntime.InferenceSession(tmp_path / "x.onnx").run(None, {"x": tensor})[0][0]
    found = slowly(output.T if transposed else output, kind, conf, 0.4, {0, 1, 2})
    corners = placement.to_source(np.array([box[2:] for box in found]))
    expected = [(LABELS[f[0]], f[1], *box) for f, box in zip(found, corners, strict=True) if (box[2:] > box[:2]).all()]
    assert len(expected) > 3, len(expected)
    assert [d["label"] for d in record["detections"]] == [box[0] for box in expected]
    ours = [[d["score"], *d["box"]] for d in record["detections"]]
    np.testing.assert_allclose(ours, [box[1:] for box in expected], atol=0.011)

    only = dlcli("detect", CAT, "--model", "mine", "--conf", conf / 2, "--classes", "blue", "--tile", "--json")
    assert {d["label"] for d in json.loads(only.out)["detections"]} == {"blue"}


def test_a_network_without_its_sigmoid_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCLI_MODELS", str(tmp_path / "mine"))
    (tmp_path / "x.onnx").write_bytes(yolo(CLASSES, SIDE, last="Abs"))
    asked = ImportRequest(tmp_path / "x.onnx", "mine", "detect", LABELS, BLACK, (1.0, 1.0, 1.0))
    with pytest.raises(UsageError, match="expected what a detector of 3 classes gives"):
        import_model(asked, {"detect": TASK.network})
    import_model(replace(asked, decoding="yolov8"), {"detect": TASK.network})
    ran = dlcli("detect", CAT, "--model", "mine", "--json")
    assert (ran.code, ran.out) == (ExitCode.STOPPED, "")
    assert "expected numbers of 0 to 1" in ran.err
