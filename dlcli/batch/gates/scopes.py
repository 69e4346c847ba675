"""What becomes of one gate as the records come: a judge for each scope, all with `add` and `outcome`."""

import math
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from dlcli.batch.gates.expression import ALL, ANY, COUNT, FAIL_IF, SCORE, TOTAL, Gate, Term, Value
from dlcli.batch.gates.outcome import GateOutcome

_DECIMALS = 12  # of a mean: of 0.1 and 0.2 it is 0.15


@dataclass
class PictureJudge:
    """Scopes any and all: the condition is asked of each picture. names: of those that break the gate alone."""

    gate: Gate
    pictures: int = 0
    met: int = 0
    names: list[str] = field(default_factory=list)

    def add(self, name: str, value: Value) -> None:
        """One picture. value: what a term comes to in it."""
        meets = self.gate.condition.holds(value)
        self.pictures += 1
        self.met += meets
        if self._breaks_alone(meets):
            self.names.append(name)

    def outcome(self) -> GateOutcome:
        broken = self._broken()
        return GateOutcome(self.gate.option, self.gate.text, broken, tuple(self.names), self._reason(broken))

    def _breaks_alone(self, meets: bool) -> bool:
        if self.gate.option == FAIL_IF:
            return meets and self.gate.scope == ANY
        return not meets and self.gate.scope == ALL

    def _broken(self) -> bool:
        if self.gate.option == FAIL_IF:
            return self.met > 0 if self.gate.scope == ANY else 0 < self.pictures == self.met
        if self.gate.scope == ALL:
            return self.met < self.pictures
        return not self.met if self.pictures else not self.gate.condition.holds(_nothing)

    def _reason(self, broken: bool) -> str:
        """Such as "3 of 12 pictures meet it"."""
        if not self.pictures:
            return "no image meets it" if broken else "no image to judge"
        unmet = self.pictures - self.met
        if self.names and self.gate.scope == ALL and self.met:
            return f"{unmet:,} of {self.pictures:,} pictures {'does' if unmet == 1 else 'do'} not meet it"
        return _met(self.met, self.pictures)


@dataclass
class RunJudge:
    """Scope total: the condition is asked once, of all pictures together.

    A count is the sum over the pictures, a score the best of all, a share the mean.
    """

    gate: Gate
    pictures: int = 0
    so_far: dict[Term, float] = field(default_factory=dict)  # of counts and scores
    shares: dict[Term, "array[float]"] = field(
        default_factory=dict
    )  # of each picture, so that their order does not matter

    def add(self, name: str, value: Value) -> None:
        """One picture. value: what a term comes to in it."""
        self.pictures += 1
        for term in self.gate.terms():
            before = self.so_far.get(term, 0.0)
            if term.quantity == COUNT:
                self.so_far[term] = before + value(term)
            elif term.quantity == SCORE:
                self.so_far[term] = max(before, value(term))
            else:
                self.shares.setdefault(term, array("d")).append(value(term))

    def outcome(self) -> GateOutcome:
        if self.gate.option == FAIL_IF and not self.pictures:
            return GateOutcome(self.gate.option, self.gate.text, False, (), "no image to judge")
        broken = self.gate.condition.holds(self._value) == (self.gate.option == FAIL_IF)
        return GateOutcome(self.gate.option, self.gate.text, broken, (), ", ".join(self._reasons()))

    def _value(self, term: Term) -> float:
        shares = self.shares.get(term)
        return round(math.fsum(shares) / len(shares), _DECIMALS) if shares else self.so_far.get(term, 0.0)

    def _reasons(self) -> Iterator[str]:
        """Such as "the total of count(dog) is 7"."""
        for term in self.gate.terms():
            how = {COUNT: "the total of", SCORE: "the best"}.get(term.quantity, "the mean")
            yield f"{how} {term} is {self._value(term):.10g}"


Judge = PictureJudge | RunJudge


def judge_of(gate: Gate) -> Judge:
    """The judge for the scope of the gate."""
    return RunJudge(gate) if gate.scope == TOTAL else PictureJudge(gate)


def _nothing(term: Term) -> float:
    """What any term comes to where no picture was."""
    return 0.0


def _met(met: int, pictures: int) -> str:
    """Such as "3 of 12 pictures meet it", "none of 12 pictures meets it"."""
    if pictures == 1:
        return "the picture meets it" if met else "the picture does not meet it"
    if met in (0, pictures):
        return f"all {pictures:,} pictures meet it" if met else f"none of {pictures:,} pictures meets it"
    return f"{met:,} of {pictures:,} pictures {'meets' if met == 1 else 'meet'} it"
