"""Files of a data set: text and image files below a folder, read with errors that name them."""

import math
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from dlcli.data.folders import files_below, files_in
from dlcli.errors import DataError, UsageError
from dlcli.imaging.extensions import looks_like_image
from dlcli.messages import did_you_mean, listed, short_repr

LARGEST_FILE = 256 << 20  # bytes of annotations of one image, or of the names of a set
LARGEST_COORDINATE = 1e7  # a number beyond this is no pixel, and float32 could not hold it exactly


def read_bytes(path: Path, largest: int | None = None, pipes: bool = False) -> bytes:
    """The bytes of a regular file, or DataError that names it.

    A set of others may have a FIFO in it, which nobody writes to, or a link to a device without end. largest: bytes
    above which it is refused unread. pipes: other kinds are read too, for files that the user names.
    """
    more = 0 if pipes else os.O_NONBLOCK
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | more)) as file:
            there = os.fstat(file.fileno())
            if not (pipes or stat.S_ISREG(there.st_mode)):
                raise DataError(f"{path}: expected a regular file, got a FIFO or a device")
            if largest is not None and there.st_size > largest:
                raise DataError(f"{path}: expected at most {largest:,} bytes, got {there.st_size:,}")
            return file.read()
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise DataError(f"{path}: cannot be read ({error})") from None


def read_text(path: Path, largest: int | None = None, pipes: bool = False) -> str:
    """The file as UTF-8 text, a byte order mark dropped, or DataError that names it. The rest as in read_bytes."""
    try:
        return read_bytes(path, largest, pipes).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: expected UTF-8 text, byte {error.start} is not") from None


def text_of_name(text: str, what: str) -> str:
    """A text that is to be a name or a label. DataError, which begins with `what`: UTF-8 cannot hold it.

    JSON and YAML can write half of a surrogate pair (U+D800 to U+DFFF), which is no character.
    """
    if not is_unicode(text):
        raise DataError(f"{what}: expected text that UTF-8 can hold, got {short_repr(text)}")
    return text


def is_unicode(text: str) -> bool:
    """Whether UTF-8 can hold the text: no half of a surrogate pair, nor a byte of a file's name that is not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_file_name(text: str) -> bool:
    """Whether a file can have the name; Python has a byte that is not UTF-8 as one of U+DC80 to U+DCFF."""
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def images_by_stem(folder: Path) -> dict[str, Path]:
    """Every image file right in the folder by its name without the suffix; of two alike, the first by name."""
    found: dict[str, Path] = {}
    for path in files_in(folder):
        if looks_like_image(path):
            found.setdefault(path.stem, path)
    return found


def same_stems(folder: Path) -> list[Path]:
    """The images right in the folder that `images_by_stem` passes over: b.png beside b.jpg."""
    first = images_by_stem(folder)
    return [path for path in files_in(folder) if looks_like_image(path) and first[path.stem] != path]


def images_below(folder: Path) -> list[Path]:
    """Every image file in the folder and the folders below it, sorted."""
    return [path for path in files_below(folder) if looks_like_image(path) and path.is_file()]


def pixel(text: object, what: str) -> float:
    """A coordinate or size from text or JSON; DataError says what was expected where it is not a sane number."""
    try:
        value = float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    if isinstance(text, bool) or not abs(value) <= LARGEST_COORDINATE:
        raise DataError(f"{what}: expected a number of pixels, got {short_repr(text)}")
    return value


def read_score(value: object) -> float | None:
    """A score in [0, 1] from text or JSON, None where there is none. DataError where it is something else."""
    if value is None:
        return None
    try:
        score = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        score = math.nan
    if not 0 <= score <= 1:
        raise DataError(f"score: expected a number of 0 to 1, got {short_repr(value)}")
    return score


class SplitError(UsageError, DataError):
    """An option names a split that the set does not have: wrong usage. option: which, set by who knows."""

    option = "--split"

    def __str__(self) -> str:
        return f"{self.option}: {super().__str__()}"


def no_split(place: Path, split: str | None, splits: Iterable[str], looked_for: object) -> SplitError:
    """The error for a split that is not there; it says which ones are, or how to do without."""
    names = list(splits)
    wanted = "it has more than one split, name one" if split is None else f"no split {split!r}"
    there = f"found {listed(names)}" if names else "found no splits at all; --split all takes every image"
    hint = "" if split is None or not (near := did_you_mean(split, names)) else f"; {near}"
    return SplitError(f"{place}: {wanted} (looked for {looked_for}); {there}{hint}")


def stays_below(name: str) -> bool:
    """Whether a name from an annotation file is a relative path that cannot leave the folder it is joined to."""
    path = Path(name)
    return bool(name) and "\0" not in name and not path.is_absolute() and ".." not in path.parts
