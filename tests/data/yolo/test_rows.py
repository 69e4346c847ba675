"""YOLO's rows as people have them, and label files that meet no image."""

import unicodedata

import numpy as np
import pytest

from dlcli.data.check import check_dataset, drop_bad_files
from dlcli.data.formats import read_dataset
from dlcli.data.kinds import BOXES
from dlcli.data.yolo.boxes import read_yolo
from dlcli.data.yolo.files import yolo_splits
from dlcli.errors import DataError
from tests.data.sets import assert_is_the_set, write_image, write_text, write_yolo

ROW = "0.5 0.5 0.25 0.5"


def one(folder, line, names="names: [cat, dog]\n"):
    write_image(folder / "images" / "a.png", 40, 20)
    write_text(folder / "labels" / "a.txt", line + "\n")
    write_text(folder / "data.yaml", names)
    return read_yolo(folder)


@pytest.mark.parametrize("word", ["1", "1.0", "1.000000000000000000e+00"])
def test_a_class_as_a_float_is_a_class(tmp_path, word):
    assert one(tmp_path, f"{word} {ROW}").items[0].target.class_ids.tolist() == [1]


@pytest.mark.parametrize(
    ("lines", "scores"),
    [
        (["0 {} 7", "1 {} 0"], None),  # track ids
        (["0 {} 7.0", "1 {} 0.0"], None),
        (["0 {} 1.000e+00", "1 {} 0.000e+00"], None),
        (["0 {} 1.0000", "1 {} 0.0000"], [1, 0]),  # as this program writes scores
        (["0 {} 0.5", "1 {} 1"], [0.5, 1]),
        (["0 {}", "1 {} 1"], None),
    ],
)
def test_whole_numbers_behind_all_boxes_are_no_scores(tmp_path, lines, scores):
    found = one(tmp_path, "\n".join(line.format(ROW) for line in lines))
    assert found.problems == ()
    (item,) = found.items
    np.testing.assert_array_equal(item.target.xyxy, [[15, 5, 25, 15]] * 2)
    assert (None if item.target.scores is None else item.target.scores.tolist()) == scores
    assert bool(found.notes) == (scores is None)


@pytest.mark.parametrize(
    ("shape", "points"), [("[1, 2]", "0.1 0.2"), ("[2, 3]", "0.1 0.2 2 0.3 0.4 0"), ("[1, 3]", "0 0 2")]
)
def test_key_points_follow_a_box(tmp_path, shape, points):
    found = one(tmp_path, f"1 {ROW} {points}", f"names: [cat, dog]\nkpt_shape: {shape}\n")
    np.testing.assert_array_equal(found.items[0].target.xyxy, [[15, 5, 25, 15]])
    assert found.items[0].target.outlines == 0
    assert "key points" in found.notes[0]


SPELLINGS = [
    ("\u00e9.jpg", unicodedata.normalize("NFD", "\u00e9") + ".txt"),
    ("a.jpg", "A.txt"),
    ("a.jpg", "a.TXT"),
    ("x.jpg", "x.jpg.txt"),
]


@pytest.mark.parametrize(("image", "label"), SPELLINGS)
def test_a_label_file_in_another_spelling_is_named_and_its_image_left_out(tmp_path, image, label):
    write_image(tmp_path / "images" / image, 40, 20)
    write_image(tmp_path / "images" / "good.jpg", 40, 20)
    write_image(tmp_path / "images" / "bare.jpg", 40, 20)
    write_text(tmp_path / "labels" / label, f"0 {ROW}\n")
    write_text(tmp_path / "labels" / "good.txt", f"0 {ROW}\n")
    write_text(tmp_path / "data.yaml", "names: [cat]\n")
    data = read_dataset(BOXES, tmp_path, None)
    problems = check_dataset(BOXES, data)
    assert [problem.path.name for problem in problems] == [label]
    assert f"{image} is spelled otherwise" in problems[0].message
    with pytest.raises(DataError, match="1 bad file"):
        drop_bad_files(data, problems, None)
    kept = drop_bad_files(data, problems, lambda _: None)
    assert sorted(item.path.name for item in kept.items) == ["bare.jpg", "good.jpg"]


def test_a_label_file_without_any_image_leaves_out_those_without_a_label_file(tmp_path):
    for name in ("a", "b", "c"):
        write_image(tmp_path / "images" / f"{name}.jpg", 40, 20)
    write_text(tmp_path / "labels" / "a.txt", f"0 {ROW}\n")
    write_text(tmp_path / "labels" / "b.txt", "")
    write_text(tmp_path / "labels" / "c_old.txt", f"0 {ROW}\n")
    write_text(tmp_path / "data.yaml", "names: [cat]\n")
    data = read_yolo(tmp_path)
    assert [item.path.name for item in data.items] == ["a.jpg", "b.jpg"]
    assert "c_old.txt: is of no image" in str(data.problems[0])
    assert "images without one, which are left out: c.jpg" in data.problems[1].message


def test_a_folder_that_the_yaml_calls_val_is_no_split_of_its_own(tmp_path):
    for split in ("train", "valid"):
        write_yolo(tmp_path / split / "images", tmp_path / split / "labels")
    write_text(tmp_path / "data.yaml", "train: ../train/images\nval: ../valid/images\nnames: [cat, dog, owl]\n")
    assert yolo_splits(tmp_path) == ["train", "val"]
    assert_is_the_set(read_yolo(tmp_path, "val"))


def test_labels_beside_the_images_with_classes_txt(tmp_path):
    write_yolo(tmp_path, tmp_path)
    write_text(tmp_path / "classes.txt", "cat\ndog\nowl\n")
    assert_is_the_set(read_dataset(BOXES, tmp_path, None))


def test_lists_of_cvat(tmp_path):
    write_yolo(tmp_path / "obj_train_data", tmp_path / "obj_train_data")
    write_text(tmp_path / "train.txt", "".join(f"data/obj_train_data/{name}.jpg\n" for name in "abc"))
    write_text(tmp_path / "obj.names", "cat\ndog\nowl\n")
    assert_is_the_set(read_dataset(BOXES, tmp_path, "train"))


def test_label_files_without_names_say_what_is_lacking(tmp_path):
    write_yolo(tmp_path / "images" / "train", tmp_path / "labels" / "train")
    with pytest.raises(DataError, match=r"nothing that names the classes; expected data\.yaml"):
        read_dataset(BOXES, tmp_path, "train")


def test_what_systems_leave_behind_is_no_image(tmp_path):
    write_yolo(tmp_path / "images", tmp_path / "labels")
    write_text(tmp_path / "data.yaml", "names: [cat, dog, owl]\n")
    write_image(tmp_path / "images" / ".ipynb_checkpoints" / "a-checkpoint.jpg", 10, 10)
    write_text(tmp_path / "images" / "._a.jpg", "resource fork")
    write_text(tmp_path / "images" / "Thumbs.db", "")
    assert_is_the_set(read_yolo(tmp_path))
