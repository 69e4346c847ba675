"""The classes of one picture's pixels: as a record, as a line, as a table, as files."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from dlcli.ops.masks import counts_by_class, counts_to_text, rle_area
from dlcli.records import IndexMask, Picture
from dlcli.tasks.contract import SHOWN_SCORE, Output
from dlcli.tasks.detect.result import file_word
from dlcli.tasks.segment.predict import NO_CLASS
from dlcli.tasks.segment.task import class_folder, index_name, overlay_name


@dataclass(frozen=True)
class Segments:
    """mask: as large as the upright picture. background: its class id, None where the model has none."""

    mask: IndexMask
    labels: tuple[str, ...]
    background: int | None

    @cached_property
    def counts(self) -> dict[int, np.ndarray]:
        """Run lengths of each class that is there, the background left out, the largest share first."""
        found = counts_by_class(self.mask.values)
        found = {k: v for k, v in found.items() if k not in (self.background, NO_CLASS)}
        return dict(sorted(found.items(), key=lambda item: -rle_area(item[1])))

    def fields(self) -> dict[str, Any]:
        return {"classes": [self._class(class_id) for class_id in self.counts]}

    def _class(self, class_id: int) -> dict[str, Any]:
        return {
            "label": self.labels[class_id],
            "class_id": class_id,
            "share": round(self._share(class_id), SHOWN_SCORE),
            "rle": {"size": [self.mask.height, self.mask.width], "counts": counts_to_text(self.counts[class_id])},
        }

    def line(self) -> str:
        shares = [f"{self.labels[class_id]} {shown_share(self._share(class_id))}" for class_id in self.counts]
        return ", ".join(shares) or "nothing but background"

    def table(self) -> tuple[list[str], list[list[str]]]:
        rows = [
            [self.labels[class_id], shown_share(self._share(class_id)), f"{rle_area(counts):,}"]
            for class_id, counts in self.counts.items()
        ]
        return ["label", "share", "pixels"], rows

    def tally(self) -> Counter[str]:
        return Counter(self.labels[class_id] for class_id in self.counts)

    def outputs(self, picture: Picture, place: PurePosixPath, saves: tuple[str, ...]) -> Iterator[Output]:
        from dlcli.imaging.index_png import encode_grey_png, encode_index_png
        from dlcli.imaging.mask_canvas import cut_out, draw_mask
        from dlcli.imaging.writer import encode_picture

        mask = self.mask.values
        if "index" in saves:
            yield index_name(place), encode_index_png(mask)
        if "overlay" in saves:
            name = overlay_name(place)
            drawn = draw_mask(picture.pixels, mask, {class_id: self.labels[class_id] for class_id in self.counts})
            yield name, encode_picture(drawn, name.suffix)
        for class_id in self.counts:
            inside = mask == class_id
            file = f"{class_id:03d}-{file_word(self.labels[class_id])}.png"
            if "masks" in saves:
                yield class_folder("masks", place) / file, encode_grey_png(np.where(inside, 255, 0).astype(np.uint8))
            if "cutouts" in saves:
                yield class_folder("cutouts", place) / file, encode_picture(cut_out(picture.pixels, inside), ".png")

    def _share(self, class_id: int) -> float:
        return rle_area(self.counts[class_id]) / self.mask.values.size


def shown_share(share: float) -> str:
    """ "31 %", "0.4 %" under one percent, "<0.1 %"."""
    percent = 100 * share
    if percent >= 1:
        return f"{percent:.0f} %"
    return f"{percent:.1f} %" if percent >= 0.05 else "<0.1 %"


def legend(labels: tuple[str, ...]) -> bytes:
    """JSON: for each class its value in index masks, its name and its colour there (red, green, blue)."""
    from dlcli.imaging.index_png import voc_colour

    rows = [{"class_id": i, "label": label, "colour": list(voc_colour(i))} for i, label in enumerate(labels)]
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    return f'{{"schema": "dlcli.legend/1", "classes": [\n{lines}\n]}}\n'.encode()
