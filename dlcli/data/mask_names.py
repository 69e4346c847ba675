"""What the values of mask files mean: names from a list beside them, VOC's, or numbers."""

from pathlib import Path

from dlcli.data.files import read_text
from dlcli.data.mask_values import MasksSeen
from dlcli.data.masks import BACKGROUND, UNKNOWN, VOC_COLORS, VOID, Colors, MaskValues
from dlcli.errors import DataError
from dlcli.messages import listed, short_repr

NAME_FILES = ("classes.txt", "labels.txt", "masks/classes.txt", "masks/labels.txt")
COLOR_FILE = "labelmap.txt"  # CVAT's: "name:r,g,b:parts:actions"
VOID_NAMES = {"void", "ignore", "ignored", "unlabelled", "unlabeled"}
BACKGROUND_NAMES = {"background", "_background_", "__background__", "bg"}
VOC_NAMES = (
    *(BACKGROUND, "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow"),
    *("diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor"),
)


def listed_names(place: Path) -> tuple[tuple[str, ...], Colors, Path] | None:
    """Names by value, the value of each color, and the file that says so; None where no file does.

    DataError: two names are alike, or a line of labelmap.txt is no name and color.
    """
    if (place / COLOR_FILE).is_file():
        path = place / COLOR_FILE
        rows = [_name_and_color(path, line) for line in _lines(path)]
        names, colors = tuple(name for name, _ in rows), {color: i for i, (_, color) in enumerate(rows)}
    else:
        found = [place / name for name in NAME_FILES if (place / name).is_file()]
        if not found:
            return None
        path = found[0]
        names, colors = tuple(_lines(path)), VOC_COLORS
    names = tuple(BACKGROUND if name.casefold() in BACKGROUND_NAMES else name for name in names)
    if not names or len(set(names)) < len(names) or len(names) > VOID:
        again = sorted({name for name in names if names.count(name) > 1})
        raise DataError(f"{path}: expected 1 to {VOID} names, each once, got {len(names)}, again: {listed(again)}")
    return (names if len(names) > 1 else (BACKGROUND, *names)), colors, path


def meaning(
    names: tuple[str, ...], labels: tuple[str, ...] | None, colors: Colors, source: Path
) -> tuple[tuple[str, ...], MaskValues]:
    """Class names, and what values mean, where value i is names[i].

    labels: the class names to number by; a name that is not among them stays UNKNOWN. None: the set's own, without
    those that mean VOID.
    """
    own = tuple(name for name in names if name.casefold() not in VOID_NAMES)
    labels = own if labels is None else labels
    class_ids = [UNKNOWN] * 256
    for value, name in enumerate(names):
        if name.casefold() in VOID_NAMES:
            class_ids[value] = VOID
        elif name in labels:
            class_ids[value] = labels.index(name)
    class_ids[VOID] = VOID
    return labels, MaskValues(tuple(class_ids), names, colors, source)


def numbered(place: Path, found: MasksSeen, labels: tuple[str, ...] | None) -> tuple[tuple[str, ...], MaskValues]:
    """The same where nothing names the values: as many as the largest value in any mask, 0 being the background.

    labels: the class names to number by, which must be these; DataError: nothing says which values they stand for.
    """
    source = place / NAME_FILES[0]
    largest = max((value for value in found.values if value != VOID), default=0)
    own = (BACKGROUND, *(f"class {value}" for value in range(1, max(largest, 1) + 1)))
    if labels is not None and labels[: len(own)] != own:
        raise DataError(
            f"{place}: nothing names the values {listed(map(str, sorted(found.values)))} of its masks, so "
            f"they may mean other classes than {listed(labels)}; write the names to {source}, a line a value from "
            "0 on, or say which is which by --map FILE with lines such as 1,cat"
        )
    return meaning(own, labels, VOC_COLORS, source)


def gaps(place: Path, found: MasksSeen) -> tuple[str, ...]:
    """What is to be said where nothing names the values and they are not 0, 1, 2 ...: gray levels, perhaps."""
    values = sorted(found.values - {VOID})
    if values == list(range(len(values))) or values in ([1], [VOID]):
        return ()
    count = f"as {values[-1] + 1} classes" if values else ""
    shown = listed(map(str, values), 10)
    return (f"{place}: its masks hold {shown}, read {count}; write the names to {NAME_FILES[0]}, a line a value",)


def _lines(path: Path) -> list[str]:
    lines = [line.strip() for line in read_text(path).splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def _name_and_color(path: Path, line: str) -> tuple[str, tuple[int, int, int]]:
    """ "cat:64,0,0::" -> ("cat", (64, 0, 0))."""
    name, _, rest = line.partition(":")
    numbers = rest.partition(":")[0].split(",")
    if not name or len(numbers) != 3 or not all(n.strip().isdecimal() and int(n) <= VOID for n in numbers):
        raise DataError(f"{path}: expected lines such as cat:64,0,0:: (name:red,green,blue), got {short_repr(line)}")
    red, green, blue = map(int, numbers)
    return name.strip(), (red, green, blue)
