"""All layouts, and which of them a network is of: one, or it is refused, never guessed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlcli.errors import UsageError
from dlcli.tasks.detect.layouts import distances, lists, queries, rows, yolo
from dlcli.tasks.detect.layouts.layout import Layout, Network, Outputs
from dlcli.tasks.detect.layouts.yolox import YOLOX

if TYPE_CHECKING:
    from dlcli.models.importing import ImportRequest

ALL = (*yolo.LAYOUTS, YOLOX, *rows.LAYOUTS, *distances.LAYOUTS, *queries.LAYOUTS, *lists.LAYOUTS)
BY_NAME = {layout.name: layout for layout in ALL}


def find_layout(asked: "ImportRequest", given: Outputs, network: Network) -> tuple[Layout, tuple[str, ...]]:
    """The one layout that the outputs have, and the names of those that count.

    asked: its decoding is the layout that the outputs must have, its output the only one that counts, if it names one.
    given: of one run on an image with some content. UsageError: no layout fits, or several do.
    """
    outputs, file = _asked_for(asked, given), asked.file
    if asked.decoding:
        return _wanted(file, BY_NAME[asked.decoding], outputs, network)
    found = list(fitting(outputs, network))
    if len(found) > 1:
        names = " or ".join(layout.name for layout, _ in found)
        raise UsageError(f"{file}: {_shown(outputs)} could be {names}; say which by --decode")
    if not found:
        other = _with_others(outputs, network) or f"; check --labels, --mean and --std; known are {', '.join(BY_NAME)}"
        raise UsageError(
            f"{file}: expected what a detector of {network.classes} classes gives, got {_shown(outputs)}{other}"
        )
    return found[0]


def _asked_for(asked: "ImportRequest", given: Outputs) -> Outputs:
    if asked.output and asked.output not in given:
        raise UsageError(f"--output {asked.output}: expected one of {', '.join(given)}")
    return {asked.output: given[asked.output]} if asked.output else given


def _wanted(file: object, layout: Layout, outputs: Outputs, network: Network) -> tuple[Layout, tuple[str, ...]]:
    names = layout.names(outputs, network) or _turned(layout, outputs, network)
    if names is None:
        other = _with_others(outputs, network)
        raise UsageError(f"{file}: --decode {layout.name}: expected {layout.means}, got {_shown(outputs)}{other}")
    return layout, names


def fitting(outputs: Outputs, network: Network) -> Iterator[tuple[Layout, tuple[str, ...]]]:
    for layout in ALL:
        names = layout.names(outputs, network)
        if names is not None:
            yield layout, names


def _turned(layout: Layout, outputs: Outputs, network: Network) -> tuple[str, ...] | None:
    """YOLO's rows may be its columns, where it is asked for."""
    if layout.decode is not None:
        return None
    numbers = network.classes + (4 if layout is yolo.YOLOV8 else 5)
    name, values = next(iter(outputs.items()))
    return (name,) if values.ndim == 3 and values.shape[0] == 1 and numbers in values.shape[1:] else None


def _with_others(outputs: Outputs, network: Network) -> str:
    """What it would be with another number of labels."""
    sides = {side for values in outputs.values() for side in values.shape}
    counts = sorted({side - more for side in sides for more in (0, 1, 4, 5)} - {network.classes})
    for classes in (count for count in counts if 0 < count <= 2000):
        for layout, _ in fitting(outputs, Network(network.size, classes)):
            if layout.name not in ("efficientdet", "end-to-end"):
                return f"; with {classes} labels it would be {layout.name}, and --labels names {network.classes}"
    return ""


def _shown(outputs: Outputs) -> str:
    return ", ".join(f"{name} {list(values.shape)}" for name, values in list(outputs.items())[:8])
