"""Images a second over a folder: `dlcli detect DIR --json` against a bare pool of cv2.imread, resize and session.

Start-up is left out on both sides: dlcli's by timing one image and the whole folder, the loop's by timing its loop.
Usage: python -m tests.benchmarks.folder FOLDER [MODEL]
"""

import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from dlcli.models.store import find_model
from dlcli.runtime.session import open_session
from dlcli.runtime.threads import default_threads
from tests.benchmarks.pairs import timed


def bare_loop(images: list[Path], model: str) -> float:
    """Seconds for the loop that everybody would write first."""
    found = find_model(model, "detect")
    threads = default_threads()
    session = open_session(found.path, 1, workers=threads)
    mean, std = np.float32(found.card.mean[0]), np.float32(found.card.std[0])

    def one(path: Path) -> None:
        pixels = cv2.resize(cv2.imread(str(path)), found.card.input)
        batch = ((pixels[:, :, ::-1].astype(np.float32) - mean) / std).transpose(2, 0, 1)[None]
        session.run(np.ascontiguousarray(batch))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, images[:4]))
        start = time.perf_counter()
        list(pool.map(one, images))
        return time.perf_counter() - start


def main(folder: str, model: str = "coco") -> None:
    images = sorted(Path(folder).glob("*.jpg"))
    command = [sys.executable, "-m", "dlcli", "detect", "--json", "--model", model]
    ratios, rates, peaks = [], [], []
    for _ in range(3):
        bare = bare_loop(images, model)
        few = timed([*command, *map(str, images[:4])])
        all_of_them = timed([*command, folder])
        ours = (all_of_them.seconds - few.seconds) * len(images) / (len(images) - 4)
        ratios.append(bare / ours)
        rates.append((len(images) / ours, len(images) / bare))
        peaks.append((few.mebibytes, all_of_them.mebibytes))
    ours, bare = (statistics.median(rate[i] for rate in rates) for i in (0, 1))
    print(f"dlcli {ours:.1f} images a second, bare loop {bare:.1f}, ratio {statistics.median(ratios):.2f}")
    few_peak, all_peak = (max(peak[i] for peak in peaks) for i in (0, 1))
    print(f"peak memory: {few_peak:.0f} MiB for 4 images, {all_peak:.0f} for {len(images)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
