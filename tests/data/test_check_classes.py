"""What a look at every image finds, and the map from a set's words to labels."""

import pytest

from dlcli.data.check import check_dataset
from dlcli.data.classes import read_aliases
from dlcli.data.dataset import Problem
from dlcli.data.formats import read_dataset
from dlcli.data.kinds import CLASSES
from dlcli.errors import DataError
from tests.data.class_sets import image


@pytest.fixture
def folder(tmp_path):
    for name in ("dog/a.jpg", "dog/b.jpg", "cat/c.jpg"):
        image(tmp_path / name, size=(60, 50))
    (tmp_path / "cat" / "text.jpg").write_text("no image at all")
    cut = tmp_path / "dog" / "b.jpg"
    cut.write_bytes(cut.read_bytes()[:-60])
    return tmp_path


def test_bad_images_are_named(folder):
    data = read_dataset(CLASSES, folder, None)
    seen = []
    found = check_dataset(CLASSES, data, progress=lambda *step: seen.append(step), threads=2)
    assert [problem.path.name for problem in found] == ["text.jpg", "b.jpg"]
    assert seen == [(i, 4) for i in range(1, 5)]
    assert not any(str(problem.path) in problem.message for problem in found)
    assert [item.path.name for item in data.without(found).items] == ["c.jpg", "a.jpg"]


def test_headers_alone_miss_what_is_cut(folder):
    found = check_dataset(CLASSES, read_dataset(CLASSES, folder, None), decode=False)
    assert [problem.path.name for problem in found] == ["text.jpg"]


def test_an_image_of_a_csv_that_is_not_there(tmp_path):
    image(tmp_path / "a.jpg")
    (tmp_path / "x.csv").write_text("filename,label\na.jpg,dog\ngone.jpg,dog\n")
    (problem,) = check_dataset(CLASSES, read_dataset(CLASSES, tmp_path, None))
    assert problem.path == tmp_path / "gone.jpg"


def test_nothing_left(folder):
    data = read_dataset(CLASSES, folder, None)
    with pytest.raises(DataError, match="not one of its images"):
        data.without([Problem(item.path, "bad") for item in data.items])


def test_an_empty_class_folder(tmp_path):
    (tmp_path / "dog").mkdir()
    data = read_dataset(CLASSES, tmp_path, None)
    assert data.labels == ("dog",)
    (problem,) = check_dataset(CLASSES, data)
    assert "no image" in problem.message


def test_aliases(tmp_path):
    (tmp_path / "map.csv").write_text("n01, tench\n\n n02,great white shark \n", "utf-8")
    assert read_aliases(tmp_path / "map.csv") == {"n01": "tench", "n02": "great white shark"}
    (tmp_path / "map.csv").write_text("n01,tench\nn02\n")
    with pytest.raises(DataError, match="line 2"):
        read_aliases(tmp_path / "map.csv")
