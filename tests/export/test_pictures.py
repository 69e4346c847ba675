"""Which pictures an export looks at."""

import pytest

from dlcli.errors import DataError
from dlcli.export.detector import DetectorKind
from dlcli.export.pictures import RealPictures, spread
from dlcli.models.run_folder import RunFolder
from tests.export.runs import SAMPLES, SHAPES, SIDE


@pytest.mark.parametrize(
    ("total", "count", "expected"), [(10, 3, [0, 3, 6]), (2, 5, [0, 1]), (4, 4, [0, 1, 2, 3]), (0, 3, [])]
)
def test_spread(total, count, expected):
    assert spread(range(total), count) == expected


def test_tensors_are_what_the_predictor_makes(card):
    tensor = RealPictures(RunFolder(SAMPLES, card, {"data": str(SHAPES)}), None, DetectorKind()).to_compare(1)[0]
    assert (tensor.shape, tensor.dtype) == ((1, 3, SIDE, SIDE), "float32")


def test_a_plain_folder_has_nothing_to_measure(card, tmp_path):
    place = RealPictures(RunFolder(SAMPLES, card, {}), tmp_path, DetectorKind())
    assert place.to_measure(0) is None
    with pytest.raises(DataError, match="--data DIR"):
        place.to_compare(1)
