"""How a run went: its summary, and the exit code that follows."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dlcli.errors import ExitCode
from dlcli.tasks.summary import Summary

NOTES = 10  # lines
MISSING = "missing"  # the reader's word for a name that is not there; a link to nothing is unreadable


@dataclass
class Report:
    """summary: of the task. missing: failures because there is no such file. notes: of records, and their counts."""

    summary: Summary
    skip_bad: bool
    missing: int = 0
    notes: Counter[str] = field(default_factory=Counter)

    @property
    def images(self) -> int:
        return self.summary.images

    @property
    def failures(self) -> int:
        return self.summary.failures

    def add(self, record: Mapping[str, Any]) -> None:
        """Each record once, in input order."""
        self.summary.add(record)
        self.missing += not record["ok"] and record["error"]["kind"] == MISSING
        self.notes.update(record.get("notes", ()))

    def exit_code(self, broken: bool = False) -> ExitCode:
        """broken: a gate does not hold. Failures win over it, since with them the answer is incomplete.

        --skip-bad leaves failures out, but not files that are not there, nor a run in which all failed.
        """
        if self.failures and (not self.skip_bad or self.missing or self.failures == self.images):
            return ExitCode.INCOMPLETE
        return ExitCode.GATE if broken else ExitCode.DONE

    def note_lines(self) -> list[str]:
        """A line a note, the most frequent first; of many the first few."""
        listed = sorted(self.notes.items(), key=lambda item: (-item[1], item[0]))
        lines = [f"{note} ({count:,} image{'s' * (count != 1)})" for note, count in listed[:NOTES]]
        more = len(listed) - NOTES
        return [*lines, f"... and {more:,} other notes, see the records"] if more > 0 else lines

    def sentence(self) -> str:
        return self.summary.sentence()
