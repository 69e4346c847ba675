"""How the images of a set get into the new one: a second name, a copy, or not at all."""

import filecmp
import os
import shutil
from enum import StrEnum
from pathlib import Path, PurePosixPath

from dlcli.errors import DataError


class Transfer(StrEnum):
    """What is done with the images themselves."""

    LINK = "link"
    COPY = "copy"
    NONE = "none"


def put_image(image: Path, staged: Path, name: PurePosixPath, how: Transfer) -> None:
    """An image that is not there is left out; only formats that do without get this far. DataError: the name is taken.

    Splits may share an image.
    """
    where = staged / name
    if not image.is_file():
        return
    if where.exists():
        if not filecmp.cmp(image, where, shallow=False):
            raise DataError(f"{image}: another image would be {name} too; rename it, or name one --split")
        return
    where.parent.mkdir(parents=True, exist_ok=True)
    if how is Transfer.COPY:
        shutil.copyfile(image, where)
        return
    try:
        os.link(image.resolve(), where)  # a second name; some readers refuse symbolic links out of their folder
    except OSError:  # another file system, or one without
        where.symlink_to(image.resolve())
