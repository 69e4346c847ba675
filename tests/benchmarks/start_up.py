"""How long a person waits: dlcli as a whole process against `import torch` in the same environment."""

import sys
import tempfile
from pathlib import Path

from tests.benchmarks.pairs import compare
from tests.program import CAT, SAMPLES

DLCLI = [sys.executable, "-m", "dlcli"]
TORCH = [sys.executable, "-c", "import torch"]
COMMANDS = {
    "dlcli --help": ["--help"],
    "dlcli detect cat.jpg --json": ["detect", str(CAT), "--json"],
    "dlcli classify cat.jpg --json": ["classify", str(CAT), "--json"],
    "dlcli segment cat.jpg --json": ["segment", str(CAT), "--json"],
    "dlcli style-transfer astronaut.jpg --style starry-night": [
        *("style-transfer", str(SAMPLES / "astronaut.jpg"), "--style", "starry-night", "--overwrite", "--quiet")
    ],
    "dlcli preprocess cat.jpg --clahe 2": ["preprocess", str(CAT), "--clahe", "2", "--overwrite", "--quiet"],
}
MAKE_IMAGES = ("style-transfer", "preprocess")

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for name, words in COMMANDS.items():
            out = ["--out", str(Path(folder) / words[0])] if words[0] in MAKE_IMAGES else []
            compare(name, [*DLCLI, *words, *out], TORCH)
