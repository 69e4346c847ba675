"""Outputs as detectors of each layout give them, with the boxes that they mean, made box after box."""

import math
from collections.abc import Callable

import numpy as np

SIZE, CLASSES = (128, 96), 3
Boxes = list[tuple[int, float, tuple[float, float, float, float]]]  # class id, score, xyxy in pixels of the input
Example = tuple[dict[str, np.ndarray], Boxes]


def truth(count: int, seed: int = 0) -> Boxes:
    """Boxes with a score each, far enough apart in score to be told from each other."""
    random, found = np.random.default_rng(seed), []
    for number in range(count):
        x1, y1 = random.uniform(2, 90), random.uniform(2, 60)
        width, height = random.uniform(4, 30), random.uniform(4, 30)
        score = round(0.95 - 0.5 * number / count, 4)
        found.append((int(random.integers(CLASSES)), score, (x1, y1, x1 + width, y1 + height)))
    return found


def center(box: tuple[float, ...]) -> list[float]:
    x1, y1, x2, y2 = box
    return [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1]


def floats(values: object) -> np.ndarray:
    return np.array(values, np.float32)


def scores_of(boxes: Boxes, rest: float = 0.01) -> list[list[float]]:
    return [[score if number == class_id else rest for number in range(CLASSES)] for class_id, score, _ in boxes]


