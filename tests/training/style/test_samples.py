"""What the training of a style model sees of photographs."""

import random

import cv2
import numpy as np
import pytest

from dlcli.errors import DataError
from dlcli.records import Source
from dlcli.training.style.samples import StyleSamples
from tests.program import CAT


def test_parts_of_one_color_are_not_learned_from(tmp_path):
    """Their gradient has no limit; a folder of nothing else is refused."""
    cv2.imwrite(str(tmp_path / "flat.png"), np.full((64, 64, 3), 90, np.uint8))
    flat, cat = Source.of_file(tmp_path / "flat.png"), Source.of_file(CAT)
    samples = StyleSamples((flat, flat, flat, cat), (), size=32, batch=1, seed=0)
    crops = [samples.crop(random.Random(number)) for number in range(6)]
    assert all(crop.std() > 2 / 255 for crop in crops)
    assert {tuple(crop.shape) for crop in crops} == {(1, 3, 32, 32)}
    with pytest.raises(DataError, match=r"flat\.png: 50 parts of images in a row are of one color"):
        StyleSamples((flat,), (), size=32, batch=1, seed=0).crop(random.Random(0))
