"""What a gate is once it is read: comparisons of what is found, joined by and, or, not."""

from collections.abc import Callable, Iterator
from dataclasses import field
from operator import eq, ge, gt, le, lt, ne

from dlcli.batch.gates.lexer import quoted_if_needed
from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.messages import underline

COUNT, SCORE, SHARE = QUANTITIES = ("count", "score", "share")
OPERATORS = {">": gt, ">=": ge, "<": lt, "<=": le, "==": eq, "!=": ne}
SKIPPED = "skipped"  # of the run: what was not looked at
_EXAMPLES = {SKIPPED: "> 0", COUNT: "> 0", SCORE: ">= 0.6", SHARE: "> 0.2"}
_SHOWN = 40  # characters of a label that a message repeats
FAIL_IF, REQUIRE = "--fail-if", "--require"
ANY, ALL, TOTAL = SCOPES = ("any", "all", "total")
Place = tuple[int, int]


@dataclass(frozen=True)
class Term:
    """quantity: one of QUANTITIES, or SKIPPED, whose label is a kind of what was not looked at.
    label: as typed; None: whatever the label.

    word: as which the quantity is typed, since "no" stands for a count too. word_at, label_at: places in the gate's
    text, (first character, number of characters); they are no part of what the term means.
    """

    quantity: str
    label: str | None
    word: str = field(default="", compare=False)
    word_at: Place = field(default=(0, 0), compare=False)
    label_at: Place = field(default=(0, 0), compare=False)

    def __str__(self) -> str:
        if self.quantity == SKIPPED and self.label is None:
            return f"{SKIPPED}()"
        return f"{self.quantity}({'*' if self.label is None else quoted_if_needed(self.label)})"

    @property
    def whole(self) -> bool:
        """Whether it comes to a whole number."""
        return self.quantity in (COUNT, SKIPPED)

    def example(self) -> str:
        """A comparison of it, for messages."""
        written = str(self) if len(self.label or "") <= _SHOWN else f"{self.quantity}(LABEL)"
        return f"{written} {_EXAMPLES[self.quantity]}"


Value = Callable[[Term], float]  # what a term comes to: in an image, or in a whole run


@dataclass(frozen=True)
class Comparison:
    """term, operator (a key of OPERATORS), number."""

    term: Term
    operator: str
    number: float

    def holds(self, value: Value) -> bool:
        return bool(OPERATORS[self.operator](value(self.term), self.number))

    def comparisons(self) -> Iterator["Comparison"]:
        yield self


@dataclass(frozen=True)
class Not:
    part: "Condition"

    def holds(self, value: Value) -> bool:
        return not self.part.holds(value)

    def comparisons(self) -> Iterator[Comparison]:
        return self.part.comparisons()


@dataclass(frozen=True)
class And:
    """Two parts or more."""

    parts: tuple["Condition", ...]

    def holds(self, value: Value) -> bool:
        return all(part.holds(value) for part in self.parts)

    def comparisons(self) -> Iterator[Comparison]:
        for part in self.parts:
            yield from part.comparisons()


@dataclass(frozen=True)
class Or:
    """Two parts or more."""

    parts: tuple["Condition", ...]

    def holds(self, value: Value) -> bool:
        return any(part.holds(value) for part in self.parts)

    def comparisons(self) -> Iterator[Comparison]:
        for part in self.parts:
            yield from part.comparisons()


Condition = Comparison | Not | And | Or


@dataclass(frozen=True)
class Gate:
    """option: FAIL_IF or REQUIRE. text: as typed. scope: one of SCOPES."""

    option: str
    text: str
    scope: str
    condition: Condition

    def terms(self) -> tuple[Term, ...]:
        """Each once, in the order of the text."""
        return tuple(dict.fromkeys(comparison.term for comparison in self.condition.comparisons()))


def fault(option: str, text: str, place: Place, reason: str) -> UsageError:
    """The error of a gate, with carets under that place of its text."""
    plain = "".join(c if c.isprintable() else "?" for c in reason)
    return UsageError(f"{option}: {plain}\n{underline(text, *place)}")
