"""The drawings of an evaluation of boxes: they are images, of the right things, in any language."""

import numpy as np
import pytest
from PIL import Image

from dlcli.data.formats import read_dataset
from dlcli.data.kinds import BOXES
from dlcli.evaluation.box_plots import sheet_rows, write_plots
from dlcli.evaluation.evaluate import Evaluation, score_images
from dlcli.imaging.drawing.box_sheet import draw_sheet
from dlcli.imaging.drawing.palette import label_color
from dlcli.records import Boxes
from tests.training.sets import write_squares

LABELS = ("circle", "square", "треугольник")
NOTHING = Boxes(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64))


@pytest.fixture
def data(tmp_path):
    return read_dataset(BOXES, write_squares(tmp_path / "squares", train=4, val=1), "train", LABELS)


def evaluation(data, answer):
    found = score_images(BOXES, answer, data)
    return Evaluation(BOXES, found.scores, LABELS, None, "m@sha256:0", found.metric, found.images, answer)


def wrong(pixels):
    return Boxes(np.array([[0, 0, 20, 20]], np.float32), np.array([0.9], np.float32), np.array([2]))


def test_files(tmp_path, data):
    written = write_plots(evaluation(data, wrong), tmp_path / "plots" / "deep")
    assert [path.name for path in written] == ["confusion.png", "curves.png", "worst.png"]
    for path in written:
        with Image.open(path) as image:
            image.load()
            assert min(image.size) > 200


def test_all_right_has_no_worst_images(tmp_path, data):
    truth = iter(data.items)  # asked once an image, in order

    def right(pixels):
        target = next(truth).target
        return Boxes(target.xyxy, np.full(len(target.xyxy), 0.9, np.float32), target.class_ids)

    done = evaluation(data, right)
    assert {image.score.value for image in done.images} == {1.0}
    assert [path.name for path in write_plots(done, tmp_path)] == ["confusion.png", "curves.png"]


def test_the_sheet_shows_truth_and_prediction_in_the_colors_of_their_labels(data):
    done = evaluation(data, wrong)
    rows = sheet_rows(wrong, done.images[:2])
    sheet = draw_sheet(rows, LABELS, 0.25)
    half = sheet.shape[1] // 2
    truth = {int(i) for image in done.images[:2] for i in image.item.target.class_ids}
    for class_id, label in enumerate(LABELS):
        left, right = ((part == label_color(label)).all(2).any() for part in (sheet[:, :half], sheet[:, half:]))
        assert (left, right) == (class_id in truth, class_id == 2)
    done.images[0].item.path.unlink()
    assert len(sheet_rows(wrong, done.images[:2])) == 1


def test_nothing_found_in_nothing(tmp_path, data):
    done = evaluation(data, lambda pixels: NOTHING)
    assert {image.score.value for image in done.images} == {0.0}
    assert len(write_plots(done, tmp_path)) == 3
