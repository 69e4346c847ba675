"""What people read, all of it on standard error, and what programs get, on standard output. One object decides.

A name steers neither a terminal nor a runner of GitHub Actions, which takes a line that begins with `::`, and `##[`
anywhere in one, for its commands. Rich is loaded only where there is a terminal.
"""

import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from dlcli.errors import ClosedPipeError, DlcliError, UsageError
from dlcli.messages import columns_of
from dlcli.progress import Progress, rich_progress
from dlcli.signals import unbroken

GOOD, BAD, DOUBTFUL = "32", "31", "33"  # green, red, yellow: meanings that a terminal shows by color
NARROW = 30  # columns; below, a terminal breaks lines as it likes
_COLUMN = re.compile(r"[A-Za-z]{2,7} {2,7}(?=\S)")
_WORDS = re.compile(r"\s*(?:(?<!\S)\(?'[^']*'\S*|\S+)")  # each with the space before it; what is in quotes as one
RUNNER = "GITHUB_ACTIONS"  # set where GitHub's runner reads both streams


class Console:
    """quiet: no progress, no results for people and no summary line.

    Failures, warnings and errors are reported all the same, and so is what programs asked for. Color says what is bad
    or good, on a terminal that has it.
    """

    def __init__(self, quiet: bool = False):
        self.quiet = quiet
        self._bars = 0  # shown now

    def say(self, text: str, color: str = "") -> None:
        """News that --quiet leaves out."""
        if not self.quiet:
            for number, line in enumerate(text.split("\n")):
                self._err(colored(fitted(printable(line), sys.stderr), "" if number else color, sys.stderr))

    def error(self, text: str, color: str = BAD) -> None:
        """What must be reported; its lines stay lines, the first is colored."""
        for number, line in enumerate(text.split("\n")):
            self._err(colored(printable(line), "" if number else color, sys.stderr))

    def warn(self, text: str) -> None:
        """What must be reported and is no error."""
        self.error(text, DOUBTFUL)

    def failure(self, text: str) -> None:
        """One line, whatever a file's name in it holds."""
        self._err(colored(fitted(printable(text), sys.stderr), BAD, sys.stderr))

    def command(self, line: str) -> None:
        """A command of dlcli's own to the runner of GitHub Actions; names in it are escaped as commands have it."""
        self._err(visible(line))

    @property
    def talks_to_person(self) -> bool:
        """Whether standard output is a terminal."""
        return sys.stdout is not None and sys.stdout.isatty()

    @property
    def shows_progress(self) -> bool:
        return not self.quiet and sys.stderr is not None and sys.stderr.isatty()

    def data(self, line: str) -> None:
        """One line for programs, of JSON or TOML, as UTF-8, at once.

        Where a terminal or a runner could take a name for a command, its characters are written as \\uXXXX, which both
        read as the same text.
        """
        if self.talks_to_person:
            line = _written_out(line, _json_escape)
        self._out((_harmless(line, _json_escape) + "\n").encode("utf-8", "replace"))

    def script(self, text: str) -> None:
        """Lines that are dlcli's own, without a name in them, as they are."""
        self._out((text + "\n").encode("utf-8", "replace"))

    def line(self, text: str, color: str = "") -> None:
        """One line of results for people, which --quiet leaves out."""
        if self.quiet:
            return
        self._out((colored(fitted(printable(text), sys.stdout), color, sys.stdout) + "\n").encode("utf-8", "replace"))

    def table(self, title: str, columns: list[str], rows: list[list[str]]) -> None:
        """A table of results for a person at a terminal, which --quiet leaves out."""
        if self.quiet:
            return
        from rich.console import Console as RichConsole
        from rich.table import Table

        table = Table()
        for name in columns:
            table.add_column(name, justify="left" if name == columns[0] else "right", overflow="fold")
        for row in rows:
            table.add_row(*(printable(cell) for cell in row))
        if title:
            self.line(title)
        RichConsole(markup=False).print(table)

    @contextmanager
    def progress(self, title: str, total: int | None = None, unit: str = "") -> Iterator[Progress]:
        """A bar with rate and times on standard error; nothing where that is no terminal, or for one image.

        Nothing within another bar either. total: None where only `at` or `expect` will tell. unit: see rich_progress.
        """
        if not self.shows_progress or self._bars or (total is not None and total < 2):
            yield Progress()
            return
        self._bars += 1
        try:
            with rich_progress(rich_stderr(), title, total, unit=unit) as bar:
                yield bar
        finally:
            self._bars -= 1

    def _err(self, line: str) -> None:
        if sys.stderr is None:
            return
        with suppress(OSError, ValueError), unbroken():  # nobody listens: the exit code and the records still tell
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    def _out(self, data: bytes) -> None:
        if sys.stdout is None:
            raise DlcliError("standard output is closed; send it to a file, or pass --out")
        with unbroken():
            self._written_out(data)

    def _written_out(self, data: bytes) -> None:
        try:
            if hasattr(sys.stdout, "buffer") and not self.talks_to_person:
                sys.stdout.buffer.write(data)
            else:  # a terminal, which a progress bar may be sharing, or a test's own stream
                sys.stdout.write(data.decode())
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nor at the last flush
            raise ClosedPipeError from None
        except OSError as error:
            raise DlcliError(f"standard output: cannot be written: {error.strerror}") from error


