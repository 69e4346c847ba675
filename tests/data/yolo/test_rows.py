"""YOLO's rows as people have them, and label files that meet no image."""

import unicodedata

import numpy as np
import pytest

from dlcli.data.check import check_dataset, drop_bad_files
from dlcli.data.formats import read_dataset
from dlcli.data.kinds import BOXES
from dlcli.data.yolo.boxes import read_yolo
from dlcli.data.yolo.files import yolo_splits
from dlcli.data.yolo.masks import read_yolo_masks
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
    assert "key point" in found.notes[0]


@pytest.mark.parametrize("tracks", ["7 12", "7.0 12.0", "1 1"])
def test_a_score_and_a_track_behind_each_box_are_no_polygon(tmp_path, tracks):
    first, second = tracks.split()
    found = one(tmp_path, f"0 {ROW} 0.91 {first}\n1 {ROW} 0.5 {second}")
    np.testing.assert_array_equal(found.items[0].target.xyxy, [[15, 5, 25, 15]] * 2)
    np.testing.assert_allclose(found.items[0].target.scores, [0.91, 0.5], rtol=1e-6)
    assert "a score and a track's id" in found.notes[0]
    with pytest.raises(DataError, match="a box with a score and a track"):
        raise DataError(read_yolo_masks(tmp_path).problems[0].message)


def test_triangles_stay_polygons(tmp_path):
    """Though one ends in a whole number: not all do."""
    found = one(tmp_path, "0 0.5 0.5 0.25 0.5 0.25 1\n0 0.5 0.5 0.25 0.5 0.25 0.75")
    np.testing.assert_array_equal(found.items[0].target.xyxy, [[10, 10, 20, 20], [10, 10, 20, 15]])


def test_poses_that_no_kpt_shape_announces_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"2 key points of 3 numbers.*write kpt_shape: \[2, 3\]"):
        one(tmp_path, f"1 {ROW} 0.1 0.2 2 0.3 0.4 0\n0 {ROW} 0.3 0.2 1 0.3 0.4 0")


def test_what_the_sixth_column_means_is_decided_by_all_splits(tmp_path):
    write_text(tmp_path / "data.yaml", "names: [cat, dog]\n")
    for split, last in (("train", "1"), ("val", "0.5")):
        write_image(tmp_path / "images" / split / "a.png", 40, 20)
        write_text(tmp_path / "labels" / split / "a.txt", f"0 {ROW} {last}\n")
    for split, score in (("train", 1), ("val", 0.5)):
        found = read_yolo(tmp_path, split)
        assert found.items[0].target.scores.tolist() == [score]
        assert found.notes == ()


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


def test_an_export_goes_before_a_folder_of_that_name_beside_it(tmp_path):
    """Roboflow writes ../train/images, and means the train of the export."""
    write_image(tmp_path / "train" / "images" / "other.png", 40, 20)
    write_yolo(tmp_path / "export" / "train" / "images", tmp_path / "export" / "train" / "labels")
    write_text(tmp_path / "export" / "data.yaml", "train: ../train/images\nnames: [cat, dog, owl]\n")
    assert_is_the_set(read_yolo(tmp_path / "export", "train"))


@pytest.mark.parametrize("place", ["/content/datasets/x/images/train", "C:\\x\\images\\train", "images\\train"])
def test_a_place_of_another_machine_is_found_by_its_end(tmp_path, place):
    write_yolo(tmp_path / "images" / "train", tmp_path / "labels" / "train")
    write_text(tmp_path / "data.yaml", f"train: {place}\nnames: [cat, dog, owl]\n")
    assert_is_the_set(read_yolo(tmp_path, "train"))


def test_a_test_split_that_an_export_lacks_is_said(tmp_path):
    write_yolo(tmp_path / "train" / "images", tmp_path / "train" / "labels")
    places = "train: ../train/images\ntest: ../test/images\n"
    write_text(tmp_path / "data.yaml", f"{places}names: [cat, dog, owl]\n")
    assert yolo_splits(tmp_path) == ["train"]
    assert any("names a split test, which is not there" in note for note in read_yolo(tmp_path, "train").notes)


def test_labels_beside_the_images_with_classes_txt(tmp_path):
    write_yolo(tmp_path, tmp_path)
    write_text(tmp_path / "classes.txt", "cat\ndog\nowl\n")
    assert_is_the_set(read_dataset(BOXES, tmp_path, None))


def test_lists_of_cvat(tmp_path):
    write_yolo(tmp_path / "obj_train_data", tmp_path / "obj_train_data")
    write_text(tmp_path / "train.txt", "".join(f"data/obj_train_data/{name}.jpg\n" for name in "abc"))
    write_text(tmp_path / "obj.names", "cat\ndog\nowl\n")
    assert_is_the_set(read_dataset(BOXES, tmp_path, "train"))


@pytest.mark.parametrize("name", ["valid.txt", "Validation.txt"])
def test_the_validation_list_of_cvat(tmp_path, name):
    for split in ("train", "valid"):
        write_yolo(tmp_path / f"obj_{split}_data", tmp_path / f"obj_{split}_data")
    for split, path in (("train", "train.txt"), ("valid", name)):
        write_text(tmp_path / path, "".join(f"data/obj_{split}_data/{image}.jpg\n" for image in "abc"))
    lists = f"classes = 3\ntrain = data/train.txt\nvalid = data/{name}\nnames = data/obj.names\nbackup = backup/\n"
    write_text(tmp_path / "obj.data", lists)
    write_text(tmp_path / "obj.names", "cat\ndog\nowl\n")
    assert yolo_splits(tmp_path) == ["train", "valid"]
    found = read_dataset(BOXES, tmp_path, "val")
    assert_is_the_set(found)
    assert {item.path.parent.name for item in found.items} == {"obj_valid_data"}


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
