"""Copies and near-copies are one group; other images are not."""

import numpy as np
from PIL import Image

from dlcli.imaging.look import like_groups, look_of
from tests.program import SAMPLES


def test_copies_and_near_copies_share_a_group(tmp_path):
    cat = Image.open(SAMPLES / "cat.jpg").convert("RGB")
    cat.save(tmp_path / "same.png")
    cat.resize((cat.width // 2, cat.height // 2)).save(tmp_path / "small.jpg", quality=60)
    Image.fromarray((np.asarray(cat) * 0.7).astype(np.uint8)).save(tmp_path / "dark.png")
    for number in (1, 2):
        Image.new("RGB", (20, 20), (9, 9, 9 * number)).save(tmp_path / f"flat{number}.png")
    Image.new("RGB", (20, 20), (9, 9, 9)).save(tmp_path / "flat3.png")
    names = ["same.png", "small.jpg", "dark.png", "flat1.png", "flat2.png", "flat3.png"]
    paths = [SAMPLES / "coffee.jpg", *(tmp_path / name for name in names), SAMPLES / "cat.jpg", SAMPLES / "rocket.jpg"]
    assert like_groups([look_of(path) for path in paths]).tolist() == [0, 1, 1, 1, 4, 5, 4, 1, 8]
    assert like_groups([]).tolist() == []
