"""What becomes of one gate as the records come: a class for each scope, both with `add` and `outcome`."""

import math
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dlcli.batch.gates.evidence import evidence
from dlcli.batch.gates.expression import ALL, ANY, COUNT, FAIL_IF, SCORE, SKIPPED, TOTAL, Gate, Term
from dlcli.batch.gates.measure import Measured
from dlcli.batch.gates.outcome import GateOutcome

_DECIMALS = 12  # of a mean: of 0.1 and 0.2 it is 0.15


@dataclass
class PerImageGate:
    """Scopes any and all: the condition is asked of each image.

    names: of those that break the gate alone. evidence: what of each of them it is about.
    """

    gate: Gate
    images: int = 0
    met: int = 0
    names: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)

    def add(self, name: str, found: Measured) -> bool:
        """One image. Whether it breaks the gate alone."""
        meets = self.gate.condition.holds(found)
        self.images += 1
        self.met += meets
        breaks = self._breaks_alone(meets)
        if breaks:
            self.names.append(name)
            self.evidence.append(evidence(found, self.gate.terms()))
        return breaks

    def outcome(self) -> GateOutcome:
        broken = self._broken()
        said = self._reason(broken), tuple(self.evidence)
        return GateOutcome(self.gate.option, self.gate.text, broken, tuple(self.names), *said)

    def _breaks_alone(self, meets: bool) -> bool:
        if self.gate.option == FAIL_IF:
            return meets and self.gate.scope == ANY
        return not meets and self.gate.scope == ALL

    def _broken(self) -> bool:
        if self.gate.option == FAIL_IF:
            return self.met > 0 if self.gate.scope == ANY else 0 < self.images == self.met
        if self.gate.scope == ALL:
            return self.met < self.images
        return not self.met if self.images else not self.gate.condition.holds(_nothing)

    def _reason(self, broken: bool) -> str:
        """Such as "3 of 12 images match"."""
        if not self.images:
            return "no image matches" if broken else "no image to judge"
        unmet = self.images - self.met
        if self.names and self.gate.scope == ALL:
            if self.images == 1:
                return "the image does not match"
            return f"{unmet:,} of {self.images:,} images {'does' if unmet == 1 else 'do'} not match"
        if self.images == 1:
            return "the image matches" if self.met else "the image does not match"
        return f"{self.met:,} of {self.images:,} images {'matches' if self.met == 1 else 'match'}"


@dataclass
class AggregateGate:
    """Scope total: the condition is asked once, of all images together.

    A count is the sum over the images, a score the best of all, a share the mean.
    """

    gate: Gate
    images: int = 0
    so_far: dict[Term, float] = field(default_factory=dict)  # of counts and scores
    shares: dict[Term, "array[float]"] = field(
        default_factory=dict
    )  # of each image, so that their order does not matter

    def add(self, name: str, value: Measured) -> bool:
        """One image, which breaks no such gate alone."""
        self.images += 1
        for term in self.gate.terms():
            if term.quantity == SKIPPED:
                continue
            before = self.so_far.get(term, 0.0)
            if term.quantity == COUNT:
                self.so_far[term] = before + value(term)
            elif term.quantity == SCORE:
                self.so_far[term] = max(before, value(term))
            else:
                self.shares.setdefault(term, array("d")).append(value(term))
        return False

    def skip(self, counts: Mapping[str, int]) -> None:
        """What the run did not look at, by kind."""
        for term in self.gate.terms():
            if term.quantity == SKIPPED:
                kinds = counts if term.label is None else [term.label.casefold()]
                self.so_far[term] = float(sum(counts.get(kind, 0) for kind in kinds))

    def outcome(self) -> GateOutcome:
        asks_run = any(term.quantity == SKIPPED for term in self.gate.terms())
        if self.gate.option == FAIL_IF and not self.images and not asks_run:
            return GateOutcome(self.gate.option, self.gate.text, False, (), "no image to judge")
        broken = self.gate.condition.holds(self._value) == (self.gate.option == FAIL_IF)
        return GateOutcome(self.gate.option, self.gate.text, broken, (), ", ".join(self._reasons()))

    def _value(self, term: Term) -> float:
        shares = self.shares.get(term)
        return round(math.fsum(shares) / len(shares), _DECIMALS) if shares else self.so_far.get(term, 0.0)

    def _reasons(self) -> Iterator[str]:
        """Such as "the total of count(dog) is 7"."""
        for term in self.gate.terms():
            how = {COUNT: "the total of ", SCORE: "the best ", SKIPPED: ""}.get(term.quantity, "the mean ")
            yield f"{how}{term} is {self._value(term):.10g}"


ScopedGate = PerImageGate | AggregateGate


def scoped_gate(gate: Gate) -> ScopedGate:
    """The gate as its scope asks it."""
    return AggregateGate(gate) if gate.scope == TOTAL else PerImageGate(gate)


def _nothing(term: Term) -> float:
    """What any term comes to where no image was."""
    return 0.0
