"""Each layout is known by its outputs and no other is; its boxes are those of a decoding box after box."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision.ops import nms

from dlcli.errors import DataError, UsageError
from dlcli.models.decodings import LAYOUTS
from dlcli.models.importing import ImportRequest
from dlcli.tasks.detect.layouts.layout import Network, chosen
from dlcli.tasks.detect.layouts.table import BY_NAME, find_layout, fitting
from dlcli.tasks.detect.yolo import decode_yolo
from tests.tasks.detect.layouts.examples import CLASSES, EXAMPLES, SIZE

NETWORK = Network(SIZE, CLASSES)
ASKED = ImportRequest(Path("x.onnx"), "mine", "detect")


def test_every_layout_has_an_example_and_a_word_on_the_command_line():
    assert set(EXAMPLES) == set(BY_NAME) == set(LAYOUTS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_is_known_by_its_outputs_and_no_other_is(name):
    outputs, _ = EXAMPLES[name]()
    assert [layout.name for layout, _ in fitting(outputs, NETWORK)] == [name]
    layout, names = find_layout(ASKED, outputs, NETWORK)
    assert layout is BY_NAME[name]
    assert set(names) <= set(outputs)


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("labels", [1, 2, 4, 5, 80])
def test_with_other_labels_it_is_refused_or_still_the_same(name, labels):
    """Only layouts that hold class ids do not tell how many classes there are."""
    outputs, _ = EXAMPLES[name]()
    found = [layout.name for layout, _ in fitting(outputs, Network(SIZE, labels))]
    assert found in ([], [name])
    if not found:
        with pytest.raises(UsageError, match=rf"x.onnx: expected what a detector of {labels} classes gives, got"):
            find_layout(ASKED, outputs, Network(SIZE, labels))


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("class_ids", [None, np.array([True, False, True])])
def test_its_boxes(name, class_ids):
    outputs, truth = EXAMPLES[name]()
    layout, names = find_layout(ASKED, outputs, NETWORK)
    given, conf, iou = [outputs[key] for key in names], 0.3, 0.5
    if layout.decode is None:
        found = decode_yolo(given[0][0], name, CLASSES, class_ids, conf, iou)
    else:
        found = chosen(layout.decode(*given, NETWORK), CLASSES, class_ids, conf, iou, layout.overlaps)
    wanted = [row for row in truth if row[1] >= conf and (class_ids is None or class_ids[row[0]])]
    if layout.overlaps:
        wanted = without_overlaps(wanted, iou)
    assert found.class_ids.tolist() == [row[0] for row in wanted]
    np.testing.assert_allclose(found.scores, [row[1] for row in wanted], atol=1e-4)
    np.testing.assert_allclose(found.xyxy, [row[2] for row in wanted], atol=0.02)


def without_overlaps(rows, iou):
    """By torchvision's NMS, class by class."""
    kept = []
    for number in range(CLASSES):
        mine = [row for row in rows if row[0] == number]
        if mine:
            boxes, scores = (torch.tensor(np.array([row[i] for row in mine], np.float32)) for i in (2, 1))
            kept += [mine[i] for i in nms(boxes, scores, iou).tolist()]
    return sorted(kept, key=lambda row: -row[1])


def test_two_readings_are_refused_and_can_be_chosen():
    nothing = {"output0": np.zeros((1, 300, 6), np.float32)}  # one class: 5 + 1 numbers, or corners, score and class
    one = Network((320, 320), 1)
    with pytest.raises(UsageError, match=r"could be .*end-to-end.*; say which by --decode"):
        find_layout(ASKED, nothing | {"output0": nothing["output0"] * 0}, Network((320, 320), 2))
    layout, _ = find_layout(replace(ASKED, decoding="end-to-end"), nothing, one)
    assert layout.name == "end-to-end"


def test_a_file_with_nms_inside_and_one_class_is_no_yolov5():
    rows = np.zeros((1, 300, 6), np.float32)
    rows[0, :7, :5] = [10, 10, 20, 20, 0.9]
    assert find_layout(ASKED, {"output0": rows}, Network((640, 640), 1))[0].name == "end-to-end"


def test_what_would_fit_is_named():
    outputs, _ = EXAMPLES["yolov8"]()
    with pytest.raises(UsageError, match="with 3 labels it would be yolov8, and --labels names 2"):
        find_layout(ASKED, outputs, Network(SIZE, 2))


def test_what_is_asked_for_must_fit():
    outputs, _ = EXAMPLES["detr"]()
    with pytest.raises(UsageError, match=r"--decode rtdetr: expected RT-DETR, .* got pred_logits \[1, 100, 4\]"):
        find_layout(replace(ASKED, decoding="rtdetr"), outputs, NETWORK)


def test_numbers_that_are_no_scores_are_told():
    outputs, _ = EXAMPLES["yolox"]()
    layout, names = find_layout(ASKED, outputs, NETWORK)
    broken = outputs[names[0]].copy()
    broken[0, 0, 5] = 40
    assert layout.decode is not None
    with pytest.raises(DataError, match="expected numbers of 0 to 1 and finite boxes"):
        chosen(layout.decode(broken, NETWORK), CLASSES, None, 0.25, 0.5, True)
