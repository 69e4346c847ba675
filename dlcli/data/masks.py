"""Class masks as targets: what every reader of masks gives for an image.

A set's labels are class names by the values that `read_mask` gives; labels[0] is the background where it has one.
"""

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

import numpy as np

from dlcli.data.carried import Carried
from dlcli.data.dataset import Dataset, Item
from dlcli.frozen import dataclass
from dlcli.imaging.formats.index_png import voc_color

VOID = 255  # a mask's value for pixels that do not count
UNKNOWN = -1  # stands for a value of a mask file that is no class
BACKGROUND = "background"
VOC_COLORS = {voc_color(value): value for value in range(256)}  # red, green, blue -> the value that it shows
Colors = Mapping[tuple[int, int, int], int]


@dataclass(frozen=True)
class MaskValues:
    """What the values of a set's mask files mean.

    class_ids: for each value of 0 to 255 its class, VOID, or UNKNOWN. names: of the values 0, 1, 2 ... as the set has
    them, () where it does not say. colors: the value of each color, for masks stored in colors. source: where the
    names stand, or would stand.
    """

    class_ids: tuple[int, ...]
    names: tuple[str, ...] = ()
    colors: Colors = field(default_factory=dict)
    source: Path = Path()


@dataclass(frozen=True)
class Region:
    """One object of a class as COCO has it: polygons, float32 [N, 2] each of (x, y) in pixels, or run lengths.

    counts: int64 [R], runs of 0 and 1 in turn, column after column; None: polygons. area: in pixels; where objects
    overlap the smaller one is in front. crowd: COCO's iscrowd. carried: what else the file says of it.
    """

    class_id: int
    polygons: tuple[np.ndarray, ...] = ()
    counts: np.ndarray | None = None
    area: float = 0.0
    crowd: bool = False
    carried: Carried | None = None


@dataclass(frozen=True)
class MaskTarget:
    """The mask of one image.

    mask: a file as large as the image, or regions. values: what that file's values mean; None with regions.
    """

    mask: Path | tuple[Region, ...]
    values: MaskValues | None = None


MaskItem = Item[MaskTarget]
MaskSet = Dataset[MaskTarget]


def mask_item(
    path: Path,
    image_id: int | str,
    mask: Path | tuple[Region, ...],
    values: MaskValues | None = None,
    width: int = 0,
    height: int = 0,
    name: str = "",
) -> MaskItem:
    """An image with its mask: a file, which is its annotation then, or regions, which have no file of their own.

    width, height: as annotated; 0 where the annotation does not say, as for a mask file.
    """
    annotation = mask if isinstance(mask, Path) else None
    return Item(path, MaskTarget(mask, values), annotation, image_id, width, height, name)
