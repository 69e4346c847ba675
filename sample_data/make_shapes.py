"""Draws sample_data/shapes/: 40 small scenes of circles, squares and triangles, so that a trainer can be tried in
seconds. Seeded: the same scenes on every run. Run from anywhere: python sample_data/make_shapes.py

    images/NN.png                    160 x 128, textured backgrounds, shapes that may overlap and leave the image
    annotations/instances_train.json COCO boxes and areas, 30 images; instances_val.json: the other 10
    masks/NN.png                     indexed PNG: 0 background, 1 circle, 2 square, 3 triangle
    classes.txt                      what the masks' values mean, from 0, one name a line
    train.txt, val.txt               the names of each part, one a line, without the suffix
    ../shapes.csv                    filename,label,split: which shapes are in each image, several parted by |
"""

import json
import math
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

FOLDER = Path(__file__).parent / "shapes"
WIDTH, HEIGHT = 160, 128
CLASSES = ("circle", "square", "triangle")
SCENES, TRAIN = 40, 30
FINE = 4  # shapes are drawn this much larger and averaged, for smooth edges
LEAST_VISIBLE = 0.6  # share of every shape that is neither covered nor outside
PALETTE = (0, 0, 0, 230, 90, 60, 70, 160, 240, 120, 200, 80)


def main() -> None:
    for name in ("images", "masks", "annotations"):
        (FOLDER / name).mkdir(parents=True, exist_ok=True)
    scenes = [draw_scene(np.random.default_rng([7, index])) for index in range(SCENES)]
    for index, (pixels, mask, _) in enumerate(scenes, start=1):
        save_pair(f"{index:02}", pixels, mask)
    (FOLDER / "classes.txt").write_text("".join(f"{name}\n" for name in ("background", *CLASSES)))
    save_part("train", scenes[:TRAIN], first=1)
    save_part("val", scenes[TRAIN:], first=TRAIN + 1)
    save_kinds(scenes)


def draw_scene(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, list[tuple[int, np.ndarray]]]:
    """Pixels uint8 [H, W, 3], class mask uint8 [H, W], and for each shape its class id and visible bool [H, W]."""
    pixels = background(rng)
    shapes: list[tuple[int, np.ndarray]] = []
    wanted = int(rng.integers(1, 5))
    while len(shapes) < wanted:
        class_id = int(rng.integers(1, 4))
        cover, whole_area = draw_cover(class_id, rng)
        color, solid = shape_color(rng, pixels), cover > 0.5
        rest = [(known, visible & ~solid) for known, visible in shapes]
        fits = solid.sum() >= LEAST_VISIBLE * whole_area
        if fits and all(
            new.sum() >= LEAST_VISIBLE * old.sum() for (_, new), (_, old) in zip(rest, shapes, strict=True)
        ):
            pixels = pixels * (1 - cover[..., None]) + color * cover[..., None]
            shapes = [*rest, (class_id, solid)]
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    for class_id, visible in shapes:
        mask[visible] = class_id
    return np.rint(pixels).astype(np.uint8), mask, shapes


def background(rng: np.random.Generator) -> np.ndarray:
    """float64 [H, W, 3]: two colors mixed by stripes, checks or clouds, in few levels so that the PNG stays small."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    angle, period = rng.uniform(0, math.pi), rng.uniform(8, 24)
    along, across = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
    kind = int(rng.integers(3))
    if kind == 0:
        field = 0.5 + 0.5 * np.sin(along * 2 * math.pi / period)
    elif kind == 1:
        field = ((along // period + across // period) % 2).astype(float)
    else:
        field = cv2.resize(rng.random((8, 10)), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    grain = cv2.resize(rng.random((HEIGHT // 2, WIDTH // 2)), (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)
    mix = np.round(np.clip(0.8 * field + 0.2 * grain, 0, 1) * 8)[..., None] / 8
    first = rng.uniform(40, 215, 3)
    second = np.clip(first + rng.uniform(-60, 60, 3), 0, 255)
    return first * (1 - mix) + second * mix


def draw_cover(class_id: int, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Coverage float64 [H, W] in [0, 1] of one shape at a random place, size and turn, and its whole area."""
    radius = rng.uniform(11, 30)
    center = np.array([rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)])
    corners = {1: 64, 2: 4, 3: 3}[class_id]
    angles = rng.uniform(0, 2 * math.pi) + np.arange(corners) * 2 * math.pi / corners
    points = center + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)  # [corners, 2]
    large = np.zeros((HEIGHT * FINE, WIDTH * FINE), np.uint8)
    cv2.fillPoly(large, [np.round(points * FINE).astype(np.int32)], 255)
    area = corners / 2 * radius**2 * math.sin(2 * math.pi / corners)
    return cv2.resize(large, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) / 255, area


def shape_color(rng: np.random.Generator, pixels: np.ndarray) -> np.ndarray:
    """A color that says nothing about the class and stands off the image's mean."""
    mean = pixels.mean(axis=(0, 1))
    while True:
        color = np.round(rng.uniform(0, 255, 3))
        if np.abs(color - mean).sum() > 180:
            return color


def save_pair(name: str, pixels: np.ndarray, mask: np.ndarray) -> None:
    Image.fromarray(pixels).save(FOLDER / "images" / f"{name}.png", optimize=True)
    indexed = Image.fromarray(mask, "P")
    indexed.putpalette(PALETTE)
    indexed.save(FOLDER / "masks" / f"{name}.png", optimize=True)


def save_part(part: str, scenes: list, first: int) -> None:
    """The COCO file and the list of names of one part; boxes are those of the visible pixels."""
    images, annotations = [], []
    for index, (_, _, shapes) in enumerate(scenes, start=first):
        images.append({"id": index, "file_name": f"{index:02}.png", "width": WIDTH, "height": HEIGHT})
        for class_id, visible in shapes:
            annotations.append(annotation(len(annotations) + 1, index, class_id, visible))
    categories = [{"id": number, "name": name} for number, name in enumerate(CLASSES, start=1)]
    text = json.dumps({"images": images, "categories": categories, "annotations": annotations}, indent=1)
    (FOLDER / "annotations" / f"instances_{part}.json").write_text(text + "\n")
    (FOLDER / f"{part}.txt").write_text("".join(f"{image['file_name'][:-4]}\n" for image in images))


def save_kinds(scenes: list) -> None:
    """The table of what is in each image, for a classifier."""
    lines = ["filename,label,split"]
    for index, (_, _, shapes) in enumerate(scenes, start=1):
        kinds = "|".join(CLASSES[class_id - 1] for class_id in sorted({class_id for class_id, _ in shapes}))
        lines.append(f"shapes/images/{index:02}.png,{kinds},{'train' if index <= TRAIN else 'val'}")
    FOLDER.with_name("shapes.csv").write_text("".join(f"{line}\n" for line in lines))


def annotation(number: int, image_id: int, class_id: int, visible: np.ndarray) -> dict:
    """COCO: bbox is x, y, width, height; area counts visible pixels; polygons follow their outline."""
    rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
    x, y = int(columns[0]), int(rows[0])
    box = [x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y]
    outlines, _ = cv2.findContours(visible.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    polygons = [outline.ravel().tolist() for outline in outlines if len(outline) >= 3]
    area = int(visible.sum())
    return {"id": number, "image_id": image_id, "category_id": class_id, "bbox": box, "area": area, "iscrowd": 0,
            "segmentation": polygons}  # fmt: skip


if __name__ == "__main__":
    main()
