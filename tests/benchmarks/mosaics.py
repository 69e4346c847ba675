"""`--tile` against ground truth: mosaics of VOC images, and single images enlarged, beside what could be done by hand.

    python -m tests.benchmarks.mosaics VOC [--images 64] [--only segment|detect] [--mosaics]

VOC: a folder in VOC's layout with JPEGImages, SegmentationClass, Annotations and ImageSets/Segmentation/val.txt. From
the list's images, each stretched to 500 x 375, mosaics of 1,000 x 750, 2,000 x 1,500 and 4,000 x 3,000 pixels are laid;
and "one thing" is each image of the first few enlarged to that size. "whole": the image as one; "by hand": cut into
squares of 640 without overlap, each on its own; the others are the product's `--tile`. Printed are mIoU over all pixels
and classes that are there, and mAP50 of boxes (COCO's 101 points).
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from dlcli.data.voc.boxes import parse_xml
from dlcli.metrics.detection import DetectionMetric
from dlcli.metrics.segmentation import SegmentationMetric
from dlcli.records import Boxes
from dlcli.tasks.detect.options import DetectOptions
from dlcli.tasks.detect.predictor import load as load_detector
from dlcli.tasks.segment.options import SegmentOptions
from dlcli.tasks.segment.predictor import load as load_segmenter
from dlcli.tasks.segment.tile_plan import TileMerge

SIDES = (2, 4, 8)  # images along each side of a mosaic
CELL = (500, 375)
SQUARE = 640
ENLARGED = 8  # single images of each size


@dataclass(frozen=True)
class Scene:
    """pixels: uint8 [H, W, 3] RGB. mask: uint8 [H, W], 255 where it is void. boxes: (label, difficult, box)."""

    pixels: np.ndarray
    mask: np.ndarray
    boxes: list[tuple[str, bool, tuple[float, float, float, float]]]


@dataclass(frozen=True)
class Voc:
    folder: Path

    def names(self) -> list[str]:
        """Of the images with masks, in an order that does not depend on what they show."""
        names = (self.folder / "ImageSets/Segmentation/val.txt").read_text().split()
        return [names[place] for place in np.random.default_rng(0).permutation(len(names))]

    def scene(self, name: str, size: tuple[int, int]) -> Scene:
        """An image stretched to size (w, h)."""
        pixels = np.array(Image.open(self.folder / "JPEGImages" / f"{name}.jpg").convert("RGB"))
        mask = np.array(Image.open(self.folder / "SegmentationClass" / f"{name}.png"))
        height, width = mask.shape
        how = cv2.INTER_AREA if size[0] < width else cv2.INTER_CUBIC
        scale = size[0] / width, size[1] / height
        return Scene(
            cv2.resize(pixels, size, interpolation=how),
            cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST),
            [
                (label, hard, tuple(v * scale[i % 2] for i, v in enumerate(box)))
                for label, hard, box in self.boxes(name)
            ],
        )

    def boxes(self, name: str) -> Iterator[tuple[str, bool, tuple[float, ...]]]:
        root: Any = parse_xml((self.folder / "Annotations" / f"{name}.xml").read_bytes())
        for thing in root.iter("object"):
            x1, y1, x2, y2 = (float(thing.find("bndbox").findtext(side)) for side in ("xmin", "ymin", "xmax", "ymax"))
            yield thing.findtext("name"), thing.findtext("difficult") == "1", (x1 - 1, y1 - 1, x2, y2)

    def mosaic(self, names: list[str], side: int) -> Scene:
        parts = [self.scene(name, CELL) for name in names]
        rows = range(0, side * side, side)
        boxes = [
            (label, hard, (x1 + dx, y1 + dy, x2 + dx, y2 + dy))
            for place, part in enumerate(parts)
            for dx, dy in [(place % side * CELL[0], place // side * CELL[1])]
            for label, hard, (x1, y1, x2, y2) in part.boxes
        ]
        pixels = np.vstack([np.hstack([part.pixels for part in parts[row : row + side]]) for row in rows])
        mask = np.vstack([np.hstack([part.mask for part in parts[row : row + side]]) for row in rows])
        return Scene(pixels, mask, boxes)

    def scenes(self, side: int, images: int) -> Iterator[Scene]:
        names = self.names()
        count = min(images, len(names)) // (side * side)
        for number in range(count):
            yield self.mosaic(names[number * side * side : (number + 1) * side * side], side)

    def enlarged(self, side: int) -> Iterator[Scene]:
        for name in self.names()[:ENLARGED]:
            yield self.scene(name, (side * CELL[0], side * CELL[1]))


def squares(pixels: np.ndarray) -> Iterator[tuple[int, int, np.ndarray]]:
    for y in range(0, pixels.shape[0], SQUARE):
        for x in range(0, pixels.shape[1], SQUARE):
            yield x, y, np.ascontiguousarray(pixels[y : y + SQUARE, x : x + SQUARE])


def segmenters() -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    whole = load_segmenter(SegmentOptions(), 2, 1)

    def by_hand(pixels: np.ndarray) -> np.ndarray:
        mask = np.empty(pixels.shape[:2], np.uint8)
        for x, y, square in squares(pixels):
            mask[y : y + SQUARE, x : x + SQUARE] = whole.answer(square, None)
        return mask

    found: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "whole": lambda p: whole.answer(p, None),
        "by hand": by_hand,
    }
    for merge in TileMerge:
        tiled = load_segmenter(SegmentOptions(tile=True, tile_merge=merge), 2, 1)
        found[f"--tile --tile-merge {merge.value}"] = lambda pixels, tiled=tiled: tiled.answer(pixels, None)
    return found


def detectors() -> tuple[tuple[str, ...], dict[str, Callable[[np.ndarray], Boxes]]]:
    """With a low threshold and room for all boxes, as average precision wants it."""
    options = {"conf": 0.05, "max_det": 5000}
    whole = load_detector(DetectOptions(**options), 2, 1)
    tiled = load_detector(DetectOptions(tile=True, **options), 2, 1)

    def by_hand(pixels: np.ndarray) -> Boxes:
        parts = [(np.array([x, y, x, y], np.float32), whole.answer(square, None)) for x, y, square in squares(pixels)]
        return Boxes(
            np.concatenate([part.xyxy + at for at, part in parts]),
            np.concatenate([part.scores for _, part in parts]),
            np.concatenate([part.class_ids for _, part in parts]),
        )

    ways = {"whole": lambda p: whole.answer(p, None), "by hand": by_hand, "--tile": lambda p: tiled.answer(p, None)}
    return whole.labels, ways


def score_masks(scenes: Callable[[], Iterator[Scene]], title: str) -> None:
    for name, answer in segmenters().items():
        metric, start = SegmentationMetric(21), time.perf_counter()
        for scene in scenes():
            metric.add(answer(scene.pixels), scene.mask)
        scores = metric.value()
        miou = np.nanmean(scores.iou[scores.confusion.sum(1) > 0])
        print(f"segment, {title}: {name}: mIoU {miou:.3f} ({time.perf_counter() - start:.0f} s)")


def score_boxes(scenes: Callable[[], Iterator[Scene]], title: str) -> None:
    labels, ways = detectors()
    for name, answer in ways.items():
        metric, count = DetectionMetric(len(labels), max_detections=5000), 0
        for scene in scenes():
            found = answer(scene.pixels)
            count += int((found.scores >= DetectOptions.conf).sum())
            hard = np.array([hard for _, hard, _ in scene.boxes], bool)
            metric.add(
                found,
                np.array([box for _, _, box in scene.boxes], np.float32).reshape(-1, 4),
                np.array([labels.index(label) for label, _, _ in scene.boxes], np.int64),
                hard,
                np.zeros(len(hard), bool),
            )
        things = sum(len(scene.boxes) for scene in scenes())
        print(f"detect, {title}: {name}: mAP50 {metric.value().map50:.3f}; {count} boxes of {things} at --conf 0.25")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("voc", type=Path)
    parser.add_argument("--images", type=int, default=64, help="how many images the mosaics of each size hold")
    parser.add_argument("--sides", type=int, nargs="+", default=SIDES, help="images along each side of a mosaic")
    parser.add_argument("--mosaics", action="store_true", help="leave out single images that are enlarged")
    parser.add_argument("--only", choices=("segment", "detect"), default="")
    given = parser.parse_args()
    voc = Voc(given.voc)
    for side in given.sides:
        size = f"{side * CELL[0]:,} x {side * CELL[1]:,}"
        kinds = {
            f"mosaics of {size}": lambda side=side: voc.scenes(side, given.images),
            f"one thing at {size}": lambda side=side: voc.enlarged(side),
        }
        for title, scenes in list(kinds.items())[: 1 if given.mosaics else None]:
            if given.only != "detect":
                score_masks(scenes, title)
            if given.only != "segment":
                score_boxes(scenes, title)


if __name__ == "__main__":
    main()
