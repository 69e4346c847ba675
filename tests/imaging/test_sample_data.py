"""The sample folder is what its scripts make, and its labels fit its images."""

import json
import runpy

import numpy as np
import pytest
from PIL import Image

from tests.imaging.images import SAMPLES

SHAPES = SAMPLES / "shapes"


def test_sizes_stay_small():
    assert all(path.stat().st_size <= 120_000 for path in SAMPLES.glob("*.jpg"))
    assert sum(path.stat().st_size for path in SHAPES.rglob("*")) < 1_500_000


def test_every_image_is_credited():
    text = (SAMPLES / "README.md").read_text()
    for path in [*SAMPLES.glob("*.jpg"), *(SAMPLES / "broken").iterdir()]:
        assert f"`{path.name}`" in text


def test_damaged_sample_hides_its_damage_from_both_ends():
    data = (SAMPLES / "broken" / "damaged.jpg").read_bytes()
    assert data[:2] == b"\xff\xd8"
    assert data[-2:] == b"\xff\xd9"
    Image.open(SAMPLES / "broken" / "damaged.jpg").load()  # Pillow sees nothing wrong with it


def load(part: str) -> dict:
    return json.loads((SHAPES / "annotations" / f"instances_{part}.json").read_text())


@pytest.mark.parametrize(("part", "count"), [("train", 30), ("val", 10)])
def test_boxes_fit_the_masks(part, count):
    coco = load(part)
    assert len(coco["images"]) == count
    assert {a["category_id"] for a in coco["annotations"]} == {1, 2, 3}
    for image in coco["images"]:
        mask = np.array(Image.open(SHAPES / "masks" / image["file_name"]))
        assert mask.shape == (image["height"], image["width"])
        assert Image.open(SHAPES / "masks" / image["file_name"]).mode == "P"
        found = [a for a in coco["annotations"] if a["image_id"] == image["id"]]
        assert sum(a["area"] for a in found) == np.count_nonzero(mask)
        covered = np.zeros(mask.shape, bool)
        for a in found:
            x, y, w, h = a["bbox"]
            covered[y : y + h, x : x + w] = True
            assert 0 < a["area"] <= w * h
        assert covered[mask > 0].all()


def test_script_draws_the_same_scenes_again():
    draw_scene = runpy.run_path(str(SAMPLES / "make_shapes.py"))["draw_scene"]
    pixels, mask, _ = draw_scene(np.random.default_rng([7, 2]))
    np.testing.assert_array_equal(pixels, np.array(Image.open(SHAPES / "images" / "03.png")))
    np.testing.assert_array_equal(mask, np.array(Image.open(SHAPES / "masks" / "03.png")))
