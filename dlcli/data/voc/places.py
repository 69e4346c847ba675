"""Where the files of a VOC set lie: XML files in a folder of their own, or each beside its image."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from dlcli.data.files import read_bytes
from dlcli.data.folders import files_below, files_in
from dlcli.data.splits.names import SPLIT_FOLDERS
from dlcli.errors import DataError
from dlcli.frozen import dataclass
from dlcli.messages import listed, plural

BOX_FOLDERS = ("Annotations", "annotations", "annots", "labels", "xmls", "xml")  # VOC's own name first
IMAGE_FOLDERS = ("JPEGImages", "images", "data", "imgs", "img")  # data: FiftyOne's
LOOKED_FOR = "Annotations/*.xml and JPEGImages/, or an .xml beside each image, in folders train, valid, test or one"
SHOWN = 5  # names in a note
LARGEST_LOOK = 1 << 20  # bytes of an XML file that is looked into


@dataclass(frozen=True)
class VocPlace:
    """boxes, images: the folders of the XML files and of the images, one folder where they lie side by side.

    split: the folder's split where it is one by its name, as Roboflow lays them out; "": lists tell.
    """

    boxes: Path
    images: Path
    split: str = ""


def voc_places(folder: Path) -> list[VocPlace]:
    """[] where the folder is no such set; several where the splits are folders."""
    pair = voc_folders(folder)
    if pair is not None:
        return [VocPlace(*pair)]
    found = [
        VocPlace(path, path, path.name)
        for path in files_in(folder)
        if path.name.casefold() in SPLIT_FOLDERS and path.is_dir() and _holds_voc(path)
    ]
    return found or ([VocPlace(folder, folder)] if _holds_voc(folder) else [])


def voc_folders(folder: Path) -> tuple[Path, Path] | None:
    """The folders of the XML files and of the images, None where they are not both there."""
    boxes = [path for name in BOX_FOLDERS if files_in(path := folder / name, ".xml") and not _holds_cvat(path)]
    images = [path for name in IMAGE_FOLDERS if (path := folder / name).is_dir()]
    return (boxes[0], images[0]) if boxes and images else None


def unread(folder: Path, places: Sequence[VocPlace]) -> tuple[str, ...]:
    """What is to be said of annotations below the places, or in another folder that may hold some."""
    below = [path for at in places for path in files_below(at.boxes, ".xml") if path.parent != at.boxes]
    taken = {at.boxes for at in places}
    others = [at for name in BOX_FOLDERS if (at := folder / name) not in taken and _holds_voc(at)]
    beside = [path for at in others if not _is_one(at, taken) for path in files_in(at, ".xml")]
    left = sorted({*below, *beside})
    names = listed((path.relative_to(folder).as_posix() for path in left), SHOWN)
    return (
        (f"{folder}: {plural(len(left), 'XML file')} elsewhere than in {places[0].boxes.name}, left out: {names}",)
        if left
        else ()
    )


def _is_one(folder: Path, taken: Iterable[Path]) -> bool:
    """Whether it is one of them under another name, as where case does not count."""
    return any(os.path.samefile(folder, other) for other in taken if other.exists())


def voc_splits(folder: Path) -> list[str]:
    """The split names of ImageSets/Main, those without an underscore (not 'cat_train') first; or of the folders."""
    places = voc_places(folder)
    if places and places[0].split:
        return [place.split for place in places]
    names = [path.stem for path in files_in(folder / "ImageSets" / "Main", ".txt")]
    return sorted(names, key=lambda name: ("_" in name, name))


def _holds_voc(folder: Path) -> bool:
    """Whether the first XML file right in the folder is one of VOC."""
    text = _first_xml(folder)
    return b"<annotation" in text and b"<annotations" not in text


def _holds_cvat(folder: Path) -> bool:
    """Whether it is one of CVAT, of all images together."""
    return b"<annotations" in _first_xml(folder)


def _first_xml(folder: Path) -> bytes:
    """b"" where there is none that can be read."""
    first = next(iter(files_in(folder, ".xml")), None)
    try:
        return b"" if first is None else read_bytes(first, LARGEST_LOOK)
    except DataError:
        return b""
