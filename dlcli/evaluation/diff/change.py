"""What the parts of a comparison share: the limits, one change, and how far things drifted."""

from dataclasses import field
from typing import Any

from dlcli.frozen import dataclass

Record = dict[str, Any]

DECIMALS = 9  # differences are rounded to these, so that 0.9312 and 0.9302 differ by 0.001 and not by a bit more
COMMON = {  # kinds of changes that every task has, by the thing that changed, in the order of reports
    "field": ("changed",),
    "image": ("failed", "recovered", "lost", "new"),
}
MIRRORED = {"lost": "new", "new": "lost", "failed": "recovered", "recovered": "failed"}


@dataclass(frozen=True)
class Limits:
    """What is still the same. iou: of boxes and masks, at least. tol: of scores and shares. pixels: of coordinates."""

    iou: float = 0.9
    tol: float = 1e-3
    pixels: float = 1.0


@dataclass(frozen=True)
class Change:
    """One difference above the limits.

    kind, thing: see parts.kinds_of. name: the label or the field, empty where the two sides have their own.
    a, b: JSON values of the two sides, None for a side that has none. pixels: the largest difference of a coordinate.
    iou: of the two sides; of a lost or new box, of it and the nearest of its label that is left over on the other side:
    one that moved too far to be the same. drift: score or share of b less that of a.
    """

    kind: str
    thing: str
    name: str
    a: Any
    b: Any
    pixels: float | None = None
    iou: float | None = None
    drift: float | None = None

    def fields(self) -> dict[str, Any]:
        """As JSON values, in a fixed order."""
        name = {"field" if self.thing == "field" else "label": self.name} if self.name else {}
        measures = {"pixels": self.pixels, "iou": self.iou, "drift": self.drift}
        shown = {key: rounded(value) for key, value in measures.items() if value is not None}
        return {"kind": self.kind, "thing": self.thing, **name, **shown, "a": self.a, "b": self.b}

    def mirrored(self) -> "Change":
        """The same seen from the other side."""
        drift = None if self.drift is None else -self.drift
        kind = MIRRORED.get(self.kind, self.kind)
        return Change(kind, self.thing, self.name, self.b, self.a, self.pixels, self.iou, drift)


@dataclass
class Drift:
    """How far things that are in both went, also within the limits. None: there was nothing to measure.

    score: the largest difference of a score or a share. pixels: of a coordinate. iou: the lowest of two masks.
    """

    score: float | None = None
    pixels: float | None = None
    iou: float | None = None

    def add(self, score: float | None = None, pixels: float | None = None, iou: float | None = None) -> None:
        self.score = _furthest(max, self.score, score)
        self.pixels = _furthest(max, self.pixels, pixels)
        self.iou = _furthest(min, self.iou, iou)

    def fields(self) -> dict[str, float | None]:
        """As JSON values."""
        return {name: None if value is None else rounded(value) for name, value in vars(self).items()}


@dataclass
class Findings:
    """What the comparison of one or more pairs of records adds to.

    changes: as they are found. class_ids: label -> the ids that it has on the two sides, where they differ.
    """

    changes: list[Change] = field(default_factory=list)
    drift: Drift = field(default_factory=Drift)
    class_ids: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    def add_ids(self, label: str, a: Record, b: Record) -> None:
        """Another number for the same label is another model's numbering and no change of the image."""
        ids = a.get("class_id"), b.get("class_id")
        if ids[0] != ids[1]:
            self.class_ids.setdefault(label, ids)


def rounded(value: float) -> float:
    """A difference as it is compared and reported; never -0."""
    return round(float(value), DECIMALS) + 0.0


def _furthest(choose: Any, known: float | None, value: float | None) -> float | None:
    if value is None or known is None:
        return known if value is None else value
    return float(choose(known, value))
