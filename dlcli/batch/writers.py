"""Where records go: each writer takes one at a time, in input order, and is closed at the end."""

from typing import Protocol

from dlcli.batch.fingerprint import Fingerprint
from dlcli.batch.image import Done
from dlcli.batch.ownership import Ownership, listed_claims, read_claims
from dlcli.batch.run_files import Growing, Names, finish, part_of, to_state_line
from dlcli.claims import claim_of_file
from dlcli.console import Console
from dlcli.records import SourceKey
from dlcli.tasks.contract import Predictor
from dlcli.whole_file import sweep


class Writer(Protocol):
    def write(self, done: Done) -> None: ...

    def close(self, complete: bool) -> None:
        """complete: every picture was written; otherwise the run was cut short."""


class JsonLines:
    """Records for programs, each as soon as it is ready."""

    def __init__(self, console: Console):
        self.console = console

    def write(self, done: Done) -> None:
        self.console.data(done.line)

    def close(self, complete: bool) -> None:
        pass


class PeopleLines:
    """A line a picture; a table where there is one picture and a person to look at it."""

    def __init__(self, console: Console, single: bool):
        self.console = console
        self.as_table = single and console.talks_to_person

    def write(self, done: Done) -> None:
        if done.words is None:
            return
        columns, rows = done.words.table if self.as_table else ([], [])
        if rows:
            self.console.table(done.source.shown, columns, rows)
        else:
            self.console.line(f"{done.source.shown}: {done.words.line}")

    def close(self, complete: bool) -> None:
        pass


class ClosingTable:
    """What a task has to say of all pictures together, when they are done or the run is cut short."""

    def __init__(self, console: Console, predictor: Predictor):
        self.console, self.predictor = console, predictor

    def write(self, done: Done) -> None:
        pass

    def close(self, complete: bool) -> None:
        closing = self.predictor.closing()
        if self.console.talks_to_person and closing.rows:
            self.console.table("", list(closing.columns), [list(row) for row in closing.rows])
            return
        for row in closing.rows:
            self.console.line(f"{row[0]}: {row[-1]}")


class FailureLines:
    """Failures for people, whatever else is shown."""

    def __init__(self, console: Console):
        self.console = console

    def write(self, done: Done) -> None:
        if done.failure is not None:
            self.console.failure(done.failure.message)

    def close(self, complete: bool) -> None:
        pass


class RunFiles:
    """The run's own files in OUT, see run_files. resumed: the files of an earlier run go on. files: see ownership."""

    def __init__(self, names: Names, found: Fingerprint, resumed: bool, files: Ownership):
        self.out, self.names, self.found, self.files = files.out, names, found, files
        self.keys: list[SourceKey] | None = [] if resumed else None  # of all pictures, in order
        self.kept = set[str]()  # files of the pictures so far
        begun = (self.out / part_of(names.state)).exists()
        earlier = read_claims(self.out / name for name in names.of_state)
        self.before = set(earlier)
        self.results = Growing(self.out / part_of(names.results), resumed)  # first, since it refuses a second run
        self.state = Growing(self.out / part_of(names.state), resumed)
        if earlier:
            sweep(self.out)
        if not (resumed and begun):
            self.state.write(to_state_line(self._head()))
        if not resumed:
            for claims in listed_claims(self.out, earlier):  # else nobody would know them after a `kill -9`
                self.state.write(to_state_line({"writing": claims}))
            for name in (names.results, names.state):
                (self.out / name).unlink(missing_ok=True)
        files.log = lambda entry: self.state.write(to_state_line(entry))

    def write(self, done: Done) -> None:
        if self.keys is not None:
            self.keys.append(done.source.key)
        self.kept.update((done.state or {}).get("files", ()))
        if done.kept:
            return
        self.results.write(done.line)
        if done.state is not None:
            self.state.write(to_state_line(done.state))

    def close(self, complete: bool) -> None:
        self.results.close()
        if complete:
            self.files.remove(self.before - self.kept - {*self.files.of_run, self.names.results})
            finish(self.out, self.names.results, self.keys)
            of_run = self.files.of_run | {self.names.results: claim_of_file(self.out / self.names.results)}
            finish(self.out, self.names.state, self.keys, [self._head(), {"files": of_run}])
        self.state.close()

    def _head(self) -> dict[str, Fingerprint]:
        return {"fingerprint": self.found}
