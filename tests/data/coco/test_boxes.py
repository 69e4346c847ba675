"""COCO files read back from every place they lie in; what is wrong becomes a problem."""

import pytest

from dlcli.data.coco.boxes import read_coco
from dlcli.errors import DataError
from tests.data.sets import assert_is_the_set, coco_content, write_coco

ORDERED = ("dog", "cat", "owl")  # by category id: 2, 7, 40


@pytest.mark.parametrize(
    ("file", "images", "split"),
    [
        ("annotations/instances_val.json", "images", "val"),
        ("annotations/instances_val.json", "images/val", "val"),
        ("annotations/instances_val2017.json", "val2017", "val2017"),
        ("annotations/val.json", "val", "val"),
        ("instances_val.json", "images", "val"),
        ("instances.json", "images", None),
        ("instances.json", ".", None),
        ("valid/_annotations.coco.json", "valid", "valid"),
    ],
)
def test_the_boxes_come_back(tmp_path, file, images, split):
    write_coco(tmp_path / file, tmp_path / images)
    dataset = read_coco(tmp_path, split)
    assert_is_the_set(dataset, ORDERED)
    assert tuple(dataset.category_ids.values()) == (2, 7, 40)
    assert [image.image_id for image in dataset.items] == [100, 101, 102]
    assert dataset.format == "coco"


@pytest.mark.parametrize("images", ["images", "annotations", "images/train"])
def test_the_file_itself_may_be_given(tmp_path, images):
    file = write_coco(tmp_path / "annotations" / "instances_train.json", tmp_path / images)
    assert_is_the_set(read_coco(file), ORDERED)


def test_given_labels_set_the_numbers(tmp_path):
    labels = ("owl", "cow", "cat", "dog")
    dataset = read_coco(write_coco(tmp_path / "instances.json", tmp_path / "images"), labels=labels)
    assert_is_the_set(dataset, labels)
    assert dataset.category_ids == {"owl": 40, "cat": 7, "dog": 2}


def test_an_unknown_class_leaves_its_image_out(tmp_path):
    dataset = read_coco(write_coco(tmp_path / "instances.json", tmp_path), labels=("cat", "dog"))
    assert [image.image_id for image in dataset.items] == [100, 102]
    assert "annotations[2] of b.jpg: unknown class 'owl'; known: cat, dog" in dataset.problems[0].message


def changed(folder, change):
    content = coco_content()
    change(content)
    return read_coco(write_coco(folder / "instances.json", folder, content))


def test_a_crowd_is_ignored(tmp_path):
    dataset = changed(tmp_path, lambda content: content["annotations"][1].update(iscrowd=1))
    assert dataset.items[0].target.crowd.tolist() == dataset.items[0].target.ignore.tolist() == [False, True]


def test_a_missing_size_is_asked_of_the_image(tmp_path):
    def change(content):
        del content["images"][0]["width"], content["images"][0]["height"]

    assert_is_the_set(changed(tmp_path, change), ORDERED)


def test_an_image_that_is_not_there_keeps_the_likeliest_path(tmp_path):
    dataset = changed(tmp_path, lambda content: content["images"][0].update(file_name="lost.jpg"))
    assert dataset.items[0].path == tmp_path / "lost.jpg"


@pytest.mark.parametrize(
    ("change", "message", "left"),
    [
        (lambda c: c["annotations"][2].update(category_id=3), "annotations[2] of b.jpg: unknown category_id 3", 2),
        (lambda c: c["annotations"][2].update(category_id=[]), "unknown category_id []", 2),
        (lambda c: c["annotations"][2].update(bbox=[1, 2, 3]), "expected a bbox [x, y, width, height]", 2),
        (lambda c: c["annotations"][2].update(bbox=[1, 2, 3, "x"]), "bbox[3]: expected a number of pixels", 2),
        (lambda c: c["annotations"][2].update(bbox=[1, 2, 3, True]), "bbox[3]: expected a number of pixels", 2),
        (lambda c: c["annotations"][2].update(iscrowd="yes"), "expected iscrowd 0 or 1, got 'yes'", 2),
        (lambda c: c["images"].append({"id": 1, "file_name": "../"}), "images[3]: expected a 'file_name'", 3),
        (lambda c: c["images"].append("d.jpg"), "images[3]: expected a new integer 'id'", 3),
    ],
)
def test_a_faulty_entry_is_a_problem(tmp_path, change, message, left):
    dataset = changed(tmp_path, change)
    assert len(dataset.problems) == 1
    assert dataset.problems[0].path == tmp_path / "instances.json"
    assert message in dataset.problems[0].message
    assert len(dataset.items) == left


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("9" * 5_000, "not valid JSON"),
        ("[]", "expected a COCO file with a list 'images'"),
        ('{"images": [], "annotations": {}}', "expected a COCO file with a list 'annotations'"),
        ('{"images": [], "annotations": [], "categories": []}', "expected images in 'images'"),
        ('{"images": [], "annotations": [], "categories": [{"id": 1.5, "name": "a"}]}', r"categories\[0\]"),
        (
            '{"images": [], "annotations": [{"category_id": 1}, {"category_id": 2}],'
            ' "categories": [{"id": 1, "name": "a"}, {"id": 2, "name": "a"}]}',
            "each category name once, found again: a",
        ),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path, content, message):
    (tmp_path / "instances.json").write_text(content)
    with pytest.raises(DataError, match=message) as caught:
        read_coco(tmp_path)
    assert str(tmp_path / "instances.json") in str(caught.value)


def test_a_missing_split_names_those_that_exist(tmp_path):
    for split in ("train", "test"):
        write_coco(tmp_path / "annotations" / f"instances_{split}.json", tmp_path / "images")
    with pytest.raises(DataError, match=r"no split 'val' .*instances_SPLIT\.json.*found test, train"):
        read_coco(tmp_path, "val")
    with pytest.raises(DataError, match="more than one split, name one"):
        read_coco(tmp_path)


def test_a_set_without_splits_says_how_to_read_it(tmp_path):
    write_coco(tmp_path / "instances.json", tmp_path / "images")
    with pytest.raises(DataError, match="found no splits at all; --split all"):
        read_coco(tmp_path, "val")
