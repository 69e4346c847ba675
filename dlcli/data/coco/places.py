"""Where the image of a COCO entry lies: file_name may be relative, absolute or a path of Windows."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dlcli.data.coco.content import Key, coco_key, field_of
from dlcli.data.dataset import Problem
from dlcli.data.files import pixel, stays_below
from dlcli.data.image_size import size_or_asked
from dlcli.errors import DataError


def coco_image(image: Mapping[str, Any], folders: Sequence[Path]) -> tuple[Path, str, tuple[int, int]]:
    """Where the image of an entry of 'images' lies, its name below that folder, and its (width, height).

    Zeros where nothing tells the size. A file_name that leads out of the folders, as an absolute path, is looked for
    in them by as much of its end as is there; an image outside is never taken.
    """
    place, name = _place(str(image["file_name"]), folders)
    return place, name, size_or_asked((_side(image, "width"), _side(image, "height")), place)


def ambiguous_images(
    path: Path, items: Iterable[Any], entries: Mapping[Key, Any], folders: Sequence[Path]
) -> dict[Key, Problem]:
    """Images whose annotations may be those of another: two entries of one id, or of one file. items: of 'images'."""
    counts = Counter(coco_key(field_of(item, "id")) for item in items)
    found = {key: Problem(path, f"{counts[key]} images have the id {key}") for key in entries if counts[key] > 1}
    first: dict[Path, Key] = {}
    for key, image in entries.items():
        place = _place(str(image["file_name"]), folders)[0]
        if place in first:
            message = f"images {first[place]} and {key} are one file, {place}; join their annotations"
            found |= {first[place]: Problem(path, message, place), key: Problem(path, message, place)}
        first.setdefault(place, key)
    return found


def _place(name: str, folders: Sequence[Path]) -> tuple[Path, str]:
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
