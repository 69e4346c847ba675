"""Where the image of a COCO entry lies: file_name may be relative, absolute or a path of Windows."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dlcli.data.coco.content import Key, coco_key, field_of
from dlcli.data.dataset import Problem
from dlcli.data.files import pixel, stays_below
from dlcli.data.folders import files_in
from dlcli.data.image_size import size_or_asked
from dlcli.errors import DataError
from dlcli.imaging.extensions import looks_like_image
from dlcli.messages import listed, plural

SHOWN = 5  # names in a note


Place = tuple[Path, str]  # where an image lies, and its name below that folder


def image_places(entries: Mapping[Key, Any], folders: Sequence[Path]) -> dict[Key, Place]:
    """Where each entry of 'images' has its file, looked for in the folders in their order.

    A file_name that leads out of the folders, as an absolute path, is looked for in them by as much of its end as is
    there; an image outside is never taken.
    """
    return {key: _place(str(image["file_name"]), folders) for key, image in entries.items()}


def with_sides(entries: Mapping[Key, Any], places: Mapping[Key, Place]) -> dict[Key, dict[str, Any]]:
    """The entries of 'images' with a whole width and height: their own, or else their file's; zeros where nothing
    tells.
    """
    return {key: {**image, **_sides(image, places[key][0])} for key, image in entries.items()}


def _sides(image: Mapping[str, Any], place: Path) -> dict[str, int]:
    width, height = size_or_asked((_side(image, "width"), _side(image, "height")), place)
    return {"width": width, "height": height}


def ambiguous_images(path: Path, items: Iterable[Any], places: Mapping[Key, Place]) -> dict[Key, Problem]:
    """Images whose annotations may be those of another: two entries of one id, or of one file. items: of 'images'."""
    counts = Counter(coco_key(field_of(item, "id")) for item in items)
    found = {key: Problem(path, f"{counts[key]} images have the id {key}") for key in places if counts[key] > 1}
    first: dict[Path, Key] = {}
    for key, (place, _) in places.items():
        if place in first:
            message = f"images {first[place]} and {key} are one file, {place}; join their annotations"
            found |= {first[place]: Problem(path, message, place), key: Problem(path, message, place)}
        first.setdefault(place, key)
    return found


def unlisted_images(place: Path, path: Path, places: Mapping[Key, Place], only: bool) -> tuple[str, ...]:
    """A note of images beside those of the file that are not in it. only: no other file of the set has images there."""
    if not only or place.is_file():
        return ()
    known = {image for image, _ in places.values()}
    folders = {image.parent for image in known}
    bare = [image for folder in sorted(folders) for image in files_in(folder) if looks_like_image(image)]
    names = [image.name for image in bare if image not in known]
    what = f"{path}: {plural(len(names), 'image')} beside its own not listed in it, left out: {listed(names, SHOWN)}"
    return (what,) if names else ()


def _place(name: str, folders: Sequence[Path]) -> Place:
    if stays_below(name):
        for folder in folders:
            if os.path.isfile(folder / name):
                return folder / name, name
    plain = name.replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in ("", ".", "..")]
    elsewhere = len(parts) > 1 and parts[0].endswith(":")  # C:, https:
    parts = parts[1:] if elsewhere else parts
    leads_out = elsewhere or not stays_below(plain)
    ends = ["/".join(parts[start:]) for start in range(len(parts) if leads_out else 1)]
    for end in ends:
        for folder in folders:
            if os.path.isfile(folder / end):
                return folder / end, end
    usual = name if stays_below(name) and "\\" not in name else ends[-1]
    return folders[0] / usual, usual


def _side(image: Mapping[str, Any], key: str) -> int:
    """An image's width or height; 0, which check_dataset reports, where it is no number."""
    try:
        return int(pixel(image.get(key, 0), key))
    except DataError:
        return 0
