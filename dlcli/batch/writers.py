"""Where records go: each writer takes one at a time, in input order, and is closed at the end."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from dlcli.batch.files.ownership import Ownership, listed_claims
from dlcli.batch.files.run_files import AppendLog, Entry, Names, finish, partial_name, read_both, to_state_line
from dlcli.batch.files.skipped_counts import with_skipped
from dlcli.batch.image import Outcome
from dlcli.claims import claim_of_file
from dlcli.console import BAD, Console
from dlcli.errors import DlcliError, UsageError
from dlcli.records import SourceKey
from dlcli.tasks.contract import Predictor
from dlcli.whole_file import sweep


class Writer(Protocol):
    def write(self, done: Outcome) -> None: ...

    def close(self, complete: bool) -> None:
        """complete: every image was written; otherwise the run was cut short."""


class JsonLines:
    """Records for programs, each as soon as it is ready."""

    def __init__(self, console: Console):
        self.console = console

    def write(self, done: Outcome) -> None:
        self.console.data(done.line)

    def close(self, complete: bool) -> None:
        pass


class PeopleLines:
    """A line an image; a table where there is one image and a person to look at it."""

    def __init__(self, console: Console, single: bool):
        self.console = console
        self.as_table = single and console.talks_to_person

    def write(self, done: Outcome) -> None:
        if done.words is None:
            return
        columns, rows = done.words.table if self.as_table else ([], [])
        if rows:
            self.console.table(done.source.shown, columns, rows)
        else:
            self.console.line(f"{done.source.shown}: {done.words.line}")

    def close(self, complete: bool) -> None:
        pass


class SummaryLines:
    """What a task has to say of all images together, when they are done or the run is cut short."""

    def __init__(self, console: Console, predictor: Predictor):
        self.console, self.predictor = console, predictor

    def write(self, done: Outcome) -> None:
        pass

    def close(self, complete: bool) -> None:
        for text, failed in self.predictor.summarize().lines:
            self.console.line(text, BAD if failed else "")


class FailureLines:
    """Failures for people, whatever else is shown."""

    def __init__(self, console: Console):
        self.console = console

    def write(self, done: Outcome) -> None:
        if done.failure is not None:
            self.console.failure(done.failure.message)

    def close(self, complete: bool) -> None:
        pass


class RunFiles:
    """The run's own files in OUT, see run_files. files: see ownership. head: what the state begins with.

    mode: "new", "overwrite", "resume": the files of an earlier run go on; "watch": and its images stay, here or gone.
    skipped: what the run did not look at, by kind; it grows until the end.
    UsageError: another run writes there, or has just ended there.
    """

    def __init__(self, names: Names, head: Entry, mode: str, files: Ownership, skipped: Mapping[str, int]):
        self.out, self.names, self.head, self.files, self.mode = files.out, names, head, files, mode
        self.skipped = skipped
        resumed = mode in ("resume", "watch")
        self.keys: list[SourceKey] | None = [] if resumed else None  # of all images, in order
        self.kept = set[str]()  # files of the images so far that the earlier run had written too
        begun = (self.out / partial_name(names.state)).exists()
        self.results = AppendLog(
            self.out / partial_name(names.results), resumed
        )  # first, since it refuses a second run
        self.state = AppendLog(self.out / partial_name(names.state), resumed)
        self._refuse_ended()
        self.before = dict(files.claims)
        if self.before:
            sweep(self.out)
        if not (resumed and begun):
            self.state.write(to_state_line(self.head))
        if mode == "overwrite":
            for claims in listed_claims(self.out, self.before):  # else nobody would know them after a `kill -9`
                self.state.write(to_state_line({"writing": claims}))
            for name in (names.results, names.state):
                (self.out / name).unlink(missing_ok=True)
        files.log = lambda entry: self.state.write(to_state_line(entry))

    def _refuse_ended(self) -> None:
        """UsageError: a run that was not there when this one was planned has left its files."""
        if self.mode == "new" and any(
            os.path.lexists(self.out / name) for name in (self.names.results, self.names.state)
        ):
            for file in (self.results, self.state):
                file.close()
                file.path.unlink(missing_ok=True)
            raise UsageError(f"--out {self.out}: another run has just ended there; name another folder")

    def write(self, done: Outcome) -> None:
        if self.keys is not None:
            self.keys.append(done.source.key)
        files = (done.state or {}).get("files", ())
        self.kept.update(name for name in files if name in self.before)
        for name in files:
            self.files.settle(name, known=name in self.before)
        if done.unchanged:
            return
        self.results.write(done.line)
        if done.state is not None:
            self.state.write(to_state_line(done.state))

    def close(self, complete: bool) -> None:
        self.results.close()
        if complete:
            self._end()
        self.state.close()

    def _end(self) -> None:
        results = self.names.results
        if self.mode == "watch" and self.keys is not None:
            seen = set(self.keys)
            self.keys = [*(key for key in read_both(self.out, results) if key not in seen), *self.keys]
        else:
            self.files.remove(set(self.before) - self.kept - {*self.files.whole_run, *self.files.unsettled, results})
        finish(self.out, results, self.keys, about_to=self._claim_results)
        kept = {name: claims for name, claims in self.before.items() if self.mode == "watch" and name != results}
        heads = [{"files": claims} for claims in listed_claims(self.out, kept)]
        of_run = {"files": dict(sorted((self.files.unsettled | self.files.whole_run).items()))}
        finish(self.out, self.names.state, self.keys, [with_skipped(self.head, self.skipped), *heads, of_run])

    def _claim_results(self, path: Path) -> None:
        """DlcliError: a results.jsonl that no run wrote has come meanwhile."""
        goal = self.out / self.names.results
        if os.path.lexists(goal) and not self.files.is_ours(self.names.results):
            raise DlcliError(
                f"{goal}: came while the run went on, and no run wrote it; move it away, and go on with --resume"
            )
        self.files.claim(self.names.results, claim_of_file(path))
