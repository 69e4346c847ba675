"""Where images lie below the root whose tree --out mirrors."""

import os
from collections.abc import Iterable
from typing import NamedTuple

from dlcli.batch.sources.addresses import location
from dlcli.batch.sources.archives import Member
from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.messages import as_text
from dlcli.records import Failure


class Found(NamedTuple):
    """name: for records, and to open. base: the folder that its place is below. failure: of a folder.

    member: of an archive, whose name is then above it.
    """

    name: str
    base: str
    failure: Failure | None = None
    member: Member | None = None


@dataclass(frozen=True)
class Root:
    """Below which places are: `given` by --root, else `stored` by the run that --resume goes on with, where that holds
    all images, else the deepest folder that does."""

    given: str | None = None
    stored: str = ""

    def of(self, names: Iterable[str], bases: Iterable[str]) -> str:
        """For images of these names, which were found below `bases`.

        UsageError: an image lies outside of the one that was given.
        """
        if self.given is not None:
            root = os.path.abspath(self.given)
            for name in names:
                if not _lies_in(name, root):
                    raise UsageError(
                        f"--root {self.given}: {as_text(name)} does not lie in it; name a folder that holds all "
                        "images, or leave --root out"
                    )
            return root
        if self.stored:
            stored = os.path.abspath(self.stored)
            if all(_lies_in(name, stored) for name in names):
                return stored
        return common_folder(list(bases))


def common_folder(folders: list[str]) -> str:
    """The deepest folder that holds them all: outputs mirror the tree below it."""
    return os.path.commonpath(folders) if folders else ""


def _lies_in(path: str, root: str) -> bool:
    return os.path.commonpath([location(path), root]) == root
