"""RUN/run.json: the options of a run, on what it ran, how long it took, what came of it. `dlcli runs` reads it."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from math import isfinite
from pathlib import Path
from platform import platform, python_version
from typing import Any

from dlcli import __version__
from dlcli.models.run_folder import RUN_RECORD
from dlcli.training.checkpoint import plain
from dlcli.training.optimization.stopping import best_epoch
from dlcli.whole_file import write_text

LIBRARIES = ("torch", "torchvision", "albumentations", "numpy", "opencv-python-headless")
RUNNING, STOPPED, DONE, DIVERGED = "running", "stopped", "done", "diverged"


class RunRecord:
    """Written when a run begins, after each epoch, and when it ends; a run that goes on adds to what is there.

    best_by: the metric that chooses. fingerprint: of the data, "" where nobody took one.
    """

    def __init__(self, options: Any, argv: Sequence[str], best_by: str, fingerprint: str, images: int, device: str):
        self.path: Path = options.out / RUN_RECORD
        self.best_by = best_by
        self.facts: dict[str, Any] = {
            "dlcli": __version__,
            "argv": ["dlcli", *argv],
            "options": plain(options),
            "seed": getattr(options, "seed", None),
            "device": device,
            "versions": versions(),
            "data": {"images": images, "fingerprint": fingerprint},
        }
        self.sittings = earlier_sittings(self.path) if options.resume else []
        self.sittings.append({"began": now(), "seconds": 0.0, "epochs": []})

    def write(self, state: str, seconds: float, history: Sequence[dict[str, float]]) -> None:
        """seconds: since this sitting began."""
        self.sittings[-1]["seconds"] = round(seconds, 1)
        best = best_epoch(history, self.best_by)
        value = next((row[self.best_by] for row in history if row["epoch"] == best), None)
        came = {
            "state": state,
            "epochs": len(history),
            "metric": self.best_by,
            "best": value if value is not None and isfinite(value) else None,  # JSON has no NaN
            "best_epoch": best,
            "seconds": round(sum(sitting["seconds"] for sitting in self.sittings), 1),
            "sittings": self.sittings,
        }
        write_text(self.path, json.dumps(self.facts | came, indent=1) + "\n")

    def end_epoch(self, seconds: float) -> None:
        """seconds: that the epoch took, with its validation."""
        self.sittings[-1]["epochs"].append(round(seconds, 2))


def earlier_sittings(path: Path) -> list[dict[str, Any]]:
    """Of a run that goes on; none of one from before there was a record, or whose record is damaged."""
    try:
        found = json.loads(path.read_text("utf-8"))["sittings"]
        return [{"began": str(s["began"]), "seconds": float(s["seconds"]), "epochs": list(s["epochs"])} for s in found]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def versions() -> dict[str, str]:
    """Of Python, the system and the libraries that decide what is learned."""
    found = {"python": python_version(), "system": platform()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def now() -> str:
    """ "2026-11-30T20:15:00Z"."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def typed_words() -> list[str]:
    """The command line after the program's name."""
    return sys.argv[1:]
