"""Tiles: every object once, whole ones before cut ones."""

import numpy as np

from dlcli.records import Boxes
from dlcli.tasks.detect.tiles import detect_in_tiles


def bright(pixels, score=0.9):
    """A detector of bright rectangles: one box around each connected bright part it sees, as cut as it sees it."""
    import cv2

    _, _, stats, _ = cv2.connectedComponentsWithStats((pixels[:, :, 0] > 128).astype(np.uint8))
    xyxy = np.array([(x, y, x + w, y + h) for x, y, w, h, _ in stats[1:]], np.float32).reshape(-1, 4)
    return Boxes(xyxy, np.full(len(xyxy), score, np.float32), np.zeros(len(xyxy), np.int64))


def nothing_when_large(pixels):
    """Sees nothing in images over 300 pixels, as a network misses what becomes too small."""
    found = bright(pixels)
    return found[:0] if pixels.shape[0] > 300 else found


def scene(*boxes):
    pixels = np.zeros((700, 900, 3), np.uint8)
    for x1, y1, x2, y2 in boxes:
        pixels[y1:y2, x1:x2] = 255
    return pixels


def test_each_object_once_wherever_the_tiles_cut():
    rng = np.random.default_rng(3)
    for _ in range(20):
        x, y = rng.integers(0, 850), rng.integers(0, 650)
        box = (int(x), int(y), int(x) + 40, int(y) + 45)
        found = detect_in_tiles(nothing_when_large, scene(box), 256, 0.25, 0.45)
        assert found.xyxy.tolist() == [list(box)]


def test_an_object_larger_than_a_tile_is_the_whole_images():
    found = detect_in_tiles(bright, scene((50, 60, 800, 500)), 256, 0.2, 0.45)
    assert found.xyxy.tolist() == [[50, 60, 800, 500]]


def test_a_small_image_is_one_tile():
    pixels = scene((10, 10, 30, 30))[:200, :200]
    assert detect_in_tiles(bright, pixels, 256, 0.2, 0.45).xyxy.tolist() == [[10, 10, 30, 30]]


def test_nothing_anywhere():
    assert len(detect_in_tiles(bright, scene(), 256, 0.2, 0.45)) == 0
