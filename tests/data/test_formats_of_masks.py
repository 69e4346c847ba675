"""The layout of a set of masks is found by looking; VOC and COCO give the same masks as folders do."""

import json

import numpy as np
import pytest

from dlcli.data import kinds
from dlcli.data.formats import dataset_splits, read_dataset
from dlcli.data.mask_file import read_mask
from dlcli.data.mask_names import VOC_NAMES
from dlcli.errors import DataError
from tests.data.masks import MASKS, A, B, save_color, save_image, save_index, write_masks
from tests.program import SAMPLES


def write_voc(folder, save=save_index):
    for name, mask in MASKS.items():
        save_image(folder / "JPEGImages" / f"{name}.jpg")
        save(folder / "SegmentationClass" / f"{name}.png", mask)
    save_image(folder / "JPEGImages" / "unmasked.jpg")
    lists = folder / "ImageSets" / "Segmentation"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("a\n")
    (lists / "val.txt").write_text("b\n")
    return folder


@pytest.mark.parametrize("save", [save_index, save_color])
def test_voc_has_its_own_names(tmp_path, save):
    place = write_voc(tmp_path, save)
    assert dataset_splits(kinds.MASKS, place) == ["train", "val"]
    dataset = read_dataset(kinds.MASKS, place, "val")
    assert (dataset.format, dataset.labels) == ("voc", VOC_NAMES)
    assert dataset.labels[15] == "person"
    np.testing.assert_array_equal(read_mask(dataset.items[0]), B)
    assert [image.image_id for image in read_dataset(kinds.MASKS, place, "all").items] == ["a", "b"]


def test_voc_layout_with_other_classes(tmp_path):
    place = write_voc(tmp_path)
    (place / "classes.txt").write_text("_background_\ndog\nowl\n")
    dataset = read_dataset(kinds.MASKS, place, "train", ("owl", "dog", "background"))
    np.testing.assert_array_equal(read_mask(dataset.items[0]), np.array([2, 1, 0], np.uint8)[A])


def test_synonyms_of_splits(tmp_path):
    place = write_masks(tmp_path)
    (place / "val.txt").rename(place / "valid.txt")
    assert len(read_dataset(kinds.MASKS, place, "val").items) == 1


def test_coco_outlines_of_the_sample_shapes_are_their_masks():
    folders = read_dataset(kinds.MASKS, SAMPLES / "shapes", "val")
    coco = read_dataset(kinds.MASKS, SAMPLES / "shapes" / "annotations" / "instances_val.json", None)
    assert coco.labels == folders.labels
    for drawn, stored in zip(coco.items, folders.items, strict=True):
        assert drawn.path == stored.path
        assert (read_mask(drawn) == read_mask(stored)).mean() > 0.985  # outlines run through pixel centers


def coco_set(folder, annotations):
    save_image(folder / "images" / "a.jpg")
    images = [{"id": 1, "file_name": "a.jpg", "width": 40, "height": 30}]
    categories = [{"id": 3, "name": "dog"}, {"id": 8, "name": "owl"}]
    entries = [{"id": number, "image_id": 1, "iscrowd": 0, **entry} for number, entry in enumerate(annotations)]
    (folder / "instances.json").write_text(
        json.dumps({"images": images, "categories": categories, "annotations": entries})
    )
    return folder


def test_coco_rectangles_and_run_lengths_are_exact(tmp_path):
    from pycocotools import mask as oracle

    owl = oracle.encode(np.asfortranarray((A == 2).astype(np.uint8)))
    entries = [
        {"category_id": 3, "segmentation": [[5, 5, 20, 5, 20, 15, 5, 15]]},
        {"category_id": 8, "segmentation": {"size": [30, 40], "counts": owl["counts"].decode()}},
    ]
    dataset = read_dataset(kinds.MASKS, coco_set(tmp_path, entries), None)
    assert dataset.labels == ("background", "dog", "owl")
    np.testing.assert_array_equal(read_mask(dataset.items[0]), A)


def test_the_smaller_of_two_objects_is_in_front(tmp_path):
    small = {"category_id": 3, "segmentation": [[10, 10, 14, 10, 14, 14, 10, 14]]}
    large = {"category_id": 8, "segmentation": [[0, 0, 40, 0, 40, 30, 0, 30]]}
    dataset = read_dataset(kinds.MASKS, coco_set(tmp_path, [small, large]), None)
    mask = read_mask(dataset.items[0])
    assert (mask[10:14, 10:14] == 1).all()
    assert np.count_nonzero(mask == 2) == 40 * 30 - 16


@pytest.mark.parametrize(
    ("segmentation", "error"),
    [
        ([[1, 2, 3, 4]], "at least 3 corners"),
        ([], "expected a segmentation"),
        (None, "expected a segmentation"),
        ({"size": [30, 40], "counts": [3, 4]}, "run lengths of 7 pixels, expected 30x40"),
        ({"size": [30, 40], "counts": "~"}, "compressed form"),
        ({"size": [30, 40]}, "expected run lengths"),
        ([[0, 0, "x", 1, 2, 2]], r"polygon\[2\]"),
    ],
)
def test_what_is_no_segmentation_is_a_problem(tmp_path, segmentation, error):
    dataset = read_dataset(kinds.MASKS, coco_set(tmp_path, [{"category_id": 3, "segmentation": segmentation}]), None)
    assert not dataset.items
    assert len(dataset.problems) == 1
    with pytest.raises(AssertionError, match=error):
        raise AssertionError(str(dataset.problems[0]))


def test_nothing_that_fits(tmp_path):
    with pytest.raises(DataError, match="found no masks in a known format; looked for VOC"):
        read_dataset(kinds.MASKS, tmp_path, "val")
    with pytest.raises(DataError, match="no such folder"):
        read_dataset(kinds.MASKS, tmp_path / "gone", "val")
    (tmp_path / "x.yaml").write_text("names: [a]\n")
    with pytest.raises(DataError, match=r"got \.yaml"):
        read_dataset(kinds.MASKS, tmp_path / "x.yaml", "val")
