"""`dlcli preprocess` over 200 images against a bare cv2 loop of the same steps, one thread each, and two against one.

Decode, CLAHE, gamma, encode at the same quality. Start-up is left out on both sides: dlcli's by timing few images
and many. Runs alternate, and CPU time is compared beside wall time, since a shared machine disturbs the latter.
Usage: python -m tests.benchmarks.preprocess FOLDER
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from tests.benchmarks.pairs import Run, timed

COUNT, FEW, ROUNDS, QUALITY = 200, 20, 5, 90


def bare_loop(images: list[Path], out: str) -> Run:
    """The loop that everybody would write first, on one thread."""
    cv2.setNumThreads(1)
    equalizer = cv2.createCLAHE(2.0, (8, 8))
    table = np.rint(255 * (np.arange(256) / 255) ** 0.8).astype(np.uint8)
    start, cpu = time.perf_counter(), time.process_time()
    for path in images:
        lab = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2LAB)
        lab[..., 0] = equalizer.apply(lab[..., 0])
        pixels = cv2.LUT(cv2.cvtColor(lab, cv2.COLOR_LAB2BGR), table)
        cv2.imwrite(f"{out}/{path.name}", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return Run(time.perf_counter() - start, 0, time.process_time() - cpu)


def ours(images: list[Path], threads: int) -> Run:
    """Of all images without the start-up, from the difference of all and few."""
    runs = [_program(chosen, threads) for chosen in (images[:FEW], images)]
    share = len(images) / (len(images) - FEW)
    seconds, cpu = ((getattr(runs[1], name) - getattr(runs[0], name)) * share for name in ("seconds", "cpu_seconds"))
    return Run(seconds, runs[1].mebibytes, cpu)


def _program(images: list[Path], threads: int) -> Run:
    with tempfile.TemporaryDirectory() as out:
        steps = ["--clahe", "2", "--gamma", "0.8", "--quality", str(QUALITY), "--threads", str(threads)]
        return timed([sys.executable, "-m", "dlcli", "preprocess", *map(str, images), *steps, "--out", f"{out}/o"])


def main(folder: str) -> None:
    images = sorted(Path(folder).glob("*.jpg"))[:COUNT]
    rows = []
    with tempfile.TemporaryDirectory() as out:
        bare_loop(images, out)  # warms the page cache
        for _ in range(ROUNDS):
            rows += [(bare_loop(images, out), ours(images, 1), ours(images, 2))]
    bare, one, two = ([row[i] for row in rows] for i in range(3))
    for name, field in (("wall", "seconds"), ("CPU", "cpu_seconds")):
        ratio = _median(getattr(a, field) / getattr(b, field) for a, b in zip(bare, one, strict=True))
        a, b = (_median(getattr(run, field) for run in runs) for runs in (bare, one))
        print(f"{name}: bare loop {a:.2f} s, dlcli on one thread {b:.2f} s, speed ratio {ratio:.2f}")
    faster = _median(a.seconds / b.seconds for a, b in zip(one, two, strict=True))
    print(f"wall: two threads {_median(run.seconds for run in two):.2f} s, {faster:.2f} times as fast as one")
    print(f"peak memory {max(run.mebibytes for run in one):.0f} MiB on one thread, {len(images)} images")


def _median(values) -> float:
    return statistics.median(values)


if __name__ == "__main__":
    main(*sys.argv[1:])
