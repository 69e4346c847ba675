"""Images without labels get a teacher's sure boxes; of the unsure ones nothing is learned."""

import numpy as np
import pytest
from PIL import Image

from dlcli.data.kinds import BOXES
from dlcli.errors import DataError, UsageError
from dlcli.records import Boxes
from dlcli.training.detect import pseudo_labels
from dlcli.training.detect.recipe import read_sets
from dlcli.training.log import TrainLog
from tests.training.cases import DETECT, QUIET
from tests.training.sets import square_image, write_squares

LOG = TrainLog(QUIET, True)


def found(*boxes):
    """xyxy, class, score."""
    table = np.array(boxes, np.float32).reshape(-1, 6)
    return Boxes(table[:, :4], table[:, 5], table[:, 4].astype(np.int64))


@pytest.fixture
def options(tmp_path, monkeypatch):
    data = write_squares(tmp_path / "in", 3, 1)
    (tmp_path / "more").mkdir()
    for number in range(50, 53):
        Image.fromarray(square_image(number)[0]).save(tmp_path / f"more/{number}.png")
    answers = {
        50: found((1, 2, 30, 40, 0, 0.9), (5, 5, 20, 20, 0, 0.3), (0, 0, 9, 9, 1, 0.99)),
        51: found((4, 4, 8, 8, 0, 0.05)),
        52: found((10, 10, 20, 20, 0, 0.5)),
    }
    by_bytes = {square_image(number)[0].tobytes(): answer for number, answer in answers.items()}
    monkeypatch.setattr(pseudo_labels, "labeler", lambda name, labels: (lambda p: by_bytes[p.tobytes()], {0: 0}))
    return DETECT.given(data, tmp_path / "out", unlabeled=tmp_path / "more", teacher="coco", teacher_weight=0.0)


def test_sure_boxes_are_truths_and_others_unknown(options):
    train = read_sets(options, LOG).train
    assert [item.path.name for item in train.items[3:]] == ["50.png", "52.png"]
    first, last = (item.target for item in train.items[3:])
    assert first.xyxy.tolist() == [[1, 2, 30, 40], [5, 5, 20, 20]]
    assert first.ignore.tolist() == [False, True]
    assert np.isnan(first.scores[0])
    assert first.scores[1] == pytest.approx(0.3)
    assert last.ignore.tolist() == [False]
    assert BOXES.classes(first) == (0, 0)


def test_what_is_refused(options, tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="who labels them"):
        read_sets(DETECT.given(options.data, options.out, unlabeled=options.unlabeled), LOG)
    monkeypatch.setattr(pseudo_labels, "labeler", lambda name, labels: (lambda p: found(), {0: 0}))
    with pytest.raises(DataError, match="finds nothing in the 3 images"):
        read_sets(options, LOG)


def test_a_bundled_labeler_knows_classes_by_name():
    detector, rows = pseudo_labels.labeler("coco", ("dog", "cat", "unicorn"))
    from dlcli.imaging.reader import read_image
    from dlcli.records import Source
    from tests.program import CAT

    item = pseudo_labels.labeled(CAT, detector, rows, 0.5)
    best = item.target.class_ids[~item.target.ignore]
    assert best.tolist() == [1]
    assert (item.width, item.height) == read_image(Source.of_file(CAT)).pixels.shape[1::-1]
    with pytest.raises(UsageError, match="knows none of the 1 classes"):
        pseudo_labels.labeler("coco", ("unicorn",))
    with pytest.raises(UsageError, match="expected a model for detect, got one for classify"):
        pseudo_labels.labeler("imagenet", ("cat",))
