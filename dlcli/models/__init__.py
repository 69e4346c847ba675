"""Names to model files: bundled ones, runs and paths."""

from pathlib import Path

BUNDLED = Path(__file__).parent / "bundled"
