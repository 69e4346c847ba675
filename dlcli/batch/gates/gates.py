"""All gates of a run: read, checked, shown every record, asked what they say. For the pipeline and `dlcli merge`."""

from collections.abc import Mapping, Sequence
from typing import Any

from dlcli.batch.gates.expression import (
    COUNT,
    FAIL_IF,
    QUANTITIES,
    REQUIRE,
    SKIPPED,
    TOTAL,
    Comparison,
    Gate,
    Place,
    Term,
    fault,
)
from dlcli.batch.gates.failed import name_in
from dlcli.batch.gates.measure import Countable, Measured, countable_of
from dlcli.batch.gates.outcome import GateOutcome
from dlcli.batch.gates.parser import parse_gate
from dlcli.batch.gates.scopes import AggregateGate, ScopedGate, scoped_gate
from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.messages import shortened
from dlcli.records import shown_name
from dlcli.tasks.groups import NO_GROUPS, Groups
from dlcli.tasks.labels import nearest_or_known

_NOTHING_THERE = "background"  # of segment: in no record


class Gates:
    """Of --fail-if and --require, in this order. False where there is none."""

    def __init__(self, gates: Sequence[Gate], groups: Groups = NO_GROUPS):
        self.scoped: tuple[ScopedGate, ...] = tuple(scoped_gate(gate) for gate in gates)
        self.groups = groups
        self.failed: list[bytes] = []  # names of images that broke one alone

    @classmethod
    def parse(cls, fail_if: Sequence[str] | None, require: Sequence[str] | None, groups: Groups = NO_GROUPS) -> "Gates":
        """UsageError for the first text that is no gate."""
        texts = [(FAIL_IF, text) for text in fail_if or ()] + [(REQUIRE, text) for text in require or ()]
        return cls([parse_gate(option, text) for option, text in texts], groups)

    def __bool__(self) -> bool:
        return bool(self.scoped)

    def check(
        self, task: str, labels: tuple[str, ...], makes_images: bool = False, left_out: Sequence[str] = ()
    ) -> None:
        """UsageError for what the records of this task cannot answer.

        labels: of the model; () where they are not known (yet). makes_images: the task as its options make it lists
        only what it wrote (Task.needs_out). left_out: labels that --classes or --exclude-classes does not look for.
        """
        for gate in self.scoped:
            check_gate(gate.gate, task, labels, makes_images, left_out, self.groups)

    def add(self, record: dict[str, Any]) -> bool:
        """The next record, in input order; a failure is in no gate. Whether it breaks one alone.

        DataError: it is not as the schema describes.
        """
        if not record["ok"] or not self.scoped:
            return False
        measured, name = Measured(record, self.groups), shown_name(record)
        each = [gate.add(name, measured) for gate in self.scoped]  # all of them count it
        breaks = any(each)
        if breaks:
            self.failed.append(name_in(record))
        return breaks

    def skip(self, counts: Mapping[str, int]) -> None:
        """What the run did not look at, by kind; reported once, at its end."""
        for gate in self.scoped:
            if isinstance(gate, AggregateGate):
                gate.skip(counts)

    def labels(self) -> list[str]:
        """Those that are asked for, in the order of the command line."""
        terms = (comparison.term for gate in self.scoped for comparison in gate.gate.condition.comparisons())
        return [term.label for term in terms if term.label is not None and term.quantity != SKIPPED]

    def outcomes(self) -> tuple[GateOutcome, ...]:
        """What each gate says of the records so far."""
        return tuple(gate.outcome() for gate in self.scoped)


def check_gate(
    gate: Gate,
    task: str,
    labels: tuple[str, ...],
    makes_images: bool = False,
    left_out: Sequence[str] = (),
    groups: Groups = NO_GROUPS,
) -> None:
    """See Gates.check."""
    GateCheck(gate, task, labels, makes_images, frozenset(map(str.casefold, left_out)), groups).run()


@dataclass(frozen=True)
class GateCheck:
    """One gate against one task; see Gates.check."""

    gate: Gate
    task: str
    labels: tuple[str, ...]
    makes_images: bool
    left_out: frozenset[str] = frozenset()
    groups: Groups = NO_GROUPS

    def run(self) -> None:
        countable = countable_of(self.task)
        if all(term.quantity == SKIPPED for term in self.gate.terms()):
            return
        if self.makes_images or not countable.quantities:
            raise self.error((0, len(self.gate.text)), self._nothing_to_ask(countable))
        for comparison in self.gate.condition.comparisons():
            if comparison.term.quantity == SKIPPED:
                continue
            self.check_quantity(comparison.term, countable)
            self.check_label(comparison.term, countable)
            if countable.once and self.gate.scope != TOTAL:
                self.check_count(comparison)

    def check_quantity(self, term: Term, countable: Countable) -> None:
        if term.quantity in countable.quantities:
            return
        words = [word for word in (*QUANTITIES, "no") if (COUNT if word == "no" else word) in countable.quantities]
        forms = " or ".join(f"{word}(LABEL)" for word in words)
        instead = ("not " if term.word == "no" else "") + Term(countable.quantities[-1], term.label).example()
        reason = f"dlcli {self.task} has no {term.word}(...); expected {forms}; write {instead}"
        raise self.error(term.word_at, reason)

    def check_label(self, term: Term, countable: Countable) -> None:
        labels = countable.kinds or self.labels
        label = term.label
        if label is None:
            return
        if countable.once and label.casefold() == _NOTHING_THERE:
            advice = "write share(*) for all that is not background"
            raise self.error(term.label_at, f"{_NOTHING_THERE} is in no record of dlcli {self.task}; {advice}")
        if self.groups.meant(label) <= self.left_out:
            raise self.error(term.label_at, f"{label} is not looked for: --classes or --exclude-classes leaves it out")
        if (
            labels
            and self.groups.meant(label) == {label.casefold()}
            and label.casefold() not in {known.casefold() for known in labels}
        ):
            known = f"dlcli {self.task} finds" if countable.kinds else "the model knows"
            hint = nearest_or_known(labels, label, known)
            raise self.error(term.label_at, f"no label {shortened(label)}; {hint}")

    def check_count(self, comparison: Comparison) -> None:
        """A class is in a mask or not: "count(person) > 1" would never hold, however many there are."""
        term, number = comparison.term, comparison.number
        constant = number > 1 or (number == 1 and comparison.operator in (">", "<="))
        one = term.label is not None and len(self.groups.meant(term.label)) == 1
        if term.quantity == COUNT and one and constant:
            reason = f"in dlcli {self.task} {term} is 0 or 1 in an image; expected count(LABEL) > 0, or a share"
            raise self.error(term.word_at, reason)

    def error(self, place: Place, reason: str) -> UsageError:
        return fault(self.gate.option, self.gate.text, place, reason)

    def _nothing_to_ask(self, countable: Countable) -> str:
        if countable.quantities:
            kinds = f"such as count({countable.kinds[0]})" if countable.kinds else ""
            return (
                f"dlcli {self.task} has something to ask for only with --check, {kinds}; leave the gate out or add it"
            )
        return f"dlcli {self.task} finds nothing that a gate could ask for; leave it out"
