"""Runs a command line within this process: a hundred times faster than a program of its own."""

import io
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

from dlcli.cli.app import build_app, run

_app = build_app()


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str
    seconds: float


class _Out(io.TextIOWrapper):
    """A stream with a buffer below it, as standard output has one."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", errors="replace", write_through=True)

    @property
    def text(self) -> str:
        return self.buffer.getvalue().decode("utf-8", "replace")  # type: ignore[attr-defined]


def outcome(arguments: Sequence[str]) -> Outcome:
    """Exit code, both streams and the time of `dlcli ARGUMENTS`. Standard input is closed."""
    out, err = _Out(), _Out()
    before, sys.stdin = sys.stdin, None  # type: ignore[assignment]
    start = time.monotonic()
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = run(_app, list(arguments))
    finally:
        sys.stdin = before
    return Outcome(code, out.text, err.text, time.monotonic() - start)
