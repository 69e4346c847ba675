"""Images that a set names and that lie outside its folder: a data.yaml or a list may name any file of the machine."""

import os
from collections.abc import Mapping
from pathlib import Path

from dlcli.data.conversion.annotated_set import AnnotatedSet
from dlcli.errors import DataError
from dlcli.messages import as_text, listed, plural

SHOWN = 3  # images in a message


def outside_notes(
    sets: Mapping[str, AnnotatedSet], source: Path, images: Path | None, allowed: bool
) -> tuple[str, ...]:
    """What is to be said of them. images: a folder that the user named. DataError: there are some, not `allowed`."""
    paths = dict.fromkeys(image.path for found in sets.values() for image in found.items if image.path.is_file())
    out = [path for path in paths if is_outside(path, source, images)]
    if not out:
        return ()
    names = listed(map(as_text, out), SHOWN)
    if not allowed:
        raise DataError(
            f"{source}: {plural(len(out), 'image')} outside the set's folder: {names}; if they belong to it, pass "
            "--outside copy, or name their folder by --images DIR"
        )
    return (f"{source}: {plural(len(out), 'image')} outside the set's folder copied: {names}",)


def is_outside(image: Path, source: Path, images: Path | None) -> bool:
    """Whether an image lies neither in the set's folder nor in `images`, by its name or by where a link leads."""
    roots = [source if source.is_dir() else source.parent, *([] if images is None else [images])]
    root = source.parent
    if source.is_file() and root.name == "annotations":  # the images lie beside the folder of a COCO file
        roots.append(root.parent)
    inside = [os.path.realpath(place) for place in roots]
    place = os.path.realpath(image)
    named = os.path.abspath(image)
    return not any(_below(path, root) for path in (place, named) for root in (*inside, *map(os.path.abspath, roots)))


def _below(path: str, root: str) -> bool:
    return os.path.commonpath([path, root]) == root
