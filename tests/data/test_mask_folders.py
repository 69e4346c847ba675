"""Folders of images and masks read back, however they are split, named and stored."""

import numpy as np
import pytest
from PIL import Image

from dlcli.data.mask_file import read_mask
from dlcli.data.mask_folders import mask_splits, names_in, read_mask_folders
from dlcli.errors import DataError
from tests.data.masks import MASKS, A, B, save_color, save_gray, save_image, save_index, write_masks
from tests.program import SAMPLES


def masks_of(dataset):
    return {image.image_id: read_mask(image) for image in dataset.items}


@pytest.mark.parametrize("save", [save_index, save_gray, save_color])
def test_masks_come_back_however_they_are_stored(tmp_path, save):
    dataset = read_mask_folders(write_masks(tmp_path, save))
    assert dataset.labels == ("background", "dog", "owl")
    assert not dataset.problems
    found = masks_of(dataset)
    for name, mask in MASKS.items():
        assert found[name].dtype == np.uint8
        np.testing.assert_array_equal(found[name], mask)


def test_lists_name_the_splits(tmp_path):
    place = write_masks(tmp_path)
    assert mask_splits(place) == ["train", "val"]
    assert list(masks_of(read_mask_folders(place, "val"))) == ["b"]
    with pytest.raises(DataError, match=r"no split 'test'.*found train, val"):
        read_mask_folders(place, "test")


@pytest.mark.parametrize(
    ("images", "masks"),
    [("images/val", "masks/val"), ("val/images", "val/masks"), ("val", "valannot"), ("images/val", "annotations/val")],
)
def test_folders_name_the_splits(tmp_path, images, masks):
    for split, mask in (("val", A), ("train", B)):
        save_image(tmp_path / images.replace("val", split) / "x.png")
        save_index(tmp_path / masks.replace("val", split) / "x.png", mask)
    assert mask_splits(tmp_path) == ["train", "val"]
    found = read_mask_folders(tmp_path, "val")
    np.testing.assert_array_equal(read_mask(found.items[0]), A)
    assert len(read_mask_folders(tmp_path).items) == 2


def test_given_labels_set_the_numbers_by_name(tmp_path):
    dataset = read_mask_folders(write_masks(tmp_path), None, ("background", "owl", "cat", "dog"))
    assert dataset.labels == ("background", "owl", "cat", "dog")
    np.testing.assert_array_equal(masks_of(dataset)["a"], np.array([0, 3, 1], np.uint8)[A])


def test_a_class_that_given_labels_lack_is_named(tmp_path):
    dataset = read_mask_folders(write_masks(tmp_path), "train", ("background", "dog"))
    with pytest.raises(DataError, match=r"a\.png: value 2 is 'owl', an unknown class; known: background, dog"):
        read_mask(dataset.items[0])


def test_void_in_the_list_of_names_does_not_count(tmp_path):
    dataset = read_mask_folders(write_masks(tmp_path, names=("background", "Void", "owl")), "train")
    assert dataset.labels == ("background", "owl")
    np.testing.assert_array_equal(read_mask(dataset.items[0]), np.array([0, 255, 1], np.uint8)[A])


def test_without_names_classes_are_numbered_over_all_splits(tmp_path):
    place = write_masks(tmp_path, names=(), masks={"a": A.clip(max=1), "b": B})
    assert read_mask_folders(place, "train").labels == ("background", "class 1", "class 2")


def test_black_and_white_masks_are_two_classes(tmp_path):
    white = {name: np.where(mask == 1, 255, 0).astype(np.uint8) for name, mask in MASKS.items()}
    for names, labels in (((), ("background", "class 1")), (("ship",), ("background", "ship"))):
        dataset = read_mask_folders(write_masks(tmp_path, save_gray, names, white), "train")
        assert dataset.labels == labels
        np.testing.assert_array_equal(read_mask(dataset.items[0]), A == 1)


