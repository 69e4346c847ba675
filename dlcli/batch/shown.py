"""What is reported of an image: all that is kept of a result while it waits for its turn to be written."""

from dataclasses import field

from dlcli.frozen import dataclass
from dlcli.tasks.contract import Result

Table = tuple[list[str], list[list[str]]]


@dataclass(frozen=True)
class Shown:
    """line, table: see tasks.contract.Result; the table has no rows where it was not asked for."""

    line: str
    table: Table = field(default_factory=lambda: ([], []))

    @classmethod
    def of(cls, result: Result, with_table: bool) -> "Shown":
        return cls(result.line(), result.table() if with_table else ([], []))
