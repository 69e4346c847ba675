"""What an image shows: as a record, as a line, as a table, as a drawn image."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from dlcli.records import DecodedImage
from dlcli.tasks.contract import SHOWN_SCORE, Output, Result
from dlcli.tasks.outputs import image_name

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Classes(Result):
    """class_ids: int64 [N], best first. scores: float [N] in [0, 1]. labels: of all classes, by id."""

    class_ids: "np.ndarray"
    scores: "np.ndarray"
    labels: tuple[str, ...]

    def fields(self) -> dict[str, Any]:
        found = [
            {"label": label, "class_id": int(number), "score": round(score, SHOWN_SCORE)}
            for number, (label, score) in zip(self.class_ids, self.pairs(), strict=True)
        ]
        return {"classes": found}

    def pairs(self) -> list[tuple[str, float]]:
        """(label, score), best first."""
        both = zip(self.class_ids, self.scores, strict=True)
        return [(self.labels[int(number)], float(score)) for number, score in both]

    def line(self) -> str:
        return ", ".join(f"{label} {score:.2f}" for label, score in self.pairs()) or "no class above the threshold"

    def table(self) -> tuple[list[str], list[list[str]]]:
        return ["label", "score"], [[label, f"{score:.4f}"] for label, score in self.pairs()]

    def outputs(self, image: DecodedImage, place: PurePosixPath, saves: tuple[str, ...]) -> Iterator[Output]:
        from dlcli.imaging.drawing.label_canvas import draw_labels
        from dlcli.imaging.writer import encode_image

        if "annotated" in saves:
            name = image_name(place)
            ids = [int(number) for number in self.class_ids]
            yield name, encode_image(draw_labels(image.pixels, self.pairs(), ids), name.suffix)
