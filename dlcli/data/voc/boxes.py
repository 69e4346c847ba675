"""PASCAL VOC: one XML file per image, lists of names per split."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Collection, Mapping
from pathlib import Path
from xml.etree.ElementTree import Element

from dlcli.data.boxes import BoxItem, BoxSet, GroundTruth, box_item
from dlcli.data.dataset import Problem
from dlcli.data.files import (
    LARGEST_FILE,
    images_by_stem,
    no_split,
    pixel,
    read_bytes,
    read_score,
    read_text,
    stays_below,
)
from dlcli.data.folders import files_in
from dlcli.data.image_size import size_or_asked
from dlcli.errors import DataError
from dlcli.messages import listed, short_repr

LAYOUT = "voc"
BOX_FOLDERS = ("Annotations", "annotations", "annots")  # VOC's own name first
IMAGE_FOLDERS = ("JPEGImages", "images")
LOOKED_FOR = "Annotations/*.xml and JPEGImages/"


def read_voc(folder: Path, split: str | None = None, labels: tuple[str, ...] | None = None) -> BoxSet:
    """Read Annotations/*.xml of the images that ImageSets/Main/SPLIT.txt names; split None: of all.

    VOC counts pixels from 1 and includes the last one (VOC 2007 development kit, section 3.3), so
    (xmin, ymin, xmax, ymax) becomes (xmin - 1, ymin - 1, xmax, ymax). `difficult` objects get ignore.
    labels: the class names to number by; None: those found in the whole folder, in alphabetical order, whatever
    the split. A file that cannot be understood becomes a Problem; an unknown split or an empty one raises DataError.
    """
    box_folder, image_folder = voc_folders(folder) or (folder / BOX_FOLDERS[0], folder / IMAGE_FOLDERS[0])
    annotations = {path.stem: path for path in files_in(box_folder, ".xml")}
    names = list(annotations) if split is None else _split_names(folder, split, annotations)
    trees = _Trees(
        annotations if labels is None else {name: annotations[name] for name in names if name in annotations}
    )
    labels = trees.class_names() if labels is None else labels
    class_ids = {label: index for index, label in enumerate(labels)}
    stored = images_by_stem(image_folder)
    images, problems = [], []
    for name in names:
        path = annotations.get(name, box_folder / f"{name}.xml")
        try:
            root = trees.root(name, path)
            image = stored.get(name) or image_folder / _file_name(name, root)
            images.append(_image(name, image, path, root, class_ids))
        except DataError as error:
            problems.append(Problem(path, str(error)))
    return BoxSet(LAYOUT, labels, tuple(images), tuple(problems), source=folder)


def voc_folders(folder: Path) -> tuple[Path, Path] | None:
    """The folders of the XML files and of the images, None where they are not both there."""
    boxes = [path for name in BOX_FOLDERS if files_in(path := folder / name, ".xml")]
    images = [path for name in IMAGE_FOLDERS if (path := folder / name).is_dir()]
    return (boxes[0], images[0]) if boxes and images else None


def voc_splits(folder: Path) -> list[str]:
    """The split names of ImageSets/Main, those without an underscore (not 'cat_train') first."""
    names = [path.stem for path in files_in(folder / "ImageSets" / "Main", ".txt")]
    return sorted(names, key=lambda name: ("_" in name, name))


def parse_xml(data: bytes) -> Element:
    """The root element. DataError for broken XML and for a DOCTYPE, which could expand entities without end."""
    if b"<!DOCTYPE" in data.replace(b"\0", b"").upper():  # NULs: the same in UTF-16
        raise DataError("expected plain VOC XML, got a file with a DOCTYPE; remove it")
    try:
        return ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:  # LookupError: an unknown encoding
        raise DataError(f"not valid XML ({error})") from None


class _Trees:
    """The annotation files, each parsed once: first for the class names, then for the boxes."""

    def __init__(self, files: Mapping[str, Path]):
        self._found: dict[str, Element | DataError] = {name: _parsed(path) for name, path in files.items()}

    def class_names(self) -> tuple[str, ...]:
        roots = [found for found in self._found.values() if isinstance(found, Element)]
        return tuple(sorted({_name(thing) for root in roots for thing in root.findall("object")} - {""}))

    def root(self, name: str, path: Path) -> Element:
        if not stays_below(name):
            raise DataError(f"expected a name below Annotations, got {short_repr(name)}")
        found = self._found[name] if name in self._found else _parsed(path)
        if isinstance(found, DataError):
            raise found
        return found


def _parsed(path: Path) -> Element | DataError:
    try:
        return parse_xml(read_bytes(path, LARGEST_FILE))
    except DataError as error:
        return DataError(str(error).removeprefix(f"{path}: "))


def _split_names(folder: Path, split: str, known: Collection[str]) -> list[str]:
    """The images in the split's list, repeats dropped: each line, less what follows the first space.

    known: names of images; a line that is one of them as a whole, spaces and all, is that one.
    """
    path = folder / "ImageSets" / "Main" / f"{split}.txt"
    if split not in voc_splits(folder):
        raise no_split(folder, split, voc_splits(folder), path)
    lines = [line.strip() for line in read_text(path).split("\n") if line.strip()]
    names = list(dict.fromkeys(_listed_name(line, known) for line in lines))
    if not names:
        raise DataError(
            f"{path}: expected one image name a line, found none; other splits: {listed(voc_splits(folder))}"
        )
    return names


def _listed_name(line: str, known: Collection[str]) -> str:
    """ "cat" of "cat" and of "cat  1"; a name may hold spaces of its own."""
    without_mark = line.rsplit(None, 1)[0] if line.endswith((" 1", " 0", " -1")) else line
    return next((name for name in (line, without_mark) if name in known), line.split()[0])


def _image(name: str, image: Path, path: Path, root: Element, class_ids: Mapping[str, int]) -> BoxItem:
    boxes = [_truth(thing, number, class_ids) for number, thing in enumerate(root.findall("object"), 1)]
    return box_item(image, name, size_or_asked(_size(root), image), boxes, path)


def _file_name(name: str, root: Element) -> str:
    """The image's own, where <filename> agrees with the annotation's; else that of a JPEG."""
    stated = root.findtext("filename", "").strip()
    return stated if stays_below(stated) and Path(stated).stem == name else f"{name}.jpg"


def _size(root: Element) -> tuple[int, int]:
    """(width, height) of the <size> element, zeros where it is absent."""
    width, height = (int(pixel(root.findtext(f"size/{side}", "0"), f"size/{side}")) for side in ("width", "height"))
    return width, height


def _truth(thing: Element, number: int, class_ids: Mapping[str, int]) -> GroundTruth:
    """One <object>. number: its place in the file from 1, for messages."""
    name = _name(thing)
    if name not in class_ids:
        raise DataError(f"object {number}: unknown class {short_repr(name)}; known: {listed(class_ids)}")
    x1, y1, x2, y2 = (_side(thing, number, side) for side in ("xmin", "ymin", "xmax", "ymax"))
    return GroundTruth(
        (x1 - 1, y1 - 1, x2, y2), class_ids[name], ignore=_flag(thing, number, "difficult"), score=_score(thing)
    )


def _side(thing: Element, number: int, side: str) -> float:
    return pixel(thing.findtext(f"bndbox/{side}"), f"object {number}: bndbox/{side}")


def _flag(thing: Element, number: int, name: str) -> bool:
    return pixel(thing.findtext(name, "0").strip() or "0", f"object {number}: {name}") != 0


def _score(thing: Element) -> float | None:
    """What a detector says of its box; VOC itself has nothing of the kind."""
    return read_score(thing.findtext("score"))


def _name(thing: Element) -> str:
    return thing.findtext("name", "").strip()
