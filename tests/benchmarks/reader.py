"""The honest reader against open().read() and cv2.imdecode on the same JPEGs. Usage: ... reader FOLDER"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from dlcli.imaging.reader import read_image
from dlcli.records import Source
from dlcli.runtime.native_stderr import private_stderr


def seconds(work: Callable[[Path], object], images: list[Path]) -> float:
    start = time.perf_counter()
    for path in images:
        work(path)
    return time.perf_counter() - start


def main(folder: str) -> None:
    images = sorted(Path(folder).glob("*.jpg"))[:500]
    pairs = []
    with private_stderr():
        for _ in range(5):
            ours = seconds(lambda path: read_image(Source.of_file(path)), images)
            bare = seconds(lambda path: cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR), images)
            pairs.append((ours, bare))
    ratio = statistics.median(a / b for a, b in pairs)
    ours = statistics.median(a for a, _ in pairs) / len(images) * 1000
    print(f"read_image {ours:.2f} ms an image, {ratio:.2f} times cv2.imdecode")


if __name__ == "__main__":
    main(*sys.argv[1:])
