"""What every task answers of its records, so that reports, merge and the summary line need to know no task. Light.

The defaults here serve any record; a task says where it differs.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from dlcli.frozen import dataclass
from dlcli.tasks.summary import Summary
from dlcli.units import show_score, show_share

Record = Mapping[str, Any]
BOX = tuple[float, float, float, float]
SCORE, SHARE = "score", "share"
HALF = 0.5
MOST_VALUES = 6  # of a label that one line shows


@dataclass(frozen=True)
class Prediction:
    """One thing that a task says of an image.

    label: its class, or what kind of thing it is.
    class_id: 0 where the task has no classes.
    value: the score, or the share of the image or of a mixture, in [0, 1]; None: it has none.
    box: xyxy in pixels of the upright image.
    rle: COCO's, {"size": [height, width], "counts": text}.
    note: a sentence about it.
    is_share: what `value` is; else it is a score.
    """

    label: str
    class_id: int = 0
    value: float | None = None
    box: BOX | None = None
    rle: Mapping[str, Any] | None = None
    note: str = ""
    is_share: bool = False

    def shown_value(self) -> str:
        """As people read it, "" for none."""
        if self.value is None:
            return ""
        return show_share(self.value) if self.is_share else show_score(self.value)

    def shown(self) -> str:
        return f"{self.label} {self.shown_value()}".rstrip()


def together(items: Sequence[Prediction]) -> str:
    """Predictions in one line, best first: "cat 0.90, dog 0.43", of many with a label "173 bird (0.72 ... 0.25)"."""
    values: dict[str, list[Prediction]] = {}
    for item in items:
        values.setdefault(item.label, []).append(item)
    return ", ".join(_of_label(label, found) for label, found in values.items())


def _of_label(label: str, found: Sequence[Prediction]) -> str:
    if len(found) == 1 or found[0].value is None:
        return found[0].shown() if len(found) == 1 else f"{len(found)} {label}"
    return f"{len(found)} {label} ({spread([item.shown_value() for item in found])})"


def spread(values: Sequence[str]) -> str:
    """ "0.90, 0.43"; of many the first and the last: "0.72 ... 0.25"."""
    return ", ".join(values) if len(values) <= MOST_VALUES else f"{values[0]} ... {values[-1]}"


class Answers:
    """Questions about a task's records, with the answers of most tasks."""

    noun: ClassVar[str] = "prediction"  # of what `tally` counts
    column_title: ClassVar[str] = "label"  # over the labels of predictions
    found_noun: ClassVar[str] = ""  # of a prediction in reports; "" for `noun`
    value_name: ClassVar[str] = SCORE  # what `Prediction.value` is, "score" or "share"
    ranked: ClassVar[bool] = False  # predictions are a ranking, best first, and not things in the image
    parts: ClassVar[bool] = False  # predictions are parts of the image, so that without one --from-jsonl takes nothing
    makes_images: ClassVar[bool] = False  # an image without a prediction is nothing to speak of
    columns: ClassVar[tuple[str, ...]] = ("label", "class_id", "score", "share")  # of a table, in its order

    def predictions(self, record: Record) -> list[Prediction]:
        """What was found, in the record's order; nothing in a failure."""
        items = (*record.get("detections", ()), *record.get("classes", ()))
        return [*map(_labeled, items), *(Prediction(i["kind"], note=i["message"]) for i in record.get("findings", ()))]

    def counted(self, record: Record) -> list[Prediction]:
        """Predictions that count: of a ranking the best, and each with more than half, as a multi-label model may give.

        Scores that sum to 1 have no second one above a half.
        """
        found = self.predictions(record)
        if not self.ranked:
            return found
        return [*found[:1], *(item for item in found[1:] if item.value is not None and item.value > HALF)]

    def tally(self, record: Record) -> Counter[str]:
        """What the summary line counts of an image."""
        return Counter(item.label for item in self.counted(record))

    def cells(self, record: Record) -> dict[str, Any]:
        """Cells of a table that every row of an image has, by column."""
        return {}

    def rows(self, record: Record) -> list[dict[str, Any]]:
        """Cells that differ from prediction to prediction; no rows where there is none."""
        items = (*record.get("detections", ()), *record.get("classes", ()))
        return [{name: item[name] for name in ("label", "class_id", SCORE, SHARE) if name in item} for item in items]

    def summary(self) -> Summary:
        """What closes a run, and the merge of its records; empty."""
        return Summary(self.noun, self.tally)


def _labeled(item: Record) -> Prediction:
    value = item[SCORE] if SCORE in item else item.get(SHARE)
    box = tuple(item["box"]) if "box" in item else None
    is_share = SCORE not in item and SHARE in item
    return Prediction(item["label"], item.get("class_id", 0), value, box, item.get("rle"), is_share=is_share)
