"""A set by a model's labels, as --map says."""

import pytest

from dlcli.data.formats import read_dataset
from dlcli.data.kinds import BOXES, MASKS
from dlcli.data.mask_file import read_mask
from dlcli.errors import DataError
from tests.data.sets import write_coco
from tests.data.test_mask_values import masks

LABELS = ("bird", "pooch", "kitten")


def test_boxes(tmp_path):
    write_coco(tmp_path / "instances.json", tmp_path)
    data = read_dataset(BOXES, tmp_path, "all", LABELS, {"cat": "kitten", "dog": "pooch", "owl": "bird"})
    assert data.problems == ()
    assert [item.target.class_ids.tolist() for item in data.items] == [[1, 2], [0], []]
    data = read_dataset(BOXES, tmp_path, "all", LABELS, {"cat": "kitten", "dog": "pooch"})
    assert "unknown class owl" in data.problems[0].message
    assert [item.path.name for item in data.items] == ["a.jpg", "c.jpg"]


def test_values_of_masks(tmp_path):
    data = read_dataset(
        MASKS, masks(tmp_path, (0, 1, 2)), None, ("background", "bird", "cat"), {"1": "cat", "2": "bird"}
    )
    assert read_mask(data.items[0])[0].tolist() == [0, 2, 1]


@pytest.mark.parametrize(
    ("aliases", "message"),
    [({"cow": "bird"}, "'cow' is no class of"), ({"cat": "cow"}, "'cow' is no label of the model")],
)
def test_a_word_that_is_not_there_is_refused(tmp_path, aliases, message):
    write_coco(tmp_path / "instances.json", tmp_path)
    with pytest.raises(DataError, match=message):
        read_dataset(BOXES, tmp_path, "all", LABELS, aliases)
