"""PASCAL VOC's XML file of an image, written; the inverse of voc.py."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element, SubElement, fromstring, indent, tostring

from dlcli.data.annotated import AnnotatedItem, AnnotatedObject
from dlcli.data.carried import values_for
from dlcli.data.voc.carried import BOX, DEPTH, LAYOUT
from dlcli.errors import DataError

_XML_TEXT = re.compile("[\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


def voc_xml(image: AnnotatedItem, labels: Sequence[str]) -> bytes:
    """The image's objects. VOC counts pixels from 1 and includes the last one, in whole numbers: x2 stays as it is.

    A file's own other elements go back where the image carries them. A score goes into <score>, which readers of VOC
    pass over. DataError: a name with a character that XML cannot hold.
    """
    place = PurePosixPath(image.name)
    root, more = Element("annotation"), dict(values_for(LAYOUT, image.carried))
    depth = more.pop(DEPTH, 3)
    if not _put(root, more, "folder"):
        _text(root, "folder", place.parent.name)
    _text(root, "filename", place.name)
    _put(root, more, "source", "owner")
    size = SubElement(root, "size")
    for side, value in (("width", image.width), ("height", image.height), ("depth", depth)):
        _text(size, side, str(value))
    if not _put(root, more, "segmented"):
        _text(root, "segmented", "0")
    _put(root, more, *list(more))
    for thing in image.target:
        _object(root, thing, labels[thing.class_id])
    indent(root)
    return tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def whole_pixels(box: Sequence[float]) -> tuple[int, int, int, int]:
    """(x1, y1, x2, y2) on the nearest edges of pixels, at least one pixel wide and high; x2/y2 exclusive as before."""
    x1, y1, x2, y2 = (int(value + 0.5) for value in box)
    return x1, y1, max(x2, x1 + 1), max(y2, y1 + 1)


def is_xml_text(text: str) -> bool:
    """Whether XML 1.0 (section 2.2) holds the text and gives it back as it is."""
    return _XML_TEXT.fullmatch(text) is not None


def _object(root: Element, thing: AnnotatedObject, label: str) -> None:
    if not is_xml_text(label):
        raise DataError(f"XML cannot hold the class name {label!r}; rename the class")
    found, more = SubElement(root, "object"), dict(values_for(LAYOUT, thing.carried))
    _text(found, "name", label)
    if not _put(found, more, "pose"):
        _text(found, "pose", "Unspecified")
    if not _put(found, more, "truncated"):
        _text(found, "truncated", "0")
    _text(found, "difficult", str(int(thing.difficult)))
    if thing.score is not None:
        _text(found, "score", f"{thing.score:.4f}")
    if not _put(found, more, BOX):
        x1, y1, x2, y2 = whole_pixels(thing.xyxy)
        sides = SubElement(found, BOX)
        for side, value in (("xmin", x1 + 1), ("ymin", y1 + 1), ("xmax", x2), ("ymax", y2)):
            _text(sides, side, str(value))
    _put(found, more, *list(more))


def _put(parent: Element, more: dict[str, tuple[str, ...]], *tags: str) -> bool:
    """Elements that are carried, in their place, which are taken out of `more`; whether there were any."""
    elements = [fromstring(text) for tag in tags for text in more.pop(tag, ())]
    parent.extend(elements)
    return bool(elements)


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text
