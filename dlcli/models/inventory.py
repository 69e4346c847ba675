"""All models that there are: bundled ones, imported ones, and the runs below folders that are named."""

from collections.abc import Iterator
from pathlib import Path

from dlcli.card import ModelCard, read_card
from dlcli.errors import DataError, DlcliError, MissingError, UsageError
from dlcli.frozen import dataclass
from dlcli.models.run_folder import CONFIG
from dlcli.models.store import BUNDLED, bundled_models, checked_digest, expected_sum, locate, named_models
from dlcli.models.sums import listed_sums
from dlcli.models.user_folder import imported_models

BUNDLED_KIND, IMPORTED, RUN = "bundled", "imported", "run"


@dataclass(frozen=True)
class Entry:
    """A model of the inventory. name: what --model takes. kind: "bundled", "imported" or "run"."""

    name: str
    kind: str
    path: Path
    card: ModelCard
    bytes: int


def inventory(folders: list[Path]) -> Iterator[Entry | DlcliError]:
    """The models, each kind in the order of its names; an error in the place of one that cannot be used."""
    bundled = bundled_models()
    yield from (_entry(name, BUNDLED_KIND, path) for name, path in bundled.items())
    yield from (_entry(name, IMPORTED, path) for name, path in imported_models().items() if name not in bundled)
    for folder in folders:
        if not folder.is_dir():
            yield MissingError(f"{folder}: expected a folder with runs, got none")
        for run in sorted({path.parent for path in folder.rglob(CONFIG)}):
            try:
                yield _entry(str(run), RUN, locate(str(run)))
            except DlcliError as error:
                yield error


def verify(name: str) -> Iterator[tuple[Path, DlcliError | None]]:
    """Each file of a model, or of all if the name is "", and what is wrong with it; files beside it too.

    MissingError: no such model. UsageError: nothing is recorded of models of this kind.
    """
    known = named_models()
    if name and name not in known:
        raise (
            UsageError(
                f"{name}: of this model no sum is recorded; expected one of: {', '.join(known)}, or no name for all"
            )
            if Path(name).exists()
            else MissingError(f"{name}: no such model; expected one of: {', '.join(known)}")
        )
    paths = [path for key, path in known.items() if name in ("", key)]
    listed = sorted(BUNDLED / file for file in listed_sums(BUNDLED) if name in ("", Path(file).stem))
    for path in dict.fromkeys([*listed, *paths]):
        yield path, _fault(path)


def _fault(path: Path) -> DlcliError | None:
    try:
        if expected_sum(path) is None:
            return DataError(f"{path}: no SHA-256 was recorded for it; import it again, or install dlcli again")
        checked_digest(path)
    except DlcliError as error:
        return error
    return None


def _entry(name: str, kind: str, path: Path) -> Entry | DlcliError:
    try:
        return Entry(name, kind, path, read_card(path), path.stat().st_size)
    except DlcliError as error:
        return error
    except OSError as error:
        return DataError(f"{path}: expected a readable model file, got: {error.strerror}")
