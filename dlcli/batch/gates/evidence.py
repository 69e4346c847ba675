"""What of an image a gate is about, in a few words: "dog 0.44", "3 dog (0.90 ... 0.31)", "no cat", "person 31%"."""

from collections.abc import Iterable

from dlcli.batch.gates.expression import SHARE, SKIPPED, Term
from dlcli.batch.gates.measure import Measured
from dlcli.tasks.answers import Answers, together
from dlcli.units import show_share


def evidence(found: Measured, terms: Iterable[Term]) -> str:
    """terms: of the gate's condition; each label is named once."""
    words: dict[str, None] = {}
    for term in terms:
        if term.quantity != SKIPPED:
            words |= dict.fromkeys(_of(found, term))
    return ", ".join(words)


def _of(found: Measured, term: Term) -> list[str]:
    items = [item for item in Answers().predictions(found.record) if found.is_meant(item.label, term.label)]
    if not items:
        return [f"no {term.label or 'prediction'}"]
    covered = [f"{term} {show_share(found(term))}"] if term.quantity == SHARE and items[0].box else []
    return [together(items), *covered]
