"""What was found in one image: as a record, as a line, as a table, as files."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from dlcli.frozen import dataclass
from dlcli.records import Boxes, DecodedImage
from dlcli.tasks.answers import spread
from dlcli.tasks.contract import SHOWN_PIXEL, SHOWN_SCORE, Output, Result
from dlcli.tasks.outputs import folder_below, image_name, redacted_name
from dlcli.tasks.redaction import REDACTED, Redaction
from dlcli.units import show_score

if TYPE_CHECKING:
    from dlcli.imaging.drawing.pen import Pen

QUALITY = 95  # of JPEG, where pixels are handed on and not only looked at


@dataclass(frozen=True)
class Detections(Result):
    """boxes: best first, in pixels of the upright image. truncated: --max-det cut the list.

    pen, written: how boxes are drawn, and what is written for each label; None: as usual. redaction: what is covered.
    """

    boxes: Boxes
    truncated: bool
    labels: tuple[str, ...]
    pen: "Pen | None" = None
    written: Sequence[str] | None = None
    redaction: Redaction | None = None

    def fields(self) -> dict[str, Any]:
        found = {"detections": [self._detection(i) for i in range(len(self.boxes))], "truncated": self.truncated}
        return found if self.redaction is None else found | self.redaction.fields(len(self._covered()))

    def _covered(self) -> Boxes:
        """The boxes that are to be unrecognizable."""
        return self.boxes[[int(i) in self.redaction.class_ids for i in self.boxes.class_ids] if self.redaction else []]

    def _detection(self, index: int) -> dict[str, Any]:
        return {
            "label": self._label(index),
            "class_id": int(self.boxes.class_ids[index]),
            "score": round(float(self.boxes.scores[index]), SHOWN_SCORE),
            "box": [round(float(value), SHOWN_PIXEL) for value in self.boxes.xyxy[index]],
        }

    def line(self) -> str:
        if not len(self.boxes):
            return "nothing found"
        scores: dict[str, list[str]] = {}
        for i in range(len(self.boxes)):
            scores.setdefault(self._label(i), []).append(show_score(self.boxes.scores[i]))
        return ", ".join(f"{len(found)} {label} ({spread(found)})" for label, found in scores.items())

    def table(self) -> tuple[list[str], list[list[str]]]:
        rows = [
            [self._label(i), show_score(self.boxes.scores[i]), *(f"{value:.0f}" for value in self.boxes.xyxy[i])]
            for i in range(len(self.boxes))
        ]
        return ["label", "score", "x1", "y1", "x2", "y2"], rows

    def outputs(self, image: DecodedImage, place: PurePosixPath, saves: tuple[str, ...]) -> Iterator[Output]:
        from dlcli.imaging.drawing.canvas import draw_boxes
        from dlcli.imaging.drawing.pen import PLAIN
        from dlcli.imaging.writer import encode_image

        if "annotated" in saves:
            name = image_name(place)
            drawn = draw_boxes(image.pixels, self.boxes, self.labels, self.pen or PLAIN, self.written)
            yield name, encode_image(drawn, name.suffix)
        if REDACTED in saves and self.redaction is not None:
            yield self._redacted(image, place, self.redaction)
        if "crops" in saves:
            for i, box in enumerate(self.boxes.xyxy):
                x1, y1, x2, y2 = box[0], box[1], -(-box[2] // 1), -(-box[3] // 1)
                crop = image.pixels[int(y1) : int(y2), int(x1) : int(x2)]
                yield (
                    folder_below("crops", place) / f"{i:03d}-{file_word(self._label(i))}.jpg",
                    encode_image(crop, ".jpg", QUALITY),
                )
        if {"yolo", "voc", "labelme"} & {*saves}:
            from dlcli.tasks.detect.annotation_files import of_image

            yield from of_image(image, place, self.boxes, self.labels, saves)

    def _redacted(self, image: DecodedImage, place: PurePosixPath, how: Redaction) -> Output:
        """Made of the decoded pixels alone: nothing else of the file comes along."""
        from dlcli.imaging.drawing.redact import redact_boxes
        from dlcli.imaging.writer import encode_image

        name = redacted_name(place)
        covered = redact_boxes(image.pixels, self._covered().xyxy, how.style, how.padding)
        return name, encode_image(covered, name.suffix, QUALITY)

    def _label(self, index: int) -> str:
        return self.labels[int(self.boxes.class_ids[index])]


def file_word(label: str) -> str:
    """A label as part of a file name: letters, digits and dashes, whatever a foreign model calls its classes."""
    word = "".join(c if c.isalnum() else "-" for c in label).strip("-")
    return word[:60] or "class"
