"""How far dlcli is from the least: `dlcli detect x.jpg --json` against a script that does only what must be done.

The script imports numpy, cv2 and onnxruntime, reads the image, resizes it, opens the session and runs it; it checks
nothing, decodes no boxes and prints no record. `dlcli --help` stands beside `python -c pass`.
"""

import sys

from tests.benchmarks.pairs import compare
from tests.program import CAT, ROOT

MODEL = ROOT / "dlcli" / "models" / "bundled" / "coco.onnx"
SCRIPT = f"""
import numpy, cv2, onnxruntime
image = cv2.imread({str(CAT)!r}, cv2.IMREAD_COLOR_RGB)
batch = (cv2.resize(image, (320, 320)).astype(numpy.float32) - 127) / 128
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession({str(MODEL)!r}, options)
found = session.run(None, {{session.get_inputs()[0].name: batch.transpose(2, 0, 1)[None]}})
print([part.shape for part in found])
"""

if __name__ == "__main__":
    dlcli = [sys.executable, "-m", "dlcli"]
    compare("dlcli detect", [*dlcli, "detect", str(CAT), "--model", "coco", "--json"], [sys.executable, "-c", SCRIPT])
    compare("dlcli --help", [*dlcli, "--help"], [sys.executable, "-c", "pass"])
