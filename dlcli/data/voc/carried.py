"""What a VOC file says beyond boxes and names, kept for a conversion to VOC: elements, as text of XML."""

from xml.etree.ElementTree import Element, tostring

from dlcli.data.carried import Carried

LAYOUT = "voc"
OF_OBJECTS = {"name", "difficult", "bndbox", "score"}  # what the writer makes itself
OF_FILES = {"filename", "size", "object"}
DEPTH = "depth"  # of a file: of its <size>


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
            copy = Element(child.tag, child.attrib)
            copy.text, copy[:] = child.text, list(child)
            found[child.tag] = (*found.get(child.tag, ()), tostring(copy, encoding="unicode"))
    return found