QUIET = Console(quiet=True)  # for who has none


def fitted(text: str, stream: Any) -> str:
    """The line with ends between words where a terminal would break it anywhere; further lines are indented, below the
    text where the first word is one of a column, such as "ok       ".

    As it is where the stream is no terminal. Words in quotes stay whole: they are commands and conditions.
    """
    if columns_of(text) < NARROW or stream is None or not stream.isatty():
        return text
    width, column = terminal_width(stream), _COLUMN.match(text)
    if width < NARROW:
        return text
    indent = " " * (column.end() if column else len(text) - len(text.lstrip()) + 2)
    lines = [""]
    for word in _WORDS.findall(text):
        if lines[-1].strip() and columns_of((lines[-1] + word).rstrip()) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append(indent + word.lstrip())
        else:
            lines[-1] += word
    return "\n".join(lines)


def terminal_width(stream: Any) -> int:
    """Columns, as COLUMNS says, or else the terminal of the stream; 80 where neither does."""
    if os.environ.get("COLUMNS", "").isdigit():
        return int(os.environ["COLUMNS"])
    with suppress(OSError, ValueError, AttributeError):
        return os.get_terminal_size(stream.fileno()).columns or 80
    return 80


def refuse_log(option: str, path: str | os.PathLike[str]) -> None:
    """UsageError for a file to write, such as /dev/stdout, that is the log of GitHub Actions.

    What is written there does not come through here, so that a name could begin a line of it.
    """
    if not os.environ.get(RUNNER):
        return
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # no such file, or no such stream
            there = os.stat(path)
            if os.path.samestat(there, os.fstat(stream.fileno())) and not stat.S_ISREG(there.st_mode):
                raise UsageError(f"{option}: this is the log of the job, which takes names for commands; name a file")


def rich_stderr() -> Any:
    """Rich's console on standard error."""
    from rich.console import Console as RichConsole

    return RichConsole(stderr=True, markup=False, highlight=False)


def colored(text: str, color: str, stream: Any) -> str:
    """The text in a color of the terminal, GOOD, BAD or DOUBTFUL; as it is where the stream is none that has colors.

    NO_COLOR (no-color.org) and TERM=dumb ask for none.
    """
    if not color or not text or not has_colors(stream):
        return text
    return f"\x1b[{color}m{text}\x1b[0m"


def has_colors(stream: Any) -> bool:
    """Whether it is a terminal on which color is wanted."""
    if stream is None or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(stream.isatty())


def printable(text: str) -> str:
    """The text as `visible` has it and, where GitHub's runner reads, without what it takes for a command."""
    return _harmless(visible(text), _people_escape)


def visible(text: str) -> str:
    """The text with control characters, line ends too, written out: a file's name cannot steer a terminal."""
    if text.isprintable():
        return text
    with suppress(
        UnicodeEncodeError
    ):  # half of a pair of surrogates, as a line of JSON can hold it, is written out too
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return _written_out(text, _people_escape)


_COMMANDS = re.compile(r":(?=:)|\[(?<=##\[)")  # what of `::` and `##[` is written otherwise


def _harmless(text: str, escape: Callable[[str], str]) -> str:
    if not os.environ.get(RUNNER):
        return text
    return _COMMANDS.sub(lambda found: escape(found[0]), text)


def _written_out(text: str, escape: Callable[[str], str]) -> str:
    """Control characters, those that turn the direction of text, and separators of lines, by their numbers."""
    return text if text.isprintable() else "".join(c if c.isprintable() else escape(c) for c in text)


def _people_escape(character: str) -> str:
    return f"\\x{ord(character):02x}"


def _json_escape(character: str) -> str:
    """\\u202e, and two of them for a character above U+FFFF."""
    return "".join(f"\\u{unit:04x}" for unit in memoryview(character.encode("utf-16", "surrogatepass")[2:]).cast("H"))
