"""How a run went: its summary, and the exit code that follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dlcli.errors import ExitCode
from dlcli.tasks.summary import Summary

MISSING = "missing"  # the reader's word for a file that is not there


@dataclass
class Report:
    """summary: of the task. missing: failures because there is no such file."""

    summary: Summary
    skip_bad: bool
    missing: int = 0

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

    def exit_code(self, broken: bool = False) -> ExitCode:
        """broken: a gate does not hold. Failures win over it, since with them the answer is incomplete.

        --skip-bad leaves failures out, but not files that are not there, nor a run in which all failed.
        """
        if self.failures and (not self.skip_bad or self.missing or self.failures == self.images):
            return ExitCode.INCOMPLETE
        return ExitCode.GATE if broken else ExitCode.DONE

    def sentence(self) -> str:
        return self.summary.sentence()
