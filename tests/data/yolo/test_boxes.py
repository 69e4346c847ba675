"""YOLO folders read back from every place they lie in; what is wrong in one file becomes a problem of that file."""

import pytest

from dlcli.data.yolo.boxes import read_yolo
from dlcli.errors import DataError
from tests.data.sets import IMAGES, assert_is_the_set, write_image, write_text, write_yolo

NAMES = "names: [cat, dog, owl]\n"
USUAL = NAMES + "train: images/train\nval: images/val\n"


def write_usual(folder, config=USUAL):
    write_text(folder / "data.yaml", config)
    write_yolo(folder / "images" / "train", folder / "labels" / "train")
    return folder


@pytest.mark.parametrize(
    ("config", "images", "labels"),
    [
        (USUAL, "images/train", "labels/train"),
        (NAMES, "images/train", "labels/train"),
        (NAMES, "train/images", "train/labels"),
        (NAMES + "train: ../train/images", "train/images", "train/labels"),
        (NAMES + "path: .\ntrain: images/train", "images/train", "labels/train"),
        (NAMES + "path: sub/set\ntrain: images/train", "sub/set/images/train", "sub/set/labels/train"),
        (NAMES + "path: /nowhere/set\ntrain: images/train", "images/train", "labels/train"),
        (NAMES + "train: [images/one]", "images/one", "labels/one"),
        (NAMES + "train: photos", "photos", "photos"),
        ("names:\n  0: cat\n  1: dog\n  2: owl\n", "images/train", "labels/train"),
        ("names: {2: owl, 0: cat, 1: dog}\n", "images/train", "labels/train"),
        ("names:\n- cat\n- dog\n- owl\n", "images/train", "labels/train"),
    ],
)
def test_the_boxes_come_back(tmp_path, config, images, labels):
    write_text(tmp_path / "data.yaml", config)
    write_yolo(tmp_path / images, tmp_path / labels)
    dataset = read_yolo(tmp_path, "train")
    assert_is_the_set(dataset)
    assert dataset.format == "yolo"
    assert [image.annotation is None for image in dataset.items] == [False, False, True]
    assert_is_the_set(read_yolo(tmp_path / "data.yaml", "train"))


def test_a_list_of_names_and_a_list_of_images(tmp_path):
    write_text(tmp_path / "classes.txt", "cat\ndog\n\nowl\n")
    write_yolo(tmp_path / "images", tmp_path / "labels")
    write_text(tmp_path / "train.txt", "".join(f"./images/{name}.jpg\n" for name in IMAGES))
    assert_is_the_set(read_yolo(tmp_path, "train"))


def test_a_set_without_splits(tmp_path):
    write_text(tmp_path / "classes.txt", "cat\ndog\nowl\n")
    write_yolo(tmp_path / "images", tmp_path / "labels")
    assert_is_the_set(read_yolo(tmp_path))
    with pytest.raises(DataError, match="--split all"):
        read_yolo(tmp_path, "val")


def test_a_folder_called_images_above_the_set_stays(tmp_path):
    folder = tmp_path / "images" / "set"
    write_text(folder / "data.yaml", NAMES + "train: photos")
    write_yolo(folder / "photos", folder / "photos")
    assert_is_the_set(read_yolo(folder, "train"))


def test_the_size_is_that_of_the_upright_image(tmp_path):
    write_usual(tmp_path)
    write_image(tmp_path / "images" / "train" / "a.jpg", 30, 40, orientation=6)
    assert_is_the_set(read_yolo(tmp_path, "train"))


def test_given_labels_set_the_numbers(tmp_path):
    assert_is_the_set(read_yolo(write_usual(tmp_path), "train", ("owl", "cat", "dog")), ("owl", "cat", "dog"))


