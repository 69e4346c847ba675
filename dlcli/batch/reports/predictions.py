"""A record of any task as the reports see it: its name, what was found, which gates it broke."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlcli.batch.gates.outcome import GateOutcome
from dlcli.batch.reports.summary import RunFacts
from dlcli.errors import ExitCode
from dlcli.records import shown_name

Record = Mapping[str, Any]
BOX = tuple[float, float, float, float]
NOUNS = {  # what a find is called
    "detect": "object",
    "classify": "label",
    "segment": "region",
    "style-transfer": "style",
    "preprocess": "finding",
}
_STEERING = {"Cc", "Cs", "Zl", "Zp"}  # control characters, surrogates, line and paragraph separators
_BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0xFEFF, 0xFFFE, 0xFFFF}


@dataclass(frozen=True)
class Find:
    """One thing that a task says of a picture.

    value: the score, or the share of the picture (segment) or of the mixture (style-transfer), in [0, 1]; None: it has
    none. box: xyxy in pixels of the upright picture. rle: COCO's, {"size": [height, width], "counts": text}. note: a
    sentence of `preprocess --check`.
    """

    label: str
    class_id: int = 0
    value: float | None = None
    box: BOX | None = None
    rle: Mapping[str, Any] | None = None
    note: str = ""

    def shown(self) -> str:
        return self.label if self.value is None else f"{self.label} {self.value:.2f}"


def finds_of(record: Record) -> list[Find]:
    """What was found, in the record's order; nothing in a failure."""
    found = [Find(item["kind"], note=item["message"]) for item in record.get("findings", ())]
    found += [Find(item["style"], value=item["share"]) for item in record.get("styles", ())]
    for item in (*record.get("detections", ()), *record.get("classes", ())):
        value = item["score"] if "score" in item else item.get("share")
        box = tuple(item["box"]) if "box" in item else None
        found.append(Find(item["label"], item.get("class_id", 0), value, box, item.get("rle")))
    return found


def value_name(task: str) -> str:
    """What `Find.value` is in this task."""
    return "share" if task in {"segment", "style-transfer"} else "score"


def tally_of(task: str, records: Iterable[Record]) -> list[tuple[str, int]]:
    """(label, finds), the most frequent first; of `classify` the best label of each picture."""
    counts: Counter[str] = Counter()
    for record in records:
        finds = finds_of(record)
        counts.update(find.label for find in (finds[:1] if task == "classify" else finds))
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def name_of(record: Record) -> str:
    """The picture's name on one line; a part of a picture has the number of the find, as `Source.shown`."""
    return one_line(shown_name(record))


def one_line(text: str) -> str:
    r"""Valid Unicode without characters that break lines or turn the direction of writing: they are written "\x0a"."""
    return "".join(f"\\x{ord(c):02x}" if _steers(c) else c for c in text)


def _steers(character: str) -> bool:
    return unicodedata.category(character) in _STEERING or ord(character) in _BIDI


def message_of(record: Record) -> str:
    """Why a picture failed, without its name in front."""
    message = str(record["error"]["message"])
    return one_line(message.removeprefix(f"{record['source']}: "))


class BrokenGates:
    """Looks up which gates a picture broke."""

    def __init__(self, gates: Sequence[GateOutcome]):
        self.by_name: dict[str, list[GateOutcome]] = {}
        for gate in gates:
            for name in gate.pictures if gate.broken else ():
                self.by_name.setdefault(name, []).append(gate)

    def of(self, record: Record) -> list[GateOutcome]:
        """In the order of the command line."""
        return self.by_name.get(shown_name(record)) or self.by_name.get(record["source"]) or []


def strict_check(facts: RunFacts) -> bool:
    """Whether the exit code says that a finding of `preprocess --check --strict` broke, which is no gate of its own."""
    return facts.exit_code == ExitCode.GATE and not any(gate.broken for gate in facts.gates)


def gate_counts(facts: RunFacts) -> bool:
    """Whether a broken gate is an error; False with --exit-zero, where it is only told."""
    return facts.exit_code != ExitCode.DONE
