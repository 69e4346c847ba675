"""`dlcli segment --tile` on a 6,000 x 4,000 image: time, peak memory, and what moving the tiles changes.

    python -m tests.benchmarks.tiles IMAGE [IMAGE ...] [--model NAME] [--save FOLDER]

Each image is enlarged to cover 6,000 x 4,000 and cut; several are laid side by side, for a scene with many things.
"""

import argparse
import math
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from dlcli.imaging.drawing.mask_canvas import draw_mask
from dlcli.imaging.reader import read_image
from dlcli.imaging.writer import write_image
from dlcli.models.store import find_model
from dlcli.records import Source
from dlcli.runtime.threads import default_threads
from dlcli.tasks.network import onnx_forward
from dlcli.tasks.segment.options import SegmentOptions
from dlcli.tasks.segment.segmenter import Segmenter
from dlcli.tasks.segment.tiles import segment_in_tiles
from tests.benchmarks.pairs import timed

WIDTH, HEIGHT = 6000, 4000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("images", nargs="+", type=Path)
    parser.add_argument("--model", default="voc-seg")
    parser.add_argument("--save", type=Path, help="write the image with its mask there, 1,500 pixels wide")
    given = parser.parse_args()
    pixels = scene(given.images)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.jpg"
        write_image(path, pixels, 92)
        command = [sys.executable, "-m", "dlcli", "segment", str(path), "--tile", "--model", given.model]
        for save in ("index", "overlay", "index,overlay,masks,cutouts"):
            run = timed([*command, "--out", f"{folder}/{save}", "--save", save])
            print(f"--save {save}: {run.seconds:.1f} s, peak {run.mebibytes:.0f} MiB")
    moved(pixels, given.model, given.save)


def scene(paths: list[Path]) -> np.ndarray:
    """uint8 [4000, 6000, 3]: the images in a grid of about their number, each covering its cell."""
    columns = math.ceil(math.sqrt(len(paths)))
    rows = math.ceil(len(paths) / columns)
    width, height = math.ceil(WIDTH / columns), math.ceil(HEIGHT / rows)
    canvas = np.empty((rows * height, columns * width, 3), np.uint8)
    for i in range(rows * columns):
        pixels = read_image(Source.of_file(paths[i % len(paths)])).pixels
        scale = max(width / pixels.shape[1], height / pixels.shape[0])
        size = max(width, round(pixels.shape[1] * scale)), max(height, round(pixels.shape[0] * scale))
        large = cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)
        y, x = i // columns * height, i % columns * width
        canvas[y : y + height, x : x + width] = large[:height, :width]
    return np.ascontiguousarray(canvas[:HEIGHT, :WIDTH])


def moved(pixels: np.ndarray, model: str, save: Path | None) -> None:
    """Print what share of the pixels changes class where all tiles move by a half and a quarter of a tile."""
    found, options = find_model(model, "segment"), SegmentOptions()
    segmenter = Segmenter(found.card, onnx_forward(found.path, ("logits",), default_threads(), 1))
    cells = segmenter.logits(pixels)[0].shape[2]
    start = time.perf_counter()
    here = segment_in_tiles(segmenter, pixels, options.tile_size, options.tile_overlap)
    print(f"tiles of {options.tile_size}, overlap {options.tile_overlap}: {time.perf_counter() - start:.1f} s")
    for name, shift in (("half", cells // 2), ("a quarter", cells // 4)):
        there = segment_in_tiles(segmenter, pixels, options.tile_size, options.tile_overlap, shift)
        print(f"moved by {name} of a tile: {100 * (here != there).mean():.2f} % of the pixels change class")
    if save:
        shares = np.bincount(here.ravel(), minlength=256) / here.size
        names = {i: label for i, label in enumerate(found.card.labels) if i and shares[i] > 0}
        small = (1500, 1000)
        mask = cv2.resize(here, small, interpolation=cv2.INTER_NEAREST)
        drawn = draw_mask(cv2.resize(pixels, small, interpolation=cv2.INTER_AREA), mask, names)
        write_image(save / "tiles.png", drawn)


if __name__ == "__main__":
    main()
