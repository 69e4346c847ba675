"""Twelve paintings side by side, and what each cost: `python -m tests.benchmarks.style SHEET.png [METHOD [SIZE]]`.

Four contents (rows) in three styles, by the program itself. METHOD: optimize or fast; SIZE: 0 for its default.
Prints the wall time, processor time and peak memory of each whole process.
"""

import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from tests.benchmarks.pairs import timed
from tests.program import SAMPLES

CONTENTS = ("astronaut", "cat", "coffee", "rocket")
STYLES = ("starry-night", "great-wave", "wheat-field")
SIDE = 384  # of a cell of the sheet


def paint(content: str, style: str, method: str, size: str, out: Path) -> np.ndarray:
    """The painting, BGR; prints what it cost."""
    command = [
        *(sys.executable, "-m", "dlcli", "style-transfer", str(SAMPLES / f"{content}.jpg"), "--style", style),
        *("--method", method, "--size", size, "--out", str(out), "--overwrite", "--quiet"),
    ]
    run = timed(command)
    image = cv2.imread(str(out / f"{content}.jpg"))
    print(
        f"{content:10} {style:13} {image.shape[1]} x {image.shape[0]}  {run.seconds:5.1f} s  "
        f"{run.cpu_seconds:5.1f} CPU s  {run.mebibytes:5.0f} MiB",
        flush=True,
    )
    return image


def cell(image: np.ndarray) -> np.ndarray:
    """The image in a white square."""
    scale = SIDE / max(image.shape[:2])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    square = np.full((SIDE, SIDE, 3), 255, np.uint8)
    square[: small.shape[0], : small.shape[1]] = small
    return square


def main() -> None:
    sheet, method, size = [*sys.argv[1:], *("optimize", "0")[len(sys.argv) - 2 :]]
    with tempfile.TemporaryDirectory() as out:
        rows = [[cell(paint(c, s, method, size, Path(out))) for s in STYLES] for c in CONTENTS]
    cv2.imwrite(sheet, np.vstack([np.hstack(row) for row in rows]))


if __name__ == "__main__":
    main()
