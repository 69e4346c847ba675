"""How long a person waits: dlcli as a whole process against `import torch` in the same environment."""

import sys

from tests.benchmarks.pairs import compare
from tests.program import CAT

DLCLI = [sys.executable, "-m", "dlcli"]
TORCH = [sys.executable, "-c", "import torch"]

if __name__ == "__main__":
    compare("dlcli detect cat.jpg --json", [*DLCLI, "detect", str(CAT), "--json"], TORCH)
    compare("dlcli --help", [*DLCLI, "--help"], TORCH)
