"""PASCAL VOC: one XML file per image, lists of names per split."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element

from dlcli.data.boxes import BoxItem, BoxSet, GroundTruth, box_item
from dlcli.data.dataset import Problem
from dlcli.data.files import LARGEST_FILE, no_split, pixel, read_bytes, read_score, read_text, stays_below
from dlcli.data.folders import files_in
from dlcli.data.image_size import size_or_asked
from dlcli.data.voc.carried import carried_by_file, carried_by_thing
from dlcli.data.voc.images import VocImages
from dlcli.data.voc.places import BOX_FOLDERS, IMAGE_FOLDERS, LOOKED_FOR, VocPlace, unread, voc_places, voc_splits
from dlcli.errors import DataError
from dlcli.messages import listed, short_repr

LAYOUT = "voc"


def read_voc(
    folder: Path, split: str | None = None, labels: tuple[str, ...] | None = None, keep: bool = False
) -> BoxSet:
    """Read Annotations/*.xml of the images that ImageSets/Main/SPLIT.txt names; split None: of all. XML files may lie
    beside their images too, in a folder a split or in one.

    VOC counts pixels from 1 and includes the last one (VOC 2007 development kit, section 3.3), so
    (xmin, ymin, xmax, ymax) becomes (xmin - 1, ymin - 1, xmax, ymax). `difficult` objects get ignore.
    labels: the class names to number by; None: those found in the whole folder, in alphabetical order, whatever
    the split. keep: carry what a box does not say, for a conversion. A file that cannot be understood becomes a
    Problem; an unknown split or an empty one raises DataError.
    """
    places = voc_places(folder) or [VocPlace(folder / BOX_FOLDERS[0], folder / IMAGE_FOLDERS[0])]
    if places[0].split and split is not None and split not in voc_splits(folder):
        raise no_split(folder, split, voc_splits(folder), LOOKED_FOR)
    chosen = [place for place in places if split is None or place.split in ("", split)]
    files = {place: {path.stem: path for path in files_in(place.boxes, ".xml")} for place in places}
    in_lists = split is not None and not places[0].split
    names = {at: _split_names(folder, str(split), files[at]) if in_lists else list(files[at]) for at in chosen}
    wanted = files if labels is None else {at: {n: files[at][n] for n in names[at] if n in files[at]} for at in chosen}
    trees = _Trees([path for found in wanted.values() for path in found.values()])
    labels = trees.class_names() if labels is None else labels
    class_ids = {label: index for index, label in enumerate(labels)}
    parts = [_read_place(at, files[at], names[at], trees, class_ids, keep) for at in chosen]
    return BoxSet(
        *(LAYOUT, labels, tuple(item for items, _, _ in parts for item in items)),
        tuple(problem for _, problems, _ in parts for problem in problems),
        source=folder,
        notes=(*(note for _, _, stored in parts for note in stored.notes(whole=not in_lists)), *unread(folder, places)),
    )


def _read_place(
    at: VocPlace,
    files: Mapping[str, Path],
    names: Sequence[str],
    trees: "_Trees",
    class_ids: Mapping[str, int],
    keep: bool,
) -> tuple[list[BoxItem], list[Problem], VocImages]:
    """The images of a folder, those left out, and which images there are."""
    stored = VocImages(at.images)
    images, problems = [], []
    for name in names:
        path = files.get(name, at.boxes / f"{name}.xml")
        try:
            root = trees.root(name, path)
            images.append(_image(name, stored.of(path, root), path, root, class_ids, keep))
        except DataError as error:
            problems.append(Problem(path, str(error)))
    shared = list(stored.shared())
    spoilt = {problem.image for problem in shared}
    return [item for item in images if item.path not in spoilt], [*problems, *shared], stored


def parse_xml(data: bytes) -> Element:
    """The root element. DataError for broken XML and for a DOCTYPE, which could expand entities without end."""
    if b"<!DOCTYPE" in data.replace(b"\0", b"").upper():  # NULs: the same in UTF-16
        raise DataError("expected plain VOC XML, got a file with a DOCTYPE; remove it")
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:  # LookupError: an unknown encoding
        raise DataError(f"not valid XML ({error})") from None
    _refuse_other_words(root)
    return root


def _refuse_other_words(root: Element) -> None:
    """DataError: objects where nobody looks for them, or another root without any; they would pass for background."""
    plain = root.findall("object")
    if root.tag != "annotation" and not plain:
        raise DataError(f"expected <annotation> with an <object> a box, got <{root.tag}>")
    spelled = sum(str(thing.tag).rpartition("}")[2].casefold() == "object" for thing in root.iter())
    if spelled > len(plain):
        raise DataError(
            f"expected every <object> right in <annotation>, spelled so and in no namespace; {spelled - len(plain)} of "
            f"{spelled} are elsewhere or are spelled otherwise"
        )


class _Trees:
    """The annotation files, each parsed once: first for the class names, then for the boxes."""

    def __init__(self, files: Sequence[Path]):
        self._found: dict[Path, Element | DataError] = {path: _parsed(path) for path in files}

    def class_names(self) -> tuple[str, ...]:
        roots = [found for found in self._found.values() if isinstance(found, Element)]
        return tuple(sorted({_name(thing) for root in roots for thing in root.findall("object")} - {""}))

    def root(self, name: str, path: Path) -> Element:
        if not stays_below(name):
            raise DataError(f"expected a name below Annotations, got {short_repr(name)}")
        found = self._found[path] if path in self._found else _parsed(path)
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


def _image(
    name: str, image: Path, path: Path, root: Element, class_ids: Mapping[str, int], keep: bool = False
) -> BoxItem:
    boxes = [_truth(thing, number, class_ids, keep) for number, thing in enumerate(root.findall("object"), 1)]
    item = box_item(image, name, size_or_asked(_size(root), image), boxes, path)
    return replace(item, carried=carried_by_file(root)) if keep else item


def _size(root: Element) -> tuple[int, int]:
    """(width, height) of the <size> element, zeros where it is absent."""
    width, height = (int(pixel(root.findtext(f"size/{side}", "0"), f"size/{side}")) for side in ("width", "height"))
    return width, height


def _truth(thing: Element, number: int, class_ids: Mapping[str, int], keep: bool = False) -> GroundTruth:
    """One <object>. number: its place in the file from 1, for messages."""
    name = _name(thing)
    if name not in class_ids:
        raise DataError(f"object {number}: unknown class {short_repr(name)}; known: {listed(class_ids)}")
    x1, y1, x2, y2 = (_side(thing, number, side) for side in ("xmin", "ymin", "xmax", "ymax"))
    box, difficult = (x1 - 1, y1 - 1, x2, y2), _flag(thing, number, "difficult")
    carried = carried_by_thing(thing) if keep else None
    return GroundTruth(box, class_ids[name], difficult, score=_score(thing), carried=carried)


def _side(thing: Element, number: int, side: str) -> float:
    return pixel(thing.findtext(f"bndbox/{side}"), f"object {number}: bndbox/{side}")


def _flag(thing: Element, number: int, name: str) -> bool:
    return pixel(thing.findtext(name, "0").strip() or "0", f"object {number}: {name}") != 0


def _score(thing: Element) -> float | None:
    """What a detector says of its box; VOC itself has nothing of the kind."""
    return read_score(thing.findtext("score"))


def _name(thing: Element) -> str:
    return thing.findtext("name", "").strip()
