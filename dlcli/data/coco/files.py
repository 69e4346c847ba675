"""Where the files of a COCO data set lie: the JSON of each split, and the folders of its images."""

import re
from collections.abc import Iterator
from pathlib import Path

from dlcli.data.files import no_split, read_bytes
from dlcli.data.folders import files_in
from dlcli.data.splits.names import SPLIT_FOLDERS
from dlcli.errors import DataError

LOOKED_FOR = "annotations/instances_SPLIT.json, SPLIT/_annotations.coco.json or a .json with images and categories"
WHOLE = "all"  # stands for the one file of a set that has no splits
USUAL = "instances_"
_LISTS = tuple(re.compile(rb'"%s"\s*:\s*\[' % name) for name in (b"images", b"annotations", b"categories"))
_PANOPTIC = re.compile(rb'"segments_info"\s*:')


def coco_files(folder: Path) -> dict[str, Path]:
    """The JSON file of each split, by the split's name; `all` is a file for the whole set.

    Where none has one of the usual names, every other .json that holds COCO's lists is taken: of annotations/, of the
    folder, and of its folders that are named like a split.
    """
    files = {WHOLE: folder / "instances.json"} if (folder / "instances.json").is_file() else {}
    for parent in (folder / "annotations", folder):
        for path in files_in(parent, ".json"):
            if path.name.startswith(USUAL):
                files.setdefault(path.stem.removeprefix(USUAL), path)
    for path in sorted(folder.glob("*/_annotations.coco.json")):  # Roboflow
        files.setdefault(path.parent.name, path)
    for path in files_in(folder / "annotations", ".json"):
        if path.stem in ("train", "val", "test", "valid"):
            files.setdefault(path.stem, path)
    return files or _others(folder)


def holds_coco(path: Path) -> bool:
    """Whether a file has COCO's lists of images, annotations and categories, whatever it is called."""
    try:
        text = read_bytes(path)
    except DataError:
        return False
    return all(expected.search(text) for expected in _LISTS) and not _PANOPTIC.search(text)


def _others(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for parent in (folder / "annotations", folder):
        for path in files_in(parent, ".json"):
            if path.is_file() and holds_coco(path):
                found.setdefault(_split_of(path), path)
    for parent in _split_folders(folder):
        inside = [path for path in files_in(parent, ".json") if path.is_file() and holds_coco(path)]
        if len(inside) == 1:
            found.setdefault(parent.name, inside[0])
    if len(found) == 1 and next(iter(found)) not in SPLIT_FOLDERS:
        return {WHOLE: next(iter(found.values()))}
    return found


def _split_of(path: Path) -> str:
    """ "val2017" of person_keypoints_val2017.json; else the whole name."""
    last = re.split(r"[_\-.]", path.stem)[-1]
    return last if last in SPLIT_FOLDERS else path.stem


def _split_folders(folder: Path) -> Iterator[Path]:
    yield from (path for path in files_in(folder) if path.name.casefold() in SPLIT_FOLDERS and path.is_dir())


def coco_file(place: Path, split: str | None) -> Path:
    """The JSON file to read: the place itself, or the split's; split None: the only one. DataError names the splits."""
    if place.is_file():
        return place
    files = coco_files(place)
    if split is None and len(files) == 1:
        return next(iter(files.values()))
    if split is None and WHOLE in files:
        return files[WHOLE]
    if split not in files:
        raise no_split(place, split, (name for name in files if name != WHOLE), LOOKED_FOR)
    return files[split]


def image_folders(place: Path, path: Path, split: str | None) -> list[Path]:
    """The folders in which a file_name may lie, the likeliest first; at least one, whether it is there or not."""
    root = place if place.is_dir() else path.parent.parent if path.parent.name == "annotations" else path.parent
    name = split or _split_of(path).removeprefix(USUAL)
    folders = [root / "images" / name, root / name, root / "images", path.parent, path.parent / "data", root]
    return [folder for folder in dict.fromkeys([*folders, root / "data"]) if folder.is_dir()]
