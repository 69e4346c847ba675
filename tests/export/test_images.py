"""Which images an export looks at."""

import shutil

import pytest

from dlcli.card import read_card
from dlcli.data.kinds import BOXES, CLASSES
from dlcli.errors import DataError
from dlcli.export.images import RealImages, spread
from dlcli.models.run_folder import RunFolder
from dlcli.models.store import BUNDLED
from tests.export.runs import SAMPLES, SHAPES, SIDE
from tests.program import CAT


@pytest.mark.parametrize(
    ("total", "count", "expected"), [(10, 3, [0, 3, 6]), (2, 5, [0, 1]), (4, 4, [0, 1, 2, 3]), (0, 3, [])]
)
def test_spread(total, count, expected):
    assert spread(range(total), count) == expected


def test_tensors_are_what_the_predictor_makes(card):
    tensor = RealImages(RunFolder(SAMPLES, card, {"data": str(SHAPES)}), None, BOXES).to_compare(1)[0]
    assert (tensor.shape, tensor.dtype) == ((1, 3, SIDE, SIDE), "float32")


def test_a_plain_folder_has_nothing_to_measure(card, tmp_path):
    place = RealImages(RunFolder(SAMPLES, card, {}), tmp_path, BOXES)
    assert place.to_measure(0) is None
    with pytest.raises(DataError, match="--data DIR"):
        place.to_compare(1)


def test_a_set_without_a_val_list_is_read_whole(tmp_path):
    """As where a training held images out itself."""
    card = read_card(BUNDLED / "imagenet.onnx")
    for label in ("espresso", "tabby"):
        (tmp_path / label).mkdir()
        shutil.copy(CAT, tmp_path / label)
    found = RealImages(RunFolder(SAMPLES, card, {"data": str(tmp_path)}), None, CLASSES)
    assert len(found.to_measure(0).items) == 2
    assert len(found.to_calibrate(9)) == 2


def test_a_split_that_is_not_there_is_named(card):
    run = RunFolder(SAMPLES, card, {"data": str(SHAPES), "val_split": "gone"})
    with pytest.raises(DataError, match=r"no split 'gone'.* found train, val"):
        RealImages(run, None, BOXES).to_measure(0)
