"""What doctor has to say: findings, each ok, a warning or a fault, and the report that they make."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import field
from enum import StrEnum
from typing import Any

from dlcli.errors import ExitCode
from dlcli.frozen import dataclass

SCHEMA = "dlcli.doctor/1"
SHOWN = 20  # items of a finding that people see


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"  # it works, and something is odd
    FAULT = "fault"  # it does not work, or cannot be trusted


@dataclass(frozen=True)
class Finding:
    """One line. check: a short word for programs. message: what is so. advice: what to do, "" where nothing is.

    facts: JSON values for programs, such as versions and measured numbers. items: what it is about, a line each, such
    as the files; people see the first SHOWN.
    """

    check: str
    state: State
    message: str
    advice: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    items: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """For people: what is so, and below it the items."""
        shown = [f"           {item}" for item in self.items[:SHOWN]]
        more = len(self.items) - SHOWN
        return [self.line(), *shown, *([f"           ... and {more:,} more; --json names all"] if more > 0 else [])]

    def line(self) -> str:
        """Such as "fault    opencv: opencv-python and ... share files; keep one"."""
        advice = f"; {self.advice}" if self.advice else ""
        return f"{self.state.value:8} {self.check}: {self.message}{advice}"

    def fields(self) -> dict[str, Any]:
        advice = {"advice": self.advice} if self.advice else {}
        items = {"items": list(self.items)} if self.items else {}
        return {
            "check": self.check,
            "state": self.state.value,
            "message": self.message,
            **advice,
            **self.facts,
            **items,
        }


def ok(check: str, message: str, **facts: Any) -> Finding:
    return Finding(check, State.OK, message, facts=facts)


def warning(check: str, message: str, advice: str, **facts: Any) -> Finding:
    return Finding(check, State.WARNING, message, advice, facts)


def fault(check: str, message: str, advice: str, **facts: Any) -> Finding:
    return Finding(check, State.FAULT, message, advice, facts)


def exit_code(findings: Iterable[Finding], strict: bool) -> ExitCode:
    """STOPPED where there is a fault, else GATE where strict and there is a warning, else DONE."""
    states = {finding.state for finding in findings}
    if State.FAULT in states:
        return ExitCode.STOPPED
    return ExitCode.GATE if strict and State.WARNING in states else ExitCode.DONE


def sentence(findings: list[Finding]) -> str:
    """Such as "12 checks: 1 fault, 2 warnings"."""
    counts = Counter(finding.state for finding in findings)
    named = [(counts[State.FAULT], "fault"), (counts[State.WARNING], "warning")]
    shown = [f"{count} {word}{'s' * (count != 1)}" for count, word in named if count]
    return f"{len(findings)} check{'s' * (len(findings) != 1)}: {', '.join(shown) or 'all well'}"


def to_json(findings: list[Finding], **head: Any) -> str:
    """One line. head: more keys, such as the data set that was looked at."""
    counts = Counter(finding.state.value for finding in findings)
    body = {
        "schema": SCHEMA,
        **head,
        "ok": not counts[State.FAULT.value],
        "faults": counts[State.FAULT.value],
        "warnings": counts[State.WARNING.value],
        "findings": [finding.fields() for finding in findings],
    }
    return json.dumps(body, ensure_ascii=False)
