"""What --batch takes: a number, or auto. Light."""

from dlcli.errors import UsageError

AUTO = "auto"


def parse_batch(text: str | int) -> int | None:
    """The number; None: it is to be measured. UsageError: neither."""
    if text == AUTO:
        return None
    if not str(text).isdecimal() or int(text) < 1:
        raise UsageError(f"--batch {text}: expected a whole number of 1 or more, or auto")
    return int(text)