def test_colors_of_a_labelmap(tmp_path):
    palette = np.array([[0, 0, 0], [250, 50, 83], [36, 179, 83]], np.uint8)
    rows = ["# label:color_rgb:parts:actions", "background:0,0,0::", "owl:36,179,83::", "dog:250,50,83::"]
    place = write_masks(tmp_path, lambda path, mask: save_color(path, mask.clip(max=2), palette))
    (place / "labelmap.txt").write_text("\n".join(rows))
    dataset = read_mask_folders(place, "train")
    assert dataset.labels == ("background", "owl", "dog")
    np.testing.assert_array_equal(read_mask(dataset.items[0]), np.array([0, 2, 1], np.uint8)[A])
    (place / "labelmap.txt").write_text("owl:36,179::")
    with pytest.raises(DataError, match=r"labelmap\.txt: expected lines such as"):
        read_mask_folders(place, "train")


def test_what_has_no_partner_is_a_problem(tmp_path):
    place = write_masks(tmp_path)
    save_image(place / "images" / "alone.jpg")
    (place / "train.txt").write_text("a\ngone\nalone\n")
    dataset = read_mask_folders(place, "train")
    assert [image.image_id for image in dataset.items] == ["a"]
    assert [str(problem) for problem in dataset.problems] == [
        f"{place / 'train.txt'}: gone: no such image in {place / 'images'}",
        f"{place / 'images' / 'alone.jpg'}: no mask of that name in {place / 'masks'}",
    ]


def test_masks_may_add_an_ending_to_the_name(tmp_path):
    save_image(tmp_path / "images" / "x.jpg")
    save_index(tmp_path / "masks" / "x_mask.png", A)
    np.testing.assert_array_equal(read_mask(read_mask_folders(tmp_path).items[0]), A)


def test_names_repeat_or_are_missing(tmp_path):
    place = write_masks(tmp_path, names=("background", "dog", "dog"))
    with pytest.raises(DataError, match=r"classes\.txt: expected 1 to 255 names, each once, got 3, again: dog"):
        read_mask_folders(place)


@pytest.mark.parametrize(("text", "error"), [("", "found none"), ("../../x\n", "expected names of images")])
def test_lists_that_name_nothing_below(tmp_path, text, error):
    (tmp_path / "train.txt").write_text(text)
    with pytest.raises(DataError, match=error):
        names_in(tmp_path / "train.txt")


def test_camvid_lines_name_images_by_paths(tmp_path):
    (tmp_path / "train.txt").write_text("/SegNet/CamVid/train/0001TP_006690.png /SegNet/trainannot/0001TP_006690.png\n")
    assert names_in(tmp_path / "train.txt") == ["0001TP_006690"]


def test_the_sample_shapes():
    dataset = read_mask_folders(SAMPLES / "shapes", "train")
    assert dataset.labels == ("background", "circle", "square", "triangle")
    assert len(dataset.items) == 30
    stored = np.array(Image.open(SAMPLES / "shapes" / "masks" / "01.png"))
    np.testing.assert_array_equal(read_mask(dataset.items[0]), stored)


def test_an_image_or_mask_of_the_same_name_in_another_format_is_said(tmp_path):
    folder = write_masks(tmp_path)
    save_image(folder / "images" / "a.png")
    save_image(folder / "masks" / "b.tif")
    data = read_mask_folders(folder)
    assert [item.path.name for item in data.items] == ["a.jpg", "b.jpg"]
    what = "2 files of the name of another in another format, left out: images/a.png, masks/b.tif"
    assert data.notes[-1] == f"{folder}: {what}"


def test_a_folder_on_one_side_alone_is_said(tmp_path):
    for folder in ("images/a", "images/b"):
        save_image(tmp_path / folder / "x.jpg")
    for folder in ("masks/a", "masks/c"):
        save_index(tmp_path / folder / "x.png", A)
    data = read_mask_folders(tmp_path)
    assert len(data.items) == 1
    what = "2 folders without one of that name on the other side, left out: images/b, masks/c"
    assert data.notes[0] == f"{tmp_path}: {what}"
