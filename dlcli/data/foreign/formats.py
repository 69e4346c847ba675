"""Labeled sets that dlcli knows and does not read, and annotations that no folder of classes may be taken over.

What is recognized here is refused by name, with the way out; else its folders would pass for classes.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from dlcli.data.files import images_by_stem, read_bytes
from dlcli.data.folders import files_below, files_in
from dlcli.data.splits.names import SPLIT_FOLDERS
from dlcli.data.yolo.files import is_label_file
from dlcli.errors import DataError
from dlcli.imaging.extensions import looks_like_image

HEAD = 1 << 16  # bytes of a file that are looked into
LARGEST = 1 << 28
LOOKED_AT = 4  # JSON files of a folder
EXPORT = "export it as COCO or YOLO"
MASKS_OF_ROBOFLOW = (
    "put images in images/SPLIT, *_mask.png in masks/SPLIT, and the names into classes.txt, a line a value from 0 on"
)
_CVAT = re.compile(rb"<(image|track) ")
_LABEL_STUDIO = re.compile(rb'"(rectangle|polygon|brush|keypoint|ellipse)labels"')


def foreign_format(place: Path) -> str:
    """The name of a format that is not read, and what to do; "" where the place, a folder or a file, is none."""
    if place.is_file():
        return _of_json(place) if place.suffix.lower() == ".json" else ""
    tests: tuple[Callable[[Path], str], ...] = (_by_folders, _by_files, _by_csv, _by_json)
    return next((found for test in tests if (found := test(place))), "")


def annotations_beside(place: Path) -> str:
    """Why folders below are no classes: the first annotation of an image that is found, "" where there is none."""
    folders = [path for path in files_in(place) if path.is_dir() and not path.name.startswith(".")]
    everywhere = [place, *folders, *(path for top in folders for path in files_in(top) if path.is_dir())]
    by_folder = [images_by_stem(folder) for folder in everywhere]
    images = {stem: path for found in reversed(by_folder) for stem, path in found.items()}
    for folder in everywhere:
        for ending in (".xml", ".txt", ".json"):
            found = next((p for p in files_in(folder, ending) if p.stem in images and _annotates(p)), None)
            if found is not None:
                return f"{found} is an annotation of {images[found.stem].name}"
    names = {folder.name.casefold() for folder in folders}
    if {"images", "labels"} <= names or {"images", "masks"} <= names or {"images", "annotations"} <= names:
        return f"{place} has folders for images and for their annotations"
    return ""


def _annotates(path: Path) -> bool:
    """Whether a file beside an image says where something is in it; a caption, or metadata, does not."""
    if path.suffix == ".txt":
        return is_label_file(path)
    return any(
        word in _head(path) for word in (b"bndbox", b'"shapes"', b'"bbox"', b'"points"', b'"annotations"', b"<object")
    )


def _by_folders(place: Path) -> str:
    names = {path.name for path in files_in(place) if path.is_dir()}
    if "leftImg8bit" in names or any(name.startswith(("gtFine", "gtCoarse")) for name in names):
        return "Cityscapes; put images and *_labelIds.png in images/SPLIT and masks/SPLIT, under equal names"
    below = {path.name for name in names if name in SPLIT_FOLDERS for path in files_in(place / name)}
    if any(name.startswith("labelTxt") for name in (*names, *below)):
        return f"DOTA, whose boxes are turned; {EXPORT}, with upright boxes"
    if {"image_2", "label_2"} <= names or ({"training", "testing"} <= names and (place / "training/label_2").is_dir()):
        return f"KITTI; {EXPORT}"
    if (place / "meta.json").is_file() and any((place / name / "ann").is_dir() for name in names):
        return f"Supervisely; {EXPORT}"
    return ""


def _by_files(place: Path) -> str:
    for path in [*files_in(place, ".xml"), *files_in(place / "annotations", ".xml")]:
        head = _head(path)
        if re.search(rb"<annotations[\s>]", head) and (what := _CVAT.search(head)):
            return f"CVAT's XML for {'images' if what[1] == b'image' else 'video'} ({path.name}); {EXPORT}"
    if any(files_below(place, ".tfrecord", ".record")):
        return f"TFRecord; {EXPORT}"
    if (place / "samples.json").is_file() and (place / "metadata.json").is_file():
        return f"a FiftyOne dataset; {EXPORT} (fiftyone.types.COCODetectionDataset)"
    return ""


def _by_csv(place: Path) -> str:
    for path in _tables(place):
        columns = [word.strip().strip('"').casefold() for word in _first_line(path).split(",")]
        named = {"xmin", "ymin", "xmax", "ymax"} <= set(columns) or {"x1", "y1", "x2", "y2"} <= set(columns)
        if named or _is_box_row(columns):
            return f"boxes in CSV ({path.name}); {EXPORT}"
        if columns[0] == "pixel value":
            return f"a mask export of Roboflow ({path.name}); {MASKS_OF_ROBOFLOW}"
        if path.name == "_classes.csv":
            return f"a multi-label export of Roboflow ({path.name}); write a .csv of filename,label, labels parted by |"
    return ""


def _is_box_row(columns: list[str]) -> bool:
    """Whether a first line is no heading but an image's name, the four sides of a box and a class."""
    sides = columns[1:5]
    return len(sides) == 4 and looks_like_image(columns[0]) and all(side.lstrip("-").isdecimal() for side in sides)


def _by_json(place: Path) -> str:
    for folder in (place, place / "annotations", *_split_folders(place)):
        for path in files_in(folder, ".json")[:LOOKED_AT]:
            if found := _of_json(path):
                return found
    return ""


def _of_json(path: Path) -> str:
    head = _head(path)
    if b'"_via_img_metadata"' in head or b'"_via_settings"' in head:
        return f"a project of the VGG Image Annotator ({path.name}); {EXPORT}"
    if b'"segments_info"' in head:
        return f"COCO panoptic ({path.name}); convert it to index PNG in images/ and masks/"
    if re.match(rb'\s*\{\s*"classes":\s*\[[^\]]*\],\s*"labels":\s*\{', head):
        return f"a FiftyOne export ({path.name}); {EXPORT}, or classes as a folder per class"
    if not head.lstrip().startswith(b"["):
        return ""
    if _LABEL_STUDIO.search(head):
        return f"Label Studio's JSON ({path.name}); {EXPORT}"
    try:
        content = json.loads(read_bytes(path, LARGEST))
    except (ValueError, RecursionError, DataError):
        return ""
    first = content[0] if isinstance(content, list) and content else None
    keys = set(first) if isinstance(first, dict) else set()
    if "annotations" in keys and {"data", "id"} & keys and "image" not in keys:
        return f"Label Studio's JSON ({path.name}); {EXPORT}"
    if "annotations" in keys and ({"image", "imagefilename"} & keys):
        return f"CreateML's JSON ({path.name}); {EXPORT}"
    if "image_id" in keys and "category_id" in keys:
        return f"COCO results without images and categories ({path.name}); give the annotation file itself"
    return ""


def _tables(place: Path) -> Iterator[Path]:
    for folder in (place, *_split_folders(place)):
        yield from (path for path in files_in(folder, ".csv") if path.is_file())


def _split_folders(place: Path) -> list[Path]:
    return [path for path in files_in(place) if path.name.casefold() in SPLIT_FOLDERS and path.is_dir()]


def _first_line(path: Path) -> str:
    return _head(path).decode("utf-8-sig", "replace").partition("\n")[0]


def _head(path: Path) -> bytes:
    if not path.is_file():
        return b""
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError:
        return b""
