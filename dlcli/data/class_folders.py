"""A folder per class, its name the label: ROOT/CLASS/x.jpg, or ROOT/SPLIT/CLASS/x.jpg."""

import os
from collections.abc import Mapping
from pathlib import Path

from dlcli.data.classes import ClassItem, ClassSet, number_classes
from dlcli.data.dataset import Item, Problem
from dlcli.data.files import images_below, no_split
from dlcli.data.folders import unread
from dlcli.errors import DataError
from dlcli.imaging.extensions import looks_like_image

LOOKED_FOR = "a folder per class, or the same below train/, val/, test/"
SPLIT_NAMES = {"train", "val", "test", "training", "validation", "valid", "testing"}
NO_CLASS = {"__MACOSX", "__pycache__"}


def read_image_folders(
    place: Path, split: str | None, labels: tuple[str, ...] | None = None, aliases: Mapping[str, str] | None = None
) -> ClassSet:
    """Read one split, or all with None. Classes are numbered over every split, so each split has the same ids.

    labels, aliases: see number_classes. A class's folders are searched in depth. An image beside the class folders
    is a problem. DataError: no such split, no class folder, or a class that `labels` lacks.
    """
    splits = folder_splits(place)
    if split is not None and split not in splits:
        raise no_split(place, split, splits, LOOKED_FOR)
    roots = [place / name for name in splits] if splits else [place]
    names = sorted({folder.name for root in roots for folder in class_folders(root)})
    if not names:
        raise DataError(f"{place}: expected {LOOKED_FOR}; found no folder")
    found, numbers = number_classes(names, labels, aliases, place)
    images: list[ClassItem] = []
    problems: list[Problem] = []
    for root in [place / split] if split else roots:
        problems += [Problem(path, "lies beside the class folders, so it has no class") for path in _strays(root)]
        for folder in class_folders(root):
            images += [Item(path, (numbers[folder.name],)) for path in images_below(folder)]
    return ClassSet("folders", found, tuple(images), tuple(problems), place)


def folder_splits(place: Path) -> list[str]:
    """Folders named like a split that hold folders and no image of their own: a class may be called "train" too."""
    folders = [folder for folder in _folders(place) if folder.name.casefold() in SPLIT_NAMES]
    return [folder.name for folder in folders if class_folders(folder) and not _strays(folder)]


def class_folders(root: Path) -> list[Path]:
    """The folders right below, sorted by name; not hidden ones."""
    return [folder for folder in _folders(root) if not folder.name.startswith(".") and folder.name not in NO_CLASS]


def _strays(root: Path) -> list[Path]:
    return [Path(entry.path) for entry in _entries(root) if looks_like_image(entry.name) and entry.is_file()]


def _folders(root: Path) -> list[Path]:
    return [Path(entry.path) for entry in _entries(root) if entry.is_dir()]


def _entries(root: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(root) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise unread(error, root) from error
