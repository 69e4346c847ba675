"""What every reader of class masks gives: labels, pictures with their masks, and what was wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dlcli.data.detection_set import Problem

VOID = 255  # a mask's value for pixels that do not count
UNKNOWN = -1  # stands for a value of a mask file that is no class
BACKGROUND = "background"
Colours = Mapping[tuple[int, int, int], int]


@dataclass(frozen=True)
class MaskValues:
    """What the values of a set's mask files mean.

    class_ids: for each value of 0 to 255 its class, VOID, or UNKNOWN. names: of the values 0, 1, 2 ... as the set has
    them, () where it does not say. colours: the value of each colour, for masks stored in colours. source: where the
    names stand, or would stand.
    """

    class_ids: tuple[int, ...]
    names: tuple[str, ...] = ()
    colours: Colours = field(default_factory=dict)
    source: Path = Path()


@dataclass(frozen=True)
class Region:
    """One object of a class as COCO has it: polygons, float32 [N, 2] each of (x, y) in pixels, or run lengths.

    counts: int64 [R], runs of 0 and 1 in turn, column after column; None: polygons. area: in pixels; where objects
    overlap the smaller one is in front. crowd: COCO's iscrowd.
    """

    class_id: int
    polygons: tuple[np.ndarray, ...] = ()
    counts: np.ndarray | None = None
    area: float = 0.0
    crowd: bool = False


@dataclass(frozen=True)
class MaskPicture:
    """One picture and its truth.

    mask: a file as large as the picture, or regions. values: what that file's values mean; None with regions.
    width, height: as annotated; 0 where the annotation does not say, as for a mask file. name: the file below the
    folder of pictures; "": the path's own.
    """

    path: Path
    picture_id: int | str
    mask: Path | tuple[Region, ...]
    values: MaskValues | None = None
    width: int = 0
    height: int = 0
    name: str = ""

    @property
    def annotation(self) -> Path | None:
        """The mask's file, None where it has none of its own."""
        return self.mask if isinstance(self.mask, Path) else None


@dataclass(frozen=True)
class SegmentationSet:
    """labels: class names by the values that `read_mask` gives; labels[0] is the background where the set has one.

    A picture whose mask cannot be found or understood is in problems and not in pictures; what only a look at the
    pixels can tell (see check_segmentation_set) is in neither. source: the folder or file that was read.
    """

    layout: str
    labels: tuple[str, ...]
    pictures: tuple[MaskPicture, ...]
    problems: tuple[Problem, ...] = ()
    source: Path = Path()
