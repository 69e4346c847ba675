"""Workers of a training are forks of a process whose OpenCV may have threads."""

import subprocess
import sys

from tests.program import ROOT

SCRIPT = """
import cv2, numpy as np
cv2.setNumThreads(2)
cv2.resize(np.zeros((4000, 4000, 3), np.uint8), (1000, 1000))  # starts OpenCV's threads
from dlcli.training.loaders import Draw, batches

class Samples:
    def __getitem__(self, draw):
        return draw.index

print([batch.tolist() for batch in batches(Samples(), [Draw(i, 0, 64, 0.0) for i in range(4)], 2, 1)])
"""


def test_a_worker_starts_although_opencv_has_threads():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=300, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "[[0, 1], [2, 3]]"