def test_a_polygon_gives_its_surrounding_box(tmp_path):
    write_usual(tmp_path)
    write_text(tmp_path / "labels" / "train" / "c.txt", "1 0.1 0.5 0.5 0.2 0.9 0.6\n")
    image = read_yolo(tmp_path, "train").items[2]
    assert image.target.xyxy.round(4).tolist() == [[2, 4, 18, 12]]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("3 0.5 0.5 0.1 0.1", "line 1: unknown class '3'; known: 0 cat, 1 dog, 2 owl"),
        ("-1 0.5 0.5 0.1 0.1", "unknown class '-1'"),
        ("1.5 0.5 0.5 0.1 0.1", "unknown class '1.5'"),
        ("dog 0.5 0.5 0.1 0.1", "unknown class 'dog'"),
        ("\n1 0.5 0.5 0.1", "line 2: expected 'class cx cy width height' or a polygon, got 4 numbers"),
        ("1 0.5 0.5 0.1 0.1 1.9", "score: expected a number of 0 to 1"),
        ("1 0.5 0.5 0.1", "expected 'class cx cy width height'"),
        ("1 0.5 0.5 wide 0.1", "expected a part of the image, 0 to 1, got 'wide'"),
        ("1 0.5 0.5 nan 0.1", "got 'nan'"),
        ("1 320 240 50 60", "expected a part of the image, 0 to 1, got '320'"),
    ],
)
def test_a_faulty_line_is_a_problem_of_its_file(tmp_path, line, message):
    write_usual(tmp_path)
    path = write_text(tmp_path / "labels" / "train" / "b.txt", line)
    dataset = read_yolo(tmp_path, "train")
    assert [image.image_id for image in dataset.items] == ["a", "c"]
    assert [problem.path for problem in dataset.problems] == [path]
    assert message in dataset.problems[0].message


def test_an_image_without_a_readable_header_is_a_problem(tmp_path):
    write_usual(tmp_path)
    (tmp_path / "images" / "train" / "b.jpg").write_bytes(b"no image")
    dataset = read_yolo(tmp_path, "train")
    assert [problem.path.name for problem in dataset.problems] == ["b.jpg"]


def test_an_unknown_class_of_a_model_is_a_problem(tmp_path):
    dataset = read_yolo(write_usual(tmp_path), "train", ("cat", "dog"))
    assert [str(problem) for problem in dataset.problems] == [
        f"{tmp_path / 'labels' / 'train' / 'b.txt'}: line 1: unknown class 'owl'; known: cat, dog"
    ]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("train: images/train\n", "expected a list or a mapping of class names, got None"),
        ("names: cat\n", "expected a list or a mapping of class names, got 'cat'"),
        ("names: []\n", "got no names"),
        ("names: [cat, dog, cat]\n", "expected each class name once, got cat"),
        ("names: [cat, ~]\n", "expected a name for class 1, got nothing"),
        ("names: {0: cat, 2: dog}\n", "expected the numbers 0 to 1, got 0, 2"),
        ("names: *names\n", "line 1: expected YAML, but found undefined alias"),
    ],
)
def test_faulty_names_are_refused(tmp_path, config, message):
    with pytest.raises(DataError, match=r"data\.yaml") as caught:
        read_yolo(write_usual(tmp_path, config), "train")
    assert message in str(caught.value)


def test_a_missing_split_names_those_that_exist(tmp_path):
    write_usual(tmp_path)
    with pytest.raises(DataError, match=r"no split 'test' .*; found train, val$"):
        read_yolo(tmp_path, "test")
    with pytest.raises(DataError, match="more than one split"):
        read_yolo(tmp_path)
    with pytest.raises(DataError, match=r"images/val: expected a folder of images or a \.txt list"):
        read_yolo(tmp_path, "val")


def test_a_count_of_classes_that_is_not_so_is_said(tmp_path):
    write_yolo(tmp_path / "images", tmp_path / "labels")
    for count, notes in (("3", 0), ("2", 1)):
        write_text(tmp_path / "data.yaml", f"nc: {count}\nnames: [cat, dog, owl]\n")
        found = [note for note in read_yolo(tmp_path).notes if "nc is" in note]
        assert found == [f"{tmp_path}/data.yaml: nc is '2', and names has 3 classes; names counts"][:notes]


def test_images_that_share_a_label_file_are_said(tmp_path):
    write_yolo(tmp_path / "images", tmp_path / "labels")
    write_text(tmp_path / "classes.txt", "cat\ndog\nowl\n")
    write_image(tmp_path / "images" / "a.png", 40, 30)
    data = read_yolo(tmp_path)
    assert len(data.items) == 4
    assert data.notes[-1] == f"{tmp_path}: 2 images whose label file is of another too, by their names: a.jpg, a.png"
