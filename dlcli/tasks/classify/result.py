"""What an image shows: as a record, as a line, as a table, as a drawn image."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from dlcli.frozen import dataclass
from dlcli.records import DecodedImage
from dlcli.tasks.contract import SHOWN_SCORE, Output, Result
from dlcli.tasks.outputs import image_name
from dlcli.units import show_score

if TYPE_CHECKING:
    import numpy as np

    from dlcli.imaging.drawing.pen import Pen


@dataclass(frozen=True)
class Classes(Result):
    """class_ids: int64 [N], best first. scores: float [N] in [0, 1], among all classes. labels: of all, by id.

    shares: float [N] among the classes that were chosen; None where none were. sure: the best one is above the
    threshold. pen, written: how they are drawn, and what is written for each label; None: as usual.
    """

    class_ids: "np.ndarray"
    scores: "np.ndarray"
    labels: tuple[str, ...]
    shares: "np.ndarray | None" = None
    sure: bool = True
    pen: "Pen | None" = None
    written: Sequence[str] | None = None

    def fields(self) -> dict[str, Any]:
        found: list[dict[str, Any]] = [
            {"label": label, "class_id": int(number), "score": round(score, SHOWN_SCORE)}
            for number, (label, score) in zip(self.class_ids, self.pairs(), strict=True)
        ]
        if self.shares is not None:
            found = [
                item | {"chosen_share": round(float(share), SHOWN_SCORE)}
                for item, share in zip(found, self.shares, strict=True)
            ]
        return {"classes": found}

    def pairs(self) -> list[tuple[str, float]]:
        """(label, score), best first."""
        both = zip(self.class_ids, self.scores, strict=True)
        return [(self.labels[int(number)], float(score)) for number, score in both]

    def line(self) -> str:
        return (
            ", ".join(f"{label} {show_score(score)}" for label, score in self.pairs()) or "no class above the threshold"
        )

    def table(self) -> tuple[list[str], list[list[str]]]:
        return ["label", "score"], [[label, show_score(score)] for label, score in self.pairs()]

    def outputs(self, image: DecodedImage, place: PurePosixPath, saves: tuple[str, ...]) -> Iterator[Output]:
        from dlcli.imaging.drawing.label_canvas import draw_labels
        from dlcli.imaging.drawing.pen import PLAIN
        from dlcli.imaging.writer import encode_image

        if "annotated" in saves:
            name = image_name(place)
            labels = self.labels if self.written is None else self.written
            written = [labels[int(number)] for number in self.class_ids]
            yield name, encode_image(draw_labels(image.pixels, self.pairs(), self.pen or PLAIN, written), name.suffix)
