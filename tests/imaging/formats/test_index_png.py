"""Index masks read back by another library, in VOC's colors."""

from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image

from dlcli.imaging.formats.index_png import encode_gray_png, encode_index_png, voc_color, voc_palette


def test_the_palette_is_vocs():
    slow = np.zeros((256, 3), np.uint8)
    for class_id in range(256):
        bits = class_id
        for shift in range(7, -1, -1):
            for channel in range(3):
                slow[class_id, channel] |= ((bits >> channel) & 1) << shift
            bits >>= 3
    np.testing.assert_array_equal(voc_palette(), slow)
    assert voc_color(1) == (128, 0, 0)
    assert voc_color(15) == (192, 128, 128)
    assert voc_color(20) == (0, 64, 128)
    assert voc_color(255) == (224, 224, 192)


def test_index_and_colors_read_back():
    mask = np.random.default_rng(0).integers(0, 256, (33, 47), np.uint8)
    data = encode_index_png(mask)
    image = Image.open(BytesIO(data))
    assert image.mode == "P"
    np.testing.assert_array_equal(np.array(image), mask)
    colors = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    np.testing.assert_array_equal(colors, voc_palette()[mask])
    assert encode_index_png(mask[:, ::2].copy()) == encode_index_png(mask[:, ::2])


def test_gray_reads_back():
    values = np.random.default_rng(0).integers(0, 256, (5, 7), np.uint8)
    np.testing.assert_array_equal(np.array(Image.open(BytesIO(encode_gray_png(values)))), values)


def test_other_arrays_are_refused():
    with pytest.raises(ValueError, match=r"expected uint8 \[H, W\], got int64 \[2, 2\]"):
        encode_index_png(np.zeros((2, 2), np.int64))
