"""The classes of one image's pixels: as a record, as a line, as a table, as files."""

import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcli.frozen import dataclass
from dlcli.ops.masks import counts_by_class, rle_area, rle_to_string
from dlcli.records import DecodedImage, IndexMask
from dlcli.tasks.contract import SHOWN_SCORE, Output, Result
from dlcli.tasks.detect.result import QUALITY, file_word
from dlcli.tasks.outputs import folder_below, redacted_name
from dlcli.tasks.redaction import REDACTED, Redaction
from dlcli.tasks.segment.names import index_name, overlay_name
from dlcli.tasks.segment.options import CutoutBy, CutoutSize
from dlcli.tasks.segment.segmenter import NO_CLASS
from dlcli.units import show_share

if TYPE_CHECKING:
    from dlcli.imaging.drawing.pen import Pen


@dataclass(frozen=True)
class Showing:
    """How the files of an image look. pen, written: see draw_mask. redaction: what is covered."""

    pen: "Pen | None" = None
    written: Sequence[str] | None = None
    redaction: Redaction | None = None
    cutout_by: CutoutBy = CutoutBy.CLASS
    cutout_size: CutoutSize = CutoutSize.CROP


@dataclass(frozen=True)
class Segments(Result):
    """mask: as large as the upright image. background: its class id, None where the model has none."""

    mask: IndexMask
    labels: tuple[str, ...]
    background: int | None
    showing: Showing = Showing()

    @cached_property
    def counts(self) -> dict[int, np.ndarray]:
        """Run lengths of each class that is there, the background left out, the largest share first."""
        found = counts_by_class(self.mask.values)
        found = {k: v for k, v in found.items() if k not in (self.background, NO_CLASS)}
        return dict(sorted(found.items(), key=lambda item: -rle_area(item[1])))

    def fields(self) -> dict[str, Any]:
        found = {"classes": [self._class(class_id) for class_id in self.counts]}
        how = self.showing.redaction
        return found if how is None else found | how.fields(self._regions_covered(how))

    def _class(self, class_id: int) -> dict[str, Any]:
        return {
            "label": self.labels[class_id],
            "class_id": class_id,
            "share": round(self._share(class_id), SHOWN_SCORE),
            "rle": {"size": [self.mask.height, self.mask.width], "counts": rle_to_string(self.counts[class_id])},
        }

    def line(self) -> str:
        shares = [f"{self.labels[class_id]} {show_share(self._share(class_id))}" for class_id in self.counts]
        return ", ".join(shares) or "nothing but background"

    def table(self) -> tuple[list[str], list[list[str]]]:
        rows = [
            [self.labels[class_id], show_share(self._share(class_id)), f"{rle_area(counts):,}"]
            for class_id, counts in self.counts.items()
        ]
        return ["label", "share", "pixels"], rows

    def outputs(self, image: DecodedImage, place: PurePosixPath, saves: tuple[str, ...]) -> Iterator[Output]:
        from dlcli.imaging.drawing.mask_canvas import draw_mask
        from dlcli.imaging.drawing.pen import PLAIN
        from dlcli.imaging.formats.index_png import encode_gray_png, encode_index_png
        from dlcli.imaging.writer import encode_image

        mask = self.mask.values
        if "index" in saves:
            yield index_name(place), encode_index_png(mask)
        if "overlay" in saves:
            name = overlay_name(place)
            labels = {class_id: self.labels[class_id] for class_id in self.counts}
            drawn = draw_mask(image.pixels, mask, labels, self.showing.pen or PLAIN, self.showing.written)
            yield name, encode_image(drawn, name.suffix)
        if REDACTED in saves and self.showing.redaction is not None:
            yield self._redacted(image, place, self.showing.redaction)
        if {"yolo", "labelme"} & {*saves}:
            from dlcli.tasks.segment.annotation_files import of_mask

            numbers = yolo_numbers(len(self.labels), self.background)
            yield from of_mask(self.mask.values, [*self.counts], place, self.labels, numbers, saves)
        for class_id in self.counts:
            inside = mask == class_id
            word = f"{class_id:03d}-{file_word(self.labels[class_id])}"
            if "masks" in saves:
                values = np.where(inside, 255, 0).astype(np.uint8)
                yield folder_below("masks", place) / f"{word}.png", encode_gray_png(values)
            if "cutouts" in saves:
                yield from self._cutouts(image, folder_below("cutouts", place), word, inside)

    def _cutouts(self, image: DecodedImage, folder: PurePosixPath, word: str, inside: np.ndarray) -> Iterator[Output]:
        """A class, or each of its regions, with a number then."""
        from dlcli.imaging.drawing.cutout import cut_out, regions
        from dlcli.imaging.writer import encode_image

        whole = self.showing.cutout_size is CutoutSize.FULL
        if self.showing.cutout_by is CutoutBy.CLASS:
            yield folder / f"{word}.png", encode_image(cut_out(image.pixels, inside, whole), ".png")
            return
        for number, region in enumerate(regions(inside), 1):
            yield folder / f"{word}-{number:02d}.png", encode_image(cut_out(image.pixels, region, whole), ".png")

    def _covered(self, how: Redaction) -> np.ndarray:
        """bool [H, W]: what is to be unrecognizable."""
        return np.isin(self.mask.values, how.class_ids)

    def _regions_covered(self, how: Redaction) -> int:
        import cv2

        return cv2.connectedComponents(self._covered(how).astype(np.uint8), connectivity=8)[0] - 1

    def _redacted(self, image: DecodedImage, place: PurePosixPath, how: Redaction) -> Output:
        """Made of the decoded pixels alone: nothing else of the file comes along."""
        from dlcli.imaging.drawing.redact import redact_mask
        from dlcli.imaging.writer import encode_image

        name = redacted_name(place)
        covered = redact_mask(image.pixels, self._covered(how), how.style, how.padding)
        return name, encode_image(covered, name.suffix, QUALITY)

    def _share(self, class_id: int) -> float:
        return rle_area(self.counts[class_id]) / self.mask.values.size


def yolo_numbers(count: int, background: int | None) -> dict[int, int]:
    """YOLO's class number by class id: the background has none, those after it move up."""
    kept = [class_id for class_id in range(count) if class_id != background]
    return {class_id: number for number, class_id in enumerate(kept)}


def legend(labels: tuple[str, ...]) -> bytes:
    """JSON: for each class its value in index masks, its name and its color there (red, green, blue)."""
    from dlcli.imaging.formats.index_png import voc_color

    rows = [{"class_id": i, "label": label, "color": list(voc_color(i))} for i, label in enumerate(labels)]
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    return f'{{"schema": "dlcli.legend/1", "classes": [\n{lines}\n]}}\n'.encode()
