"""Messages of the commands in Python's words: an argument is no option, and no shell is there to pipe."""

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from dlcli.errors import DlcliError

OTHERWISE = {
    "pass --skip-bad": "catch dlcli.ImageError to go on without it",
    "pipe the bytes to a lone -": "give its bytes",
    "pipe its bytes to a lone -, such as curl -s URL | dlcli detect -": "give its bytes",
}
_GIVEN = re.compile(r"^--([a-z][a-z0-9-]*) (\S+): ")
_OPTION = re.compile(r"(?<![\w-])--([a-z][a-z0-9-]*)")


@contextmanager
def python_words(arguments: Collection[str]) -> Iterator[None]:
    """Errors that leave it say arguments by name: `max_pixels` for --max-pixels; other options stay as they are."""
    try:
        yield
    except DlcliError as error:
        error.args = (in_python(str(error), arguments), *error.args[1:])
        raise


def in_python(message: str, arguments: Collection[str]) -> str:
    """ "--blend 1,2: expected ..." as "blend=1,2: expected ...", where `arguments` has blend."""
    for words, instead in OTHERWISE.items():
        message = message.replace(words, instead)
    by_option = {name.strip("_").replace("_", "-"): name for name in arguments}

    def named(found: re.Match[str]) -> str:
        return by_option.get(found[1], found[0])

    if (given := _GIVEN.match(message)) and given[1] in by_option:
        message = f"{by_option[given[1]]}={given[2]}: {message[given.end() :]}"
    return _OPTION.sub(named, message)
