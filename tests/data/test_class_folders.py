"""A folder per class, with and without splits above."""

import pytest

from dlcli.data.class_layouts import classification_splits, read_classification_set
from dlcli.errors import DataError
from tests.data.class_sets import picture


def pairs(data):
    return [(item.path.name, *(data.labels[number] for number in item.class_ids)) for item in data.pictures]


@pytest.fixture
def split_set(tmp_path):
    for split, label, name in [
        *(("train", "dog", "a.jpg"), ("train", "cat", "b.PNG"), ("train", "ant", "deep/c.jpg")),
        *(("valid", "dog", "d.jpg"), ("valid", "cat", "e.jpg")),
    ]:
        picture(tmp_path / split / label / name)
    return tmp_path


def test_splits_share_the_numbers_of_all_classes(split_set):
    train, val = (read_classification_set(split_set, split) for split in ("train", "val"))
    assert train.labels == val.labels == ("ant", "cat", "dog")
    assert pairs(train) == [("c.jpg", "ant"), ("b.PNG", "cat"), ("a.jpg", "dog")]
    assert pairs(val) == [("e.jpg", "cat"), ("d.jpg", "dog")]
    assert (val.present, val.multi_label, val.source) == ((1, 2), False, split_set)
    assert classification_splits(split_set) == ["train", "valid"]


@pytest.mark.parametrize("split", [None, "all"])
def test_everything(split_set, split):
    assert len(read_classification_set(split_set, split).pictures) == 5


def test_without_splits(tmp_path):
    for name in ("dog/a.jpg", "cat/b.jpg", ".git/c.jpg", "__MACOSX/d.jpg"):
        picture(tmp_path / name)
    (tmp_path / "dog" / "notes.txt").write_text("no picture")
    assert pairs(read_classification_set(tmp_path, None)) == [("b.jpg", "cat"), ("a.jpg", "dog")]
    with pytest.raises(DataError, match=r"no split 'val'.*--split all"):
        read_classification_set(tmp_path, "val")


def test_a_class_may_be_called_train(tmp_path):
    for name in ("train/a.jpg", "bus/b.jpg"):
        picture(tmp_path / name)
    assert read_classification_set(tmp_path, None).labels == ("bus", "train")


def test_a_picture_beside_the_folders_is_named(tmp_path):
    picture(tmp_path / "dog" / "a.jpg")
    stray = picture(tmp_path / "b.jpg")
    data = read_classification_set(tmp_path, None)
    assert [item.path for item in data.problems] == [stray]
    assert len(data.pictures) == 1


def test_numbers_of_a_model(split_set):
    data = read_classification_set(split_set, "train", ("dog", "bee", "CAT", "ant (insect)", "Ant"))
    assert pairs(data) == [("c.jpg", "Ant"), ("b.PNG", "CAT"), ("a.jpg", "dog")]
    labels = ("tabby", "puppy", "emmet")
    data = read_classification_set(split_set, "train", labels, {"cat": "tabby", "dog": "puppy", "ant": "emmet"})
    assert [item.class_ids for item in data.pictures] == [(2,), (0,), (1,)]


def test_classes_that_the_model_lacks_are_named(split_set):
    with pytest.raises(DataError, match=r"2 class\(es\).*'ant', 'cat'; .*--map FILE"):
        read_classification_set(split_set, "train", ("dog", "wolf"))
    with pytest.raises(DataError, match="did you mean cats"):
        read_classification_set(split_set, "train", ("dog", "ant", "cats"))


@pytest.mark.parametrize("name", ["a, b", "tab\there"])
def test_names_that_no_card_can_hold(tmp_path, name):
    picture(tmp_path / name / "a.jpg")
    with pytest.raises(DataError, match="without commas"):
        read_classification_set(tmp_path, None)


def test_nothing_there(tmp_path):
    with pytest.raises(DataError, match="no such folder"):
        read_classification_set(tmp_path / "gone", None)
    with pytest.raises(DataError, match="looked for a folder per class"):
        read_classification_set(tmp_path, None)
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(DataError, match=r"got \.json"):
        read_classification_set(tmp_path / "x.json", None)
