"""What reduced decoding costs and saves: average precision and time on photographs of 12 megapixels.

VOC images are enlarged to that size and stored as JPEG of quality 92, then read whole and as far as the detector sees.
pycocotools scores both, by COCO's rules. Usage: python -m tests.benchmarks.reduced VOC [IMAGES]
"""

import contextlib
import io
import sys
import time
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import cv2
import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from dlcli.data.boxes import BoxItem
from dlcli.data.formats import read_dataset
from dlcli.data.kinds import BOXES
from dlcli.imaging.geometry import Placement
from dlcli.imaging.reader import read_image
from dlcli.records import Boxes, Source
from dlcli.tasks.detect.detector import EVAL_LIMITS, Detector
from dlcli.tasks.detect.options import DetectOptions
from dlcli.tasks.detect.predictor import load

PIXELS = 12_000_000


def enlarged(path: Path) -> tuple[bytes, float]:
    """(JPEG of 12 megapixels, how many times as wide)."""
    pixels = cv2.imread(str(path))
    scale = (PIXELS / (pixels.shape[0] * pixels.shape[1])) ** 0.5
    large = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes(), scale


def found_in(detector: Detector, data: bytes, enough: tuple[int, int] | None) -> tuple[Boxes, float]:
    """(boxes in pixels of the large image, seconds of the processor)."""
    began = time.process_time()
    image = read_image(Source("x.jpg", None, PurePosixPath("x.jpg"), data=data), enough=enough)
    boxes = detector.boxes(image.pixels)
    if image.reduced > 1:
        part = 1 / image.reduced
        boxes = replace(boxes, xyxy=Placement(part, part, 0, 0, image.width, image.height).to_source(boxes.xyxy))
    return boxes, time.process_time() - began


def truths(items: list[BoxItem], scales: list[float], classes: int) -> dict[str, Any]:
    """As COCO has them; difficult ones are crowds, which are neither found nor missed."""
    entries = []
    for number, (item, scale) in enumerate(zip(items, scales, strict=True), 1):
        for box, class_id, ignore in zip(
            item.target.xyxy * scale, item.target.class_ids, item.target.ignore, strict=True
        ):
            x1, y1, x2, y2 = map(float, box)
            entry = {
                "id": len(entries) + 1,
                "image_id": number,
                "category_id": int(class_id) + 1,
                "iscrowd": int(ignore),
            }
            entries.append({**entry, "bbox": [x1, y1, x2 - x1, y2 - y1], "area": (x2 - x1) * (y2 - y1)})
    images = [{"id": number} for number in range(1, len(items) + 1)]
    return {"images": images, "annotations": entries, "categories": [{"id": i + 1} for i in range(classes)]}


def precision(ground: dict[str, Any], found: list[Boxes]) -> tuple[float, float]:
    """(mAP50, mAP50-95) by pycocotools."""
    rows = [
        {
            "image_id": number,
            "category_id": int(class_id) + 1,
            "score": float(score),
            "bbox": [float(box[0]), float(box[1]), float(box[2] - box[0]), float(box[3] - box[1])],
        }
        for number, boxes in enumerate(found, 1)
        for box, score, class_id in zip(boxes.xyxy, boxes.scores, boxes.class_ids, strict=True)
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = ground
        truth.createIndex()
        scored = COCOeval(truth, truth.loadRes(rows), "bbox")
        scored.evaluate()
        scored.accumulate()
        scored.summarize()
    return float(scored.stats[1]), float(scored.stats[0])


def main(place: Path, count: int) -> None:
    cv2.setNumThreads(1)
    predictor = load(DetectOptions(model="coco"), 1, 1)
    detector = Detector(predictor.card, predictor.detector.forward, EVAL_LIMITS)
    items = read_dataset(BOXES, place, "test", labels=predictor.labels).items[:count]
    ways = {"whole": None, "reduced": predictor.enough}
    found: dict[str, list[Boxes]] = {name: [] for name in ways}
    seconds = dict.fromkeys(ways, 0.0)
    scales = []
    for item in items:
        data, scale = enlarged(item.path)
        scales.append(scale)
        for name, enough in ways.items():
            boxes, taken = found_in(detector, data, enough)
            found[name].append(boxes[: EVAL_LIMITS.max_det])
            seconds[name] += taken
    ground = truths(list(items), scales, len(predictor.labels))
    for name, boxes in found.items():
        at_50, at_all = precision(ground, boxes)
        taken = 1000 * seconds[name] / len(items)
        print(f"{name}: mAP50 {at_50:.4f}, mAP50-95 {at_all:.4f}, {taken:.1f} ms of the processor an image")
    drift = [np.abs(a.xyxy[:1] - b.xyxy[:1]).max() for a, b in zip(*found.values(), strict=True) if len(a) and len(b)]
    print(f"best boxes differ by {np.median(drift):.1f} px, median of {len(drift)} images")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 500)
