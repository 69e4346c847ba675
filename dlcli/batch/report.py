"""Counts what a run did, says it in one sentence, and knows the exit code."""

from collections import Counter
from dataclasses import dataclass, field

from dlcli.errors import ExitCode
from dlcli.messages import plural

MISSING = "missing"  # the reader's word for a file that is not there


@dataclass
class Report:
    noun: str
    skip_bad: bool
    pictures: int = 0
    failures: int = 0
    missing: int = 0  # of the failures: no such file
    found: Counter[str] = field(default_factory=Counter)
    hit: int = 0  # pictures with at least one find

    def add(self, tally: Counter[str] | None, kind: str = "") -> None:
        """A picture's finds by label; None: it failed. kind: of the failure."""
        self.pictures += 1
        if tally is None:
            self.failures += 1
            self.missing += kind == MISSING
            return
        self.found += tally
        self.hit += bool(tally)

    def exit_code(self, broken: bool = False) -> ExitCode:
        """broken: a gate does not hold. Failures win over it, since with them the answer is incomplete.

        --skip-bad leaves failures out, but not files that are not there, nor a run in which all failed.
        """
        if self.failures and (not self.skip_bad or self.missing or self.failures == self.pictures):
            return ExitCode.INCOMPLETE
        return ExitCode.GATE if broken else ExitCode.DONE

    def sentence(self) -> str:
        """Such as "12 pictures: 20 objects in 9 of them (14 dog, 6 cat), 2 failed"."""
        if not self.pictures:
            return "no pictures in the list"
        total = self.found.total()
        ranked = sorted(self.found.items(), key=lambda item: (-item[1], item[0]))
        kinds = ", ".join(f"{count} {label}" for label, count in ranked[:8]) + (", ..." if len(ranked) > 8 else "")
        things = f"{plural(total, self.noun)} in {self.hit} of them ({kinds})" if total else f"no {self.noun}"
        if self.pictures == 1:
            things = f"{plural(total, self.noun)} ({kinds})" if total else f"no {self.noun}"
        failed = f"; {self.failures} failed" if self.failures else ""
        if self.failures == self.pictures:
            return f"{plural(self.pictures, 'picture')}: all failed" if self.pictures > 1 else "the picture failed"
        return f"{plural(self.pictures, 'picture')}: {things}{failed}"
