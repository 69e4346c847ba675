"""LabelMe's shapes as tools of its kind write them: corners, masks, groups, and what does not count."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from dlcli.data.labelme.boxes import read_labelme
from dlcli.data.labelme.masks import read_labelme_masks
from dlcli.data.mask_file import read_mask
from dlcli.data.masks import VOID
from tests.data.sets import write_image, write_text

CORNERS = [[10, 10], [40, 10], [40, 30], [10, 30]]


def write(folder, *shapes):
    write_image(folder / "a.jpg", 96, 64)
    content = {"shapes": list(shapes), "imagePath": "a.jpg", "imageWidth": 96, "imageHeight": 64}
    write_text(folder / "a.json", json.dumps(content))
    return folder


def shape(points, kind="polygon", label="cat", **more):
    return {"label": label, "points": points, "shape_type": kind, **more}


def png(mask):
    data = io.BytesIO()
    Image.fromarray(mask.astype(np.uint8) * 255).save(data, "PNG")
    return base64.b64encode(data.getvalue()).decode()


def test_a_rectangle_of_four_corners_is_its_box(tmp_path):
    (item,) = read_labelme(write(tmp_path, shape(CORNERS, "rectangle"))).items
    assert item.target.xyxy.tolist() == [[10, 10, 40, 30]]
    assert item.target.outlines == 0


def test_a_mask_keeps_its_size(tmp_path):
    """Its last point is a pixel of it: 10 to 40 are 31 pixels."""
    inside = np.random.default_rng(0).random((21, 31)) < 0.5
    folder = write(tmp_path, shape([[10, 10], [40, 30]], "mask", mask=png(inside)))
    assert read_labelme(folder).items[0].target.xyxy.tolist() == [[10, 10, 41, 31]]
    mask = read_mask(read_labelme_masks(folder).items[0])
    np.testing.assert_array_equal(mask[10:31, 10:41], inside)
    assert mask.sum() == inside.sum()


def test_a_mask_whose_last_point_lies_behind_it(tmp_path):
    folder = write(tmp_path, shape([[10, 10], [40, 30]], "mask", mask=png(np.ones((20, 30)))))
    assert read_labelme(folder).items[0].target.xyxy.tolist() == [[10, 10, 40, 30]]
    assert read_mask(read_labelme_masks(folder).items[0])[10:30, 10:40].all()


@pytest.mark.parametrize("points", [[[10, 10], [43, 30]], [[70, 50], [100, 70]]])
def test_a_mask_that_its_points_contradict_is_a_problem(tmp_path, points):
    folder = write(tmp_path, shape(points, "mask", mask=png(np.ones((21, 31)))))
    assert "mask: it" in read_labelme_masks(folder).problems[0].message


def test_shapes_of_a_group_are_one_object(tmp_path):
    parts = [shape([[1, 1], [5, 1], [5, 9]], group_id=3), shape([[20, 20], [30, 20], [30, 40]], group_id=3)]
    folder = write(tmp_path, *parts, shape(CORNERS, "rectangle"), shape(CORNERS, label="dog", group_id=3))
    (item,) = read_labelme(folder).items
    assert item.target.xyxy.tolist() == [[1, 1, 30, 40], [10, 10, 40, 30], [10, 10, 40, 30]]
    assert item.target.class_ids.tolist() == [0, 0, 1]


def test_what_is_to_be_ignored_counts_neither_way(tmp_path):
    """For boxes it is a crowd of each class, for masks VOID; it is no class, listed or not."""
    folder = write(tmp_path, shape(CORNERS), shape([[50, 20], [80, 20], [80, 60], [50, 60]], label="__ignore__"))
    for _ in range(2):
        data = read_labelme(folder)
        assert data.labels == ("cat",)
        (item,) = data.items
        assert item.target.ignore.tolist() == item.target.crowd.tolist() == [False, True]
        assert "1 shape __ignore__" in data.notes[0]
        mask = read_mask(read_labelme_masks(folder).items[0])
        assert (mask == VOID).sum() == 30 * 40
        assert (mask == 1).sum() == 30 * 20
        write_text(folder / "labels.txt", "__ignore__\n_background_\ncat\n")
