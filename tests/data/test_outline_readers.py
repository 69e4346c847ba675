"""Polygons of YOLO and LabelMe as class masks, and what is wrong with some."""

import json

import numpy as np
import pytest
from PIL import Image

from dlcli.data.labelme.masks import read_labelme_masks
from dlcli.data.mask_file import read_mask
from dlcli.data.yolo.masks import read_yolo_masks

SQUARE = [[2, 3], [12, 3], [12, 9], [2, 9]]


def image(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (40, 20)).save(path)


def yolo(folder, *lines):
    image(folder / "images/a.png")
    (folder / "labels").mkdir()
    (folder / "labels/a.txt").write_text("\n".join(lines))
    (folder / "classes.txt").write_text("cat\ndog\n")
    return read_yolo_masks(folder)


def labelme(folder, *shapes):
    image(folder / "a.png")
    content = {"shapes": shapes, "imagePath": "a.png", "imageWidth": 40, "imageHeight": 20}
    (folder / "a.json").write_text(json.dumps(content))
    return read_labelme_masks(folder)


def square_mask(value):
    mask = np.zeros((20, 40), np.uint8)
    mask[3:9, 2:12] = value
    return mask


def test_yolo(tmp_path):
    dataset = yolo(tmp_path, "1 " + " ".join(f"{x / 40} {y / 20}" for x, y in SQUARE), "")
    assert dataset.labels == ("background", "cat", "dog")
    np.testing.assert_array_equal(read_mask(dataset.items[0]), square_mask(2))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1 0.5 0.5 0.1 0.1", "line 1: expected a polygon"),
        ("2 0 0 1 0 1 1", "line 1: unknown class '2'; known: 0 cat, 1 dog"),
        ("1 0 0 1 0 1 1 0.5", "line 1: expected a polygon"),
        ("1 0 0 1 0 1 nan", "line 1: expected a part of the image"),
        ("1 0 0 1 0 1 x", "line 1: expected a part of the image"),
        ("1 0 0 1 0 1 400", "line 1: expected a part of the image"),
    ],
)
def test_a_faulty_line_of_yolo_is_a_problem(tmp_path, line, message):
    dataset = yolo(tmp_path, line)
    assert dataset.items == ()
    assert dataset.problems[0].message.startswith(message)
    assert dataset.problems[0].path == tmp_path / "labels/a.txt"


def test_labelme_groups_and_rectangles(tmp_path):
    parts = [
        {"label": "cat", "points": SQUARE, "group_id": 4},
        {"label": "cat", "group_id": 4, "points": [[20, 3], [30, 3], [30, 9], [20, 9]]},
    ]
    other = {"label": "dog", "points": [[39, 19], [35, 15]], "shape_type": "rectangle", "group_id": 4}
    dataset = labelme(tmp_path, *parts, other, {"label": "cat", "points": [[0, 0], [1, 0], [1, 1]]})
    assert dataset.labels == ("background", "cat", "dog")
    (found,) = dataset.items
    assert [len(region.polygons) for region in found.target.mask] == [2, 1, 1]
    mask = square_mask(1)
    mask[3:9, 20:30] = 1
    mask[15:19, 35:39] = 2
    np.testing.assert_array_equal(read_mask(found)[1:], mask[1:])


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (
            {"shape_type": "circle", "points": [[1, 1], [2, 2]]},
            "shape 1: expected a polygon, rectangle or mask, got 'circle'",
        ),
        ({"points": [[1, 1], [2, 2]]}, "shape 1: expected a polygon, rectangle or mask, got 'polygon' of 2 points"),
        ({"points": SQUARE, "label": ""}, "shape 1: unknown class ''"),
    ],
)
def test_a_faulty_shape_of_labelme_is_a_problem(tmp_path, shape, message):
    dataset = labelme(tmp_path, {"label": "cat"} | shape)
    assert dataset.items == ()
    assert dataset.problems[0].message.startswith(message)


def test_a_damaged_labelme_file_is_a_problem(tmp_path):
    image(tmp_path / "a.png")
    (tmp_path / "a.json").write_text('{"shapes": [')
    assert "not valid JSON" in read_labelme_masks(tmp_path).problems[0].message
