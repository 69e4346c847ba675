"""The SHA-256 sums that model files were recorded with: of those that dlcli carries, and of each that came in.

`python -m dlcli.models.sums` writes the list of the bundled files again; commit it with the files that it lists. Both
kinds are in the form of `sha256sum`, so that `sha256sum -c` can check them too.
"""

import re
from pathlib import Path

from dlcli.errors import DataError
from dlcli.models import BUNDLED
from dlcli.models.checksums import file_digest
from dlcli.whole_file import write_text

LIST = "SHA256SUMS"  # in the folder of the bundled models
SUFFIXES = (".onnx", ".safetensors")  # of files that it lists


def listed_sums(folder: Path) -> dict[str, str]:
    """File names to sums, as the folder's list has them; {} where there is no list. DataError: it cannot be read."""
    return read_sums(folder / LIST)


def read_sums(path: Path) -> dict[str, str]:
    """File names to sums of a file with lines of "<64 hex digits>  <name>"; {}: no such file. DataError: no such."""
    if not path.is_file():
        return {}
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: expected a list of SHA-256 sums, got a file that cannot be read") from error
    found = {}
    for number, line in enumerate(lines, 1):
        match = re.fullmatch(r"([0-9a-f]{64})  (\S+)", line)
        if match is None:
            raise DataError(f"{path}:{number}: expected 64 hex digits, two spaces and a file's name, got {line[:90]!r}")
        found[match[2]] = match[1]
    return found


def sums_of(folder: Path) -> dict[str, str]:
    """The same, of the model files as they are now."""
    return {path.name: file_digest(path) for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES}


def write_sums(path: Path, sums: dict[str, str]) -> None:
    """What `read_sums` reads back, one line a file. DlcliError: it cannot be written."""
    write_text(path, "".join(f"{digest}  {name}\n" for name, digest in sums.items()))


if __name__ == "__main__":
    write_sums(BUNDLED / LIST, sums_of(BUNDLED))
