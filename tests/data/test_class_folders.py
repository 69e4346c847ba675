"""A folder per class, with and without splits above."""

import pytest

from dlcli.data.classes import present_classes, similar_labels
from dlcli.data.formats import dataset_splits, read_dataset
from dlcli.data.kinds import CLASSES
from dlcli.errors import DataError
from tests.data.class_sets import image


def pairs(data):
    return [(item.path.name, *(data.labels[number] for number in item.target)) for item in data.items]


@pytest.fixture
def split_set(tmp_path):
    for split, label, name in [
        *(("train", "dog", "a.jpg"), ("train", "cat", "b.PNG"), ("train", "ant", "deep/c.jpg")),
        *(("valid", "dog", "d.jpg"), ("valid", "cat", "e.jpg")),
    ]:
        image(tmp_path / split / label / name)
    return tmp_path


def test_splits_share_the_numbers_of_all_classes(split_set):
    train, val = (read_dataset(CLASSES, split_set, split) for split in ("train", "val"))
    assert train.labels == val.labels == ("ant", "cat", "dog")
    assert pairs(train) == [("c.jpg", "ant"), ("b.PNG", "cat"), ("a.jpg", "dog")]
    assert pairs(val) == [("e.jpg", "cat"), ("d.jpg", "dog")]
    assert (present_classes(val), val.multi_label, val.source) == ((1, 2), False, split_set)
    assert dataset_splits(CLASSES, split_set) == ["train", "valid"]


@pytest.mark.parametrize("split", [None, "all"])
def test_everything(split_set, split):
    assert len(read_dataset(CLASSES, split_set, split).items) == 5


def test_without_splits(tmp_path):
    for name in ("dog/a.jpg", "cat/b.jpg", ".git/c.jpg", "__MACOSX/d.jpg"):
        image(tmp_path / name)
    (tmp_path / "dog" / "notes.txt").write_text("no image")
    assert pairs(read_dataset(CLASSES, tmp_path, None)) == [("b.jpg", "cat"), ("a.jpg", "dog")]
    with pytest.raises(DataError, match=r"no split 'val'.*--split all"):
        read_dataset(CLASSES, tmp_path, "val")


def test_a_class_may_be_called_train(tmp_path):
    for name in ("train/a.jpg", "bus/b.jpg"):
        image(tmp_path / name)
    assert read_dataset(CLASSES, tmp_path, None).labels == ("bus", "train")


def test_an_image_beside_the_folders_is_named(tmp_path):
    image(tmp_path / "dog" / "a.jpg")
    stray = image(tmp_path / "b.jpg")
    data = read_dataset(CLASSES, tmp_path, None)
    assert [item.path for item in data.problems] == [stray]
    assert len(data.items) == 1


def test_numbers_of_a_model(split_set):
    data = read_dataset(CLASSES, split_set, "train", ("dog", "bee", "CAT", "ant (insect)", "Ant"))
    assert pairs(data) == [("c.jpg", "Ant"), ("b.PNG", "CAT"), ("a.jpg", "dog")]
    labels = ("tabby", "puppy", "emmet")
    data = read_dataset(CLASSES, split_set, "train", labels, {"cat": "tabby", "dog": "puppy", "ant": "emmet"})
    assert [item.target for item in data.items] == [(2,), (0,), (1,)]


def test_classes_that_the_model_lacks_are_named(split_set):
    with pytest.raises(DataError, match=r"2 class\(es\).*'ant', 'cat'; .*--map FILE"):
        read_dataset(CLASSES, split_set, "train", ("dog", "wolf"))
    with pytest.raises(DataError, match="did you mean cats"):
        read_dataset(CLASSES, split_set, "train", ("dog", "ant", "cats"))


@pytest.mark.parametrize("name", ["a, b", "tab\there"])
def test_names_that_no_card_can_hold(tmp_path, name):
    image(tmp_path / name / "a.jpg")
    with pytest.raises(DataError, match="without commas"):
        read_dataset(CLASSES, tmp_path, None)


def test_nothing_there(tmp_path):
    with pytest.raises(DataError, match="no such folder"):
        read_dataset(CLASSES, tmp_path / "gone", None)
    with pytest.raises(DataError, match="a folder per class"):
        read_dataset(CLASSES, tmp_path, None)
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(DataError, match=r"got \.json"):
        read_dataset(CLASSES, tmp_path / "x.json", None)


def test_names_that_look_alike_are_found():
    names = ("Cat", "cat", "cat ", "caf\u00e9", "cafe\u0301", "cafe", "sea-lion", "sea lion")
    assert similar_labels(names) == [("Cat", "cat", "cat "), ("caf\u00e9", "cafe\u0301"), ("sea-lion", "sea lion")]