def cells(strides: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """(column, row, stride) of each cell."""
    return [(x, y, s) for s in strides for y in range(math.ceil(SIZE[1] / s)) for x in range(math.ceil(SIZE[0] / s))]


def yolov8() -> Example:
    boxes = truth(252)
    rows = [[*center(box), *scores] for (_, _, box), scores in zip(boxes, scores_of(boxes), strict=True)]
    return {"output0": floats(rows).T[None]}, boxes


def yolov5() -> Example:
    boxes = truth(3 * 252)
    rows = []
    for (_, score, box), scores in zip(boxes, scores_of(boxes), strict=True):
        rows.append([*center(box), 0.98, *(value / 0.98 if value == score else value for value in scores)])
    return {"output": floats(rows)[None]}, boxes


def yolox() -> Example:
    places = cells((8, 16, 32))
    boxes, rows = truth(len(places)), []
    for (x, y, stride), (_, score, box), scores in zip(places, boxes, scores_of(boxes), strict=True):
        cx, cy, w, h = center(box)
        objectness = 0.99
        given = [value / objectness if value == score else value for value in scores]
        rows.append([cx / stride - x, cy / stride - y, math.log(w / stride), math.log(h / stride), objectness, *given])
    return {"output": floats(rows)[None]}, boxes


def end_to_end() -> Example:
    boxes = truth(300)
    return {"output0": floats([[*box, score, class_id] for class_id, score, box in boxes])[None]}, boxes


def yolov7() -> Example:
    boxes = truth(11)
    return {"output": floats([[0, *box, class_id, score] for class_id, score, box in boxes])}, boxes


def efficientdet() -> Example:
    boxes = truth(100)
    rows = [[0, b[1], b[0], b[3], b[2], score, class_id + 1] for class_id, score, b in boxes]
    return {"detections": floats(rows)[None]}, boxes


def shares(box: tuple[float, ...]) -> list[float]:
    width, height = SIZE
    return [value / side for value, side in zip(center(box), (width, height, width, height), strict=True)]


def rtdetr_rows() -> Example:
    boxes = truth(300)
    rows = [[*shares(box), *scores] for (_, _, box), scores in zip(boxes, scores_of(boxes), strict=True)]
    return {"output0": floats(rows)[None]}, boxes


def detr() -> Example:
    boxes = truth(100)
    logits = [[*(9 + math.log(v) for v in scores), 9 + math.log(1 - sum(scores))] for scores in scores_of(boxes)]
    return {"pred_logits": floats(logits)[None], "pred_boxes": floats([shares(b[2]) for b in boxes])[None]}, boxes


def rtdetr() -> Example:
    boxes = truth(300)
    logits = [[math.log(v / (1 - v)) for v in scores] for scores in scores_of(boxes)]
    return {"logits": floats(logits)[None], "pred_boxes": floats([shares(b[2]) for b in boxes])[None]}, boxes


def distribution(distance: float, bins: int) -> list[float]:
    """Logits of a distribution over 0 ... bins - 1 whose mean is `distance`."""
    low = min(int(distance), bins - 2)
    given = [1e-9] * bins
    given[low], given[low + 1] = max(low + 1 - distance, 1e-9), max(distance - low, 1e-9)
    return [math.log(value) for value in given]


def reaching(places: list[tuple[int, int, int]], shift: float, seed: int) -> tuple[Boxes, list[list[float]]]:
    """Boxes around the cells, and the distributions of their sides."""
    random, boxes, rows = np.random.default_rng(seed), [], []
    for number, (x, y, stride) in enumerate(places):
        left, top, right, bottom = random.uniform(0.3, 6.5, 4)
        px, py = (x + shift) * stride, (y + shift) * stride
        box = (px - left * stride, py - top * stride, px + right * stride, py + bottom * stride)
        boxes.append((int(random.integers(CLASSES)), round(0.95 - 0.6 * number / len(places), 4), box))
        rows.append([value for side in (left, top, right, bottom) for value in distribution(side, 8)])
    return boxes, rows


def nanodet() -> Example:
    boxes, sides = reaching(cells((8, 16, 32, 64)), 0.0, 3)
    rows = [[*scores, *side] for scores, side in zip(scores_of(boxes), sides, strict=True)]
    return {"output": floats(rows)[None]}, boxes


def picodet() -> Example:
    places = cells((8, 16, 32, 64))
    boxes, sides = reaching(places, 0.5, 4)
    outputs = {}
    for kind, rows in (("scores", scores_of(boxes)), ("sides", sides)):
        for stride in (8, 16, 32, 64):
            of_level = [row for row, place in zip(rows, places, strict=True) if place[2] == stride]
            outputs[f"{kind}_{stride}"] = floats(of_level)[None]
    return outputs, boxes


def tensorflow() -> Example:
    boxes = truth(100)
    width, height = SIZE
    corners = [[b[1] / height, b[0] / width, b[3] / height, b[2] / width] for _, _, b in boxes]
    return {
        "detection_boxes:0": floats(corners)[None],
        "detection_classes:0": floats([class_id + 1 for class_id, _, _ in boxes])[None],
        "detection_scores:0": floats([score for _, score, _ in boxes])[None],
        "num_detections:0": floats([100]),
    }, boxes


def ssd() -> Example:
    boxes = truth(300)
    width, height = SIZE
    scores = [[1 - sum(given), *given] for given in scores_of(boxes)]
    corners = [[b[0] / width, b[1] / height, b[2] / width, b[3] / height] for _, _, b in boxes]
    return {"scores": floats(scores)[None], "boxes": floats(corners)[None]}, boxes


def torchvision() -> Example:
    boxes = truth(9)
    return {
        "boxes": floats([box for _, _, box in boxes]),
        "labels": np.array([class_id + 1 for class_id, _, _ in boxes]),
        "scores": floats([score for _, score, _ in boxes]),
    }, boxes


EXAMPLES: dict[str, Callable[[], Example]] = {
    "yolov8": yolov8,
    "yolov5": yolov5,
    "yolox": yolox,
    "end-to-end": end_to_end,
    "yolov7-nms": yolov7,
    "efficientdet": efficientdet,
    "rtdetr-rows": rtdetr_rows,
    "nanodet": nanodet,
    "picodet": picodet,
    "detr": detr,
    "rtdetr": rtdetr,
    "tensorflow": tensorflow,
    "ssd": ssd,
    "torchvision-onnx": torchvision,
}
