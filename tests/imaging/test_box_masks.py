"""Masks guessed from boxes, on drawn and on real images."""

import cv2
import numpy as np
import pytest
from PIL import Image

from dlcli.imaging.box_masks import BACKGROUND, VOID, cut_out, mask_from_boxes
from dlcli.imaging.reader import read_image
from dlcli.records import Source
from tests.program import SAMPLES

SHAPES = SAMPLES / "shapes"


def scene():
    """A bright disc of radius 40 on a dark, noisy ground: pixels, where the disc is, its box."""
    noise = np.random.default_rng(0).integers(0, 30, (160, 200, 3))
    pixels = (noise + 20).astype(np.uint8)
    cv2.circle(pixels, (100, 80), 40, (220, 180, 60), -1)
    disc = np.zeros((160, 200), np.uint8)
    cv2.circle(disc, (100, 80), 40, 1, -1)
    return pixels, disc.astype(bool), np.array([[60, 40, 141, 121]], np.float32)


def masks(pixels, boxes, values=(7,), unsure=(False,)):
    return mask_from_boxes(pixels, boxes, np.array(values, np.uint8), np.array(unsure))


def iou(one, other):
    return (one & other).sum() / (one | other).sum()


def test_a_disc_is_found_and_its_surroundings_are_background():
    pixels, disc, box = scene()
    mask = masks(pixels, box)
    assert iou(mask == 7, disc) > 0.9
    outside = np.ones(disc.shape, bool)
    outside[40:121, 60:141] = False
    assert (mask[outside] == BACKGROUND).all()
    assert set(np.unique(mask)) <= {BACKGROUND, VOID, 7}


def test_the_same_image_gives_the_same_mask():
    pixels, _, box = scene()
    assert np.array_equal(masks(pixels, box), masks(pixels, box))


def test_an_unsure_box_is_void():
    pixels, _, box = scene()
    mask = masks(pixels, box, unsure=(True,))
    assert (mask[40:121, 60:141] == VOID).all()
    assert (mask == VOID).sum() == 81 * 81


def test_one_color_gives_the_middle_of_the_box():
    found, clear = cut_out(np.full((100, 100, 3), 90, np.uint8), (20, 20, 80, 80))
    assert found[12:48, 12:48].all()
    assert np.array_equal(found, clear)


def test_a_small_box_goes_over_a_large_one():
    pixels, _, box = scene()
    small = np.array([[90, 70, 110, 90]], np.float32)
    both = np.concatenate([small, box])
    mask = masks(pixels, both, (3, 7), (False, False))
    assert (mask[75:85, 95:105] == 3).any()


@pytest.mark.parametrize("box", [[0, 0, 1, 1], [-9, -9, -2, -2], [50, 50, 50, 90], [300, 10, 400, 20]])
def test_boxes_without_room_change_nothing(box):
    pixels, _, _ = scene()
    assert (masks(pixels, np.array([box], np.float32)) == BACKGROUND).all()


def test_no_box_no_object():
    pixels, _, _ = scene()
    assert not masks(pixels, np.zeros((0, 4), np.float32), (), ()).any()


def test_it_helps_on_the_sample_shapes():
    """Against the drawn truth: better than calling the whole box the object."""
    ours, boxes = [], []
    for name in ("01", "02", "03", "04"):
        truth = np.array(Image.open(SHAPES / "masks" / f"{name}.png"))
        pixels = read_image(Source.of_file(SHAPES / "images" / f"{name}.png")).pixels
        for value in np.unique(truth[(truth > 0) & (truth < 255)]):
            count, _, stats, _ = cv2.connectedComponentsWithStats((truth == value).astype(np.uint8))
            if count != 2:
                continue
            x, y, w, h = stats[1, :4]
            box = np.array([[x, y, x + w, y + h]], np.float32)
            whole = np.zeros(truth.shape, bool)
            whole[y : y + h, x : x + w] = True
            ours.append(iou(masks(pixels, box, (value,)) == value, truth == value))
            boxes.append(iou(whole, truth == value))
    assert len(ours) > 3
    assert np.mean(ours) > np.mean(boxes) + 0.05
