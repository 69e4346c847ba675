"""Exit codes, and the few errors that own them; dlcli.cli.app alone turns one into the other."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a shell sees; docs/ci.md lists them for people."""

    DONE = 0
    GATE = 1  # a condition that the user set was broken
    USAGE = 2  # wrong words on the command line, or nothing to work on
    INCOMPLETE = 3  # done, but some inputs failed
    MISSING = 4  # a model or an extra is not installed
    STOPPED = 5  # could not go on: disk full, data set or model file unusable
    BUG = 70  # ours
    INTERRUPTED = 130  # Ctrl-C
    CLOSED_PIPE = 141  # the reader of our output went away, as `head` does
    TERMINATED = 143  # SIGTERM, SIGHUP


class DlcliError(Exception):
    """Something a user can fix. The message is one plain sentence: the file, the value, what was expected."""

    exit_code = ExitCode.STOPPED


class UsageError(DlcliError):
    """A word on the command line is wrong; the message shows the valid form."""

    exit_code = ExitCode.USAGE


class MissingError(DlcliError):
    """A model or an extra is not there; the message names the command that gets it."""

    exit_code = ExitCode.MISSING


class DataError(DlcliError):
    """A data set, annotation file or model file cannot be used as it is."""


class InterruptedRunError(DlcliError):
    """A signal; exit_code is its own. The message says what was kept."""

    def __init__(self, message: str, exit_code: ExitCode = ExitCode.INTERRUPTED):
        super().__init__(message)
        self.exit_code = exit_code


class ClosedPipeError(DlcliError):
    """Nobody reads our output any more: end without a word, as other Unix tools do."""

    exit_code = ExitCode.CLOSED_PIPE


class SaidElsewhereError(DlcliError):
    """Another process of the same work says why it ends: end with its exit code, without a word."""

    def __init__(self, exit_code: ExitCode):
        super().__init__("another process says why")
        self.exit_code = exit_code


class ImageError(DlcliError):
    """One image cannot be used. In a batch it becomes a failure record and the batch goes on.

    kind is a short word for programs (`missing`, `empty`, `truncated` ...), the message is for people.
    """

    exit_code = ExitCode.INCOMPLETE

    def __init__(self, kind: str, message: str):
        super().__init__(message)
        self.kind = kind
