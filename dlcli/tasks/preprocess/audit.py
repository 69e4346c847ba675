"""`--check`: what is wrong or odd with each file of a folder, and which look alike. Nothing is written."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from dlcli.errors import ImageError
from dlcli.frozen import dataclass
from dlcli.imaging.file_info import read_image_info
from dlcli.imaging.geometry import Placement
from dlcli.imaging.perceptual_hash import Lookalikes, perceptual_hash
from dlcli.records import DecodedImage, Source
from dlcli.tasks.contract import Output, Predictor, Result, TaskSummary
from dlcli.tasks.preprocess.findings import of_file, of_likeness, of_turn


class Auditor(Predictor):
    """See tasks.contract.Predictor. bits: how far hashes of near-duplicates may differ."""

    model = pre = ""
    lines_of_run = True

    def __init__(self, bits: int):
        self.lookalikes = Lookalikes(bits)
        self.lines: list[tuple[str, bool]] = []
        self.alike: dict[str, list[tuple[str, bool]]] = {}  # by the first of the group
        self.warned = 0

    def predict(self, pixels: np.ndarray, placement: Placement | None) -> "Audited":
        return Audited(perceptual_hash(pixels))

    def after_save(self, source: Source, result: "Audited") -> dict[str, Any]:
        try:
            file_info = read_image_info(source)
        except OSError as error:
            raise ImageError("unreadable", f"{source.text}: {error}; run it again") from error
        findings = of_file(file_info, source.path)
        return {"format": file_info.format, "bits": file_info.bits, "frames": file_info.frames, "findings": findings}

    def on_record(self, record: dict[str, Any]) -> dict[str, Any]:
        name = record["source"]
        if not record["ok"]:
            self.lines.append((f"{name}: " + record["error"]["message"].removeprefix(f"{name}: "), True))
            return record
        findings = [*of_turn(record["exif_orientation"]), *record["findings"]]
        self.lines += [(f"{name}: {found['message']}", False) for found in findings]
        like = self.lookalikes.place(name, int(record["hash"], 16))
        if like is not None:
            findings.append(of_likeness(*like))
            self.alike.setdefault(like[0], []).append((f"{name}: {findings[-1]['message']}", False))
        self.warned += bool(findings)
        return record | {"findings": findings}

    def summarize(self) -> TaskSummary:
        lines = (*self.lines, *(line for group in self.alike.values() for line in group))
        return TaskSummary(lines=lines, warned=bool(self.warned))


@dataclass(frozen=True)
class Audited(Result):
    """hash: perceptual, 64 bits."""

    hash: int

    def fields(self) -> dict[str, Any]:
        return {"hash": f"{self.hash:016x}"}

    def line(self) -> str:
        return f"hash {self.hash:016x}"

    def table(self) -> tuple[list[str], list[list[str]]]:
        return [], []

    def outputs(self, image: DecodedImage, place: PurePosixPath, saves: tuple[str, ...]) -> Iterator[Output]:
        return iter(())
