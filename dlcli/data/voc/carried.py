"""What a VOC file says beyond boxes and names, kept for a conversion to VOC: elements, as text of XML."""

from xml.etree.ElementTree import Element, tostring

from dlcli.data.carried import Carried

LAYOUT = "voc"
OF_OBJECTS = {"name", "difficult", "score"}  # what the writer makes itself
OF_FILES = {"filename", "size", "object"}
DEPTH = "depth"  # of a file: of its <size>
BOX = "bndbox"  # as it stands: its numbers may be parts of pixels, or lie a little outside


def carried_by_thing(thing: Element) -> Carried:
    """By tag, the elements of an <object> in their order."""
    return Carried(LAYOUT, _elements(thing, OF_OBJECTS))


def carried_by_file(root: Element) -> Carried:
    """By tag, those of the whole file, and the depth of its <size>."""
    depth = root.findtext("size/depth", "").strip()
    return Carried(LAYOUT, _elements(root, OF_FILES) | ({DEPTH: depth} if depth else {}))


def _elements(parent: Element, known: set[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for child in parent:
        if isinstance(child.tag, str) and child.tag not in known:
            found[child.tag] = (*found.get(child.tag, ()), tostring(_plain(child), encoding="unicode"))
    return found


def _plain(element: Element) -> Element:
    """A copy without the white space between elements."""
    copy = Element(element.tag, element.attrib)
    copy.text = (element.text or "").strip() or None
    copy.extend(_plain(child) for child in element if isinstance(child.tag, str))
    return copy
