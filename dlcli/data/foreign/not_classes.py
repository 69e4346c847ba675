"""Folders of another kind of set, which would pass for classes: of images, of annotations, of splits."""

from collections.abc import Iterator
from pathlib import Path

from dlcli.data.class_folders import class_folders, folder_splits
from dlcli.data.folders import files_in
from dlcli.data.splits.names import SPLIT_FOLDERS
from dlcli.imaging.extensions import looks_like_image
from dlcli.messages import listed

OF_IMAGES = frozenset({"images", "image", "imgs", "img", "img1", "image_2", "jpegimages", "leftimg8bit", "data"})
OF_ANNOTATIONS = (".txt", ".json", ".xml", ".csv", ".tsv", ".mat", ".npy", ".npz", ".yaml", ".yml", ".parquet")
SHOWN = 3


def not_classes(place: Path) -> str:
    """Why the folders of a set are no classes, and what to do; "" where they may be."""
    roots = [place / name for name in folder_splits(place)] or [place]
    return next((reason for root in roots for reason in _reasons(root)), "")


def _reasons(root: Path) -> Iterator[str]:
    folders = class_folders(root)
    for folder in folders:
        if folder.name.casefold() in OF_IMAGES:
            yield f"{folder} is named like a folder of images, not like a class"
        if lone := _annotations_alone(folder):
            yield f"{folder} holds {lone} and no image, so it is no class"
    if folders and all(folder.name.casefold() in SPLIT_FOLDERS for folder in folders):
        yield f"{listed(folder.name for folder in folders)} are splits, and hold images but no folder per class"
    if len(folders) == 1 and _is_root(folders[0]):
        yield f"its only folder holds folders of images; give {folders[0]} if those are the classes"


def _annotations_alone(folder: Path) -> str:
    """The names of a folder's files, where all are such that others keep annotations in."""
    names = [path.name for path in files_in(folder) if not path.is_dir()]
    alone = names and all(name.casefold().endswith(OF_ANNOTATIONS) for name in names)
    return listed(names, SHOWN) if alone and not any(path.is_dir() for path in files_in(folder)) else ""


def _is_root(folder: Path) -> bool:
    """Whether the images lie in several folders below, and none right in it."""
    inside = files_in(folder)
    return sum(path.is_dir() for path in inside) > 1 and not any(looks_like_image(path) for path in inside)
