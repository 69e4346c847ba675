"""Small detectors of others beside dlcli's, on the same images, by the same scorer: average precision, size, time.

    python -m tests.benchmarks.detectors IMAGES INSTANCES.json [MODEL ...] [KIND=FILE[,FILE] ...] [--first N]

IMAGES, INSTANCES.json: images with COCO's boxes of COCO's classes. MODEL: a model of dlcli. KIND: nanodet or picodet
(ncnn's .param and .bin), yolox (.onnx, 416 pixels), or tflite (a network that ends in TensorFlow's post-processing,
as SSD and EfficientDet do). Each takes one thread. Scored by pycocotools on boxes of 0.05 or more, up to 100 an image;
only classes that the list holds count. Milliseconds of the processor: the median of an image, from pixels to boxes.
ncnn and ai-edge-litert are only needed for their own kinds.
"""

import argparse
import contextlib
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from dlcli.data.coco.categories import COCO_IDS
from dlcli.ops.nms import nms_per_class
from dlcli.records import Boxes
from dlcli.tasks.detect.options import DetectOptions
from dlcli.tasks.detect.predictor import load

SIDE = 416
FLOOR = 0.05
Found = tuple[np.ndarray, np.ndarray, np.ndarray]  # xyxy [N, 4] in pixels of the image, scores [N], category ids [N]
Answer = Callable[[np.ndarray], Found]
CATEGORY_IDS = np.array(list(COCO_IDS.values()))


def ours(name: str) -> tuple[Answer, float]:
    worker = load(DetectOptions(model=name, conf=FLOOR, iou=0.5), 1, 1)
    files = Path("dlcli/models/bundled").glob(f"{name}.onnx")

    def answer(pixels: np.ndarray) -> Found:
        boxes = worker.answer(pixels, None)
        return boxes.xyxy, boxes.scores, CATEGORY_IDS[boxes.class_ids]

    if worker.labels != tuple(COCO_IDS):
        raise SystemExit(f"{name}: expected a model of COCO's 80 classes")
    return answer, sum(path.stat().st_size for path in files) / 1e6


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def distributed(sides: np.ndarray, middle: float) -> np.ndarray:
    """Distributions over 8 bins a side [N, 32] -> xyxy (generalized focal loss, arXiv:2006.04388)."""
    points, strides = cells((8, 16, 32, 64), middle)
    d = (softmax(sides.reshape(-1, 4, 8)) * np.arange(8)).sum(-1) * strides
    return np.concatenate([points - d[:, :2], points + d[:, 2:]], 1)


def cells(strides: tuple[int, ...], middle: float) -> tuple[np.ndarray, np.ndarray]:
    """Points [N, 2] of all cells in pixels, and the stride of each [N, 1]. middle: where in a cell, of its side."""
    points, sizes = [], []
    for stride in strides:
        n = -(-SIDE // stride)
        y, x = np.mgrid[:n, :n]
        points.append((np.stack([x.ravel(), y.ravel()], 1) + middle) * stride)
        sizes.append(np.full((n * n, 1), stride))
    return np.concatenate(points).astype(float), np.concatenate(sizes).astype(float)


def kept(xyxy: np.ndarray, scores: np.ndarray, iou: float) -> Found:
    """scores [N, 80]."""
    rows, classes = np.nonzero(scores >= FLOOR)
    values = scores[rows, classes].astype(np.float32)
    best = np.argsort(-values, kind="stable")[:1000]
    rows, classes, values = rows[best], classes[best].astype(np.int64), values[best]
    boxes = nms_per_class(Boxes(xyxy[rows].astype(np.float32), values, classes), iou)[:100]
    return boxes.xyxy, boxes.scores, CATEGORY_IDS[boxes.class_ids]


class Ncnn:
    """NanoDet-Plus and PicoDet, which differ in the order of colors, the names of outputs and the point of a cell."""

    def __init__(self, kind: str, param: str, weights: str):
        import ncnn

        self.ncnn, self.net, self.nano = ncnn, ncnn.Net(), kind == "nanodet"
        self.net.opt.num_threads = 1
        self.net.load_param(param)
        self.net.load_model(weights)
        mean, std = np.float32([123.675, 116.28, 103.53]), np.float32([58.395, 57.12, 57.375])
        self.mean, self.std = (mean[::-1], std[::-1]) if self.nano else (mean, std)
        heads = [f"{head}{stride}" for head in ("cls", "dis") for stride in (8, 16, 32, 64)]
        self.entry = "data" if self.nano else "image"
        self.heads = heads if self.nano else [f"save_infer_model/scale_{k}.tmp_1" for k in range(8)]

    def __call__(self, pixels: np.ndarray) -> Found:
        height, width = pixels.shape[:2]
        x = cv2.resize(pixels, (SIDE, SIDE)).astype(np.float32)
        x = np.ascontiguousarray((((x[:, :, ::-1] if self.nano else x) - self.mean) / self.std).transpose(2, 0, 1))
        mat = self.ncnn.Mat(x).clone()
        with self.net.create_extractor() as extractor:
            extractor.input(self.entry, mat)
            out = [np.array(extractor.extract(head)[1]) for head in self.heads]
        scores = np.concatenate([part.reshape(80, -1).T if self.nano else part.reshape(-1, 80) for part in out[:4]])
        sides = np.concatenate([self.sides(part) for part in out[4:]])
        xyxy = distributed(sides, 0.0 if self.nano else 0.5)
        return kept(xyxy * np.array([width, height, width, height]) / SIDE, scores, 0.6)

    def sides(self, part: np.ndarray) -> np.ndarray:
        return part.reshape(32, -1).T if self.nano and part.shape[0] == 32 else part.reshape(-1, 32)


def yolox(file: str) -> Answer:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options)
    corners, strides = cells((8, 16, 32), 0.0)

    def answer(pixels: np.ndarray) -> Found:
        scale = SIDE / max(pixels.shape[:2])
        small = cv2.resize(pixels, (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale)))
        x = np.full((SIDE, SIDE, 3), 114, np.uint8)
        x[: small.shape[0], : small.shape[1]] = small
        x = x[:, :, ::-1].astype(np.float32).transpose(2, 0, 1)[None]
        out: Any = session.run(None, {session.get_inputs()[0].name: x})[0]
        center, size = out[0, :, :2] * strides + corners, np.exp(out[0, :, 2:4]) * strides
        xyxy = np.concatenate([center - size / 2, center + size / 2], 1) / scale
        return kept(xyxy, out[0, :, 4:5] * out[0, :, 5:], 0.5)

    return answer


