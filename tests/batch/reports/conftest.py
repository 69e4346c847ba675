"""Records of all five tasks on real images, good and broken ones, made once by the program itself."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dlcli.batch.gates.outcome import GateOutcome
from dlcli.batch.reports.summary import RunSummary
from dlcli.errors import ExitCode
from tests.program import dlcli

IMAGES = ("sample_data/astronaut.jpg", "sample_data/cat.jpg", "sample_data/coffee.jpg", "sample_data/rocket.jpg")
COMMANDS = {
    "detect": ["detect", "--conf", "0.05"],
    "classify": ["classify", "--top", "3"],
    "segment": ["segment"],
    "style-transfer": ["style-transfer", "--style", "starry-night"],
    "preprocess": ["preprocess", "--gamma", "0.8"],
    "check": ["preprocess", "--check"],
}
MAKES_FILES = {"style-transfer", "preprocess"}


@dataclass(frozen=True)
class Run:
    summary: RunSummary
    records: list[dict[str, Any]]
    out: Path | None


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """By the names of COMMANDS; two gates, of which one broke in one image and one in all together."""
    made = {}
    for name, words in COMMANDS.items():
        out = tmp_path_factory.mktemp(name) if name in MAKES_FILES else None
        place = ["--out", out] if out else []
        ran = dlcli(*words, *IMAGES, "sample_data/broken", "--json", *place)
        assert ran.code == ExitCode.INCOMPLETE, ran.err
        records = [json.loads(line) for line in ran.lines]
        made[name] = Run(summary_of(records, words[0], GATES), records, out)
    return made


GATES = (
    GateOutcome(
        *("--fail-if", "count(person) > 0", True, ("sample_data/astronaut.jpg",), "1 of 9 images matches"),
        evidence=("person 0.78",),
    ),
    GateOutcome("--require", "any: score(cat) >= 0.6", False, (), "6 of 9 images match"),
    GateOutcome("--fail-if", "total: count(cat) > 3", True, (), "the total of count(cat) is 6"),
)


def summary_of(
    records: list[dict[str, Any]],
    task: str = "detect",
    gates: tuple[GateOutcome, ...] = (),
    code: ExitCode = ExitCode.INCOMPLETE,
    skip_bad: bool = False,
) -> RunSummary:
    failures = sum(not record["ok"] for record in records)
    model = next((record["model"] for record in records if record["ok"]), "")
    sentence = f"{len(records)} images; {failures} failed"
    return RunSummary(task, model, "1.2.3", len(records), failures, skip_bad, sentence, "5e" * 32, code, gates)


def found(source: str, *labels: str) -> dict[str, Any]:
    """A record of detect, with a box a label."""
    boxes = [
        {"label": label, "class_id": i, "score": 0.9 - 0.2 * i, "box": [1.0, 2.0, 30.0 + i, 40.0]}
        for i, label in enumerate(labels)
    ]
    head = {"schema": "dlcli.detect/1", "source": source, "ok": True, "width": 64, "height": 48}
    return {**head, "exif_orientation": 1, "model": "coco@sha256:1f", "detections": boxes, "truncated": False}


def failed(source: str, kind: str = "empty", message: str = "the file is empty (0 bytes)") -> dict[str, Any]:
    error = {"kind": kind, "message": f"{source}: {message}"}
    return {"schema": "dlcli.detect/1", "source": source, "ok": False, "error": error}
