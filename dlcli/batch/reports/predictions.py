"""A record of any task as the reports see it: its name, what was found, which gates it broke."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from dlcli.batch.gates.outcome import GateOutcome
from dlcli.batch.reports.summary import RunSummary
from dlcli.errors import ExitCode
from dlcli.frozen import dataclass
from dlcli.records import shown_name
from dlcli.tasks.answers import Prediction, Record
from dlcli.tasks.registry import find_task

_STEERING = {"Cc", "Cs", "Zl", "Zp"}  # control characters, surrogates, line and paragraph separators
_BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0xFEFF, 0xFFFE, 0xFFFF}


def predictions_of(task: str, record: Record) -> list[Prediction]:
    """What was found, in the record's order; nothing in a failure."""
    return find_task(task).predictions(record)


def noun_of(task: str) -> str:
    """What a prediction of the task is called."""
    found = find_task(task)
    return found.found_noun or found.noun


def tally_of(task: str, records: Iterable[Record]) -> list[tuple[str, int]]:
    """(label, predictions that count), the most frequent first."""
    counts = Counter(item.label for record in records for item in find_task(task).counted(record))
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def name_of(record: Record) -> str:
    """The image's name on one line; a part of an image has the number of the prediction, as `Source.shown`."""
    return one_line(shown_name(record))


def one_line(text: str) -> str:
    r"""Valid Unicode without characters that break lines or turn the direction of writing: they are written "\x0a"."""
    return "".join(f"\\x{ord(c):02x}" if _steers(c) else c for c in text)


def _steers(character: str) -> bool:
    return unicodedata.category(character) in _STEERING or ord(character) in _BIDI


def message_of(record: Record) -> str:
    """Why an image failed, without its name in front."""
    message = str(record["error"]["message"])
    return one_line(message.removeprefix(f"{record['source']}: "))


class BrokenGates:
    """Looks up which gates an image broke, and by what."""

    def __init__(self, gates: Sequence[GateOutcome]):
        self.by_name: dict[str, list[Broken]] = {}
        for gate in gates:
            for name, evidence in gate.pairs() if gate.broken else ():
                self.by_name.setdefault(name, []).append(Broken(gate, evidence))

    def of(self, record: Record) -> "list[Broken]":
        """In the order of the command line."""
        return self.by_name.get(shown_name(record)) or self.by_name.get(record["source"]) or []


@dataclass(frozen=True)
class Broken:
    """A gate that an image broke. evidence: what of the image it is about, such as "dog 0.44"."""

    gate: GateOutcome
    evidence: str

    def sentence(self) -> str:
        return self.gate.of_image(self.evidence)


def strict_check(summary: RunSummary) -> bool:
    """Whether the exit code says that a finding of `preprocess --check --strict` broke, which is no gate of its own."""
    return summary.exit_code == ExitCode.GATE and not any(gate.broken for gate in summary.gates)


def gate_counts(summary: RunSummary) -> bool:
    """Whether a broken gate is an error; False with --exit-zero, where it is only reported."""
    return summary.exit_code != ExitCode.DONE