def tflite(file: str) -> Answer:
    """Boxes as fractions y1, x1, y2, x2; a class is its category id less one."""
    from ai_edge_litert.interpreter import Interpreter

    net = Interpreter(file, num_threads=1)
    net.allocate_tensors()
    entry, ends = net.get_input_details()[0], net.get_output_details()
    side = int(entry["shape"][1])

    def answer(pixels: np.ndarray) -> Found:
        height, width = pixels.shape[:2]
        net.set_tensor(entry["index"], cv2.resize(pixels, (side, side))[None])
        net.invoke()
        boxes, classes, scores = (net.get_tensor(end["index"])[0] for end in sorted(ends, key=lambda e: e["name"])[:3])
        keep = scores >= FLOOR
        xyxy = boxes[keep][:, [1, 0, 3, 2]] * np.array([width, height, width, height])
        return xyxy, scores[keep], classes[keep].astype(np.int64) + 1

    return answer


def detector(word: str) -> tuple[Answer, float]:
    """ "coco" or "nanodet=A.param,A.bin" -> what answers, and its megabytes."""
    kind, _, names = word.partition("=")
    if not names:
        return ours(kind)
    files = names.split(",")
    size = sum(Path(file).stat().st_size for file in files) / 1e6
    if kind in ("nanodet", "picodet"):
        return Ncnn(kind, *files), size
    return {"yolox": yolox, "tflite": tflite}[kind](files[0]), size


def evaluate(truth: COCO, images: list[dict[str, Any]], folder: Path, answer: Answer) -> tuple[float, float, float]:
    """AP50, AP50:95 and the median of milliseconds."""
    rows, times = [], []
    for image in images:
        pixels = cv2.cvtColor(cv2.imread(str(folder / image["file_name"])), cv2.COLOR_BGR2RGB)
        start = time.process_time()
        xyxy, scores, ids = answer(pixels)
        times.append(time.process_time() - start)
        for (x1, y1, x2, y2), score, category in zip(xyxy.tolist(), scores.tolist(), ids.tolist(), strict=True):
            box = [x1, y1, x2 - x1, y2 - y1]
            rows.append({"image_id": image["id"], "category_id": category, "bbox": box, "score": score})
    scorer = COCOeval(truth, truth.loadRes(rows), "bbox")
    scorer.params.imgIds = [image["id"] for image in images]
    scorer.evaluate()
    scorer.accumulate()
    scorer.summarize()
    return float(scorer.stats[1]), float(scorer.stats[0]), float(np.median(times)) * 1000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("images", type=Path)
    parser.add_argument("instances", type=Path)
    parser.add_argument("detectors", nargs="+")
    parser.add_argument("--first", type=int, help="only so many images")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(given.instances))
    images = json.loads(given.instances.read_text())["images"][: given.first]
    print(f"{len(images)} images, {len(truth.getAnnIds())} boxes")
    for word in given.detectors:
        answer, size = detector(word)
        with contextlib.redirect_stdout(io.StringIO()):
            ap50, ap, milliseconds = evaluate(truth, images, given.images, answer)
        print(f"{word}: mAP50 {ap50:.3f}, mAP50:95 {ap:.3f}; {size:.1f} MB; {milliseconds:.1f} ms an image")


if __name__ == "__main__":
    main()
