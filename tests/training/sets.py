"""Tiny data sets for the trainers: bright squares on dark noise, in COCO layout."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from dlcli.data.boxes import BoxSet, GroundTruth, box_item

SIDE = 64


def square_image(number: int) -> tuple[np.ndarray, tuple[int, int, int, int]]:
    """uint8 [64, 64, 3], and the square's xyxy."""
    rng = np.random.default_rng(number)
    pixels = rng.integers(0, 60, (SIDE, SIDE, 3), dtype=np.uint8)
    side = int(rng.integers(16, 30))
    x, y = (int(v) for v in rng.integers(0, SIDE - side, 2))
    pixels[y : y + side, x : x + side] = 230
    return pixels, (x, y, x + side, y + side)


def write_squares(folder: Path, train: int = 5, val: int = 2) -> Path:
    """FOLDER/images and FOLDER/annotations with one square an image; splits train and val."""
    (folder / "images").mkdir(parents=True)
    (folder / "annotations").mkdir()
    for split, numbers in (("train", range(train)), ("val", range(100, 100 + val))):
        images, annotations = [], []
        for number in numbers:
            pixels, (x1, y1, x2, y2) = square_image(number)
            Image.fromarray(pixels).save(folder / "images" / f"{number:03}.png")
            images.append({"id": number, "file_name": f"{number:03}.png", "width": SIDE, "height": SIDE})
            box = [x1, y1, x2 - x1, y2 - y1]
            entry = {"id": number, "image_id": number, "category_id": 1, "bbox": box, "area": box[2] * box[3]}
            annotations.append(entry | {"iscrowd": 0})
        content = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "square"}]}
        (folder / "annotations" / f"instances_{split}.json").write_text(json.dumps(content))
    return folder


def detection_set(classes: list[list[int]], labels: int = 3, ignore: bool = False) -> BoxSet:
    """Images without files, one box for each class named."""
    box = (10.0, 10.0, 40.0, 40.0)
    images = [
        box_item(Path(f"{i}.png"), i, (SIDE, SIDE), [GroundTruth(box, c, ignore) for c in row])
        for i, row in enumerate(classes)
    ]
    return BoxSet("coco", tuple(f"label {i}" for i in range(labels)), tuple(images))
