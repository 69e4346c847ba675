"""What `dlcli.segment` gives."""

from collections.abc import Iterator
from dataclasses import field
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.records import DecodedImage
from dlcli.tasks.contract import Result
from dlcli.tasks.image_result import ImageResult, head_of
from dlcli.tasks.labels import nearest_or_known
from dlcli.tasks.segment.result import Segments


@dataclass(frozen=True)
class Region:
    """A class of an image. class_id: the value of its pixels in the mask. share: of the image's pixels, 0 to 1."""

    label: str
    class_id: int
    share: float


@dataclass(frozen=True, kw_only=True)
class SegmentResult(ImageResult):
    """classes: those that are there without the background, the largest first; the result is a sequence of them.

    mask: uint8 [H, W], the class of every pixel of the upright image, 255 for none. labels: the model's, by class id.
    """

    classes: tuple[Region, ...]
    mask: NDArray[np.uint8] = field(repr=False, compare=False)
    labels: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, record: dict[str, Any], result: Result, image: DecodedImage) -> Self:
        found = cast(Segments, result)
        classes = tuple(Region(item["label"], item["class_id"], item["share"]) for item in record["classes"])
        return cls(
            record=record, **head_of(record), classes=classes, mask=found.mask.values, labels=tuple(found.labels)
        )

    def mask_of(self, label: str) -> NDArray[np.bool_]:
        """bool [H, W]: the pixels of a class; none of them where it is not there. UsageError: no class of that name."""
        if label not in self.labels:
            raise UsageError(f"no class {label}; {nearest_or_known(self.labels, label)}")
        return np.asarray(self.mask == self.labels.index(label), np.bool_)

    def __len__(self) -> int:
        return len(self.classes)

    def __iter__(self) -> Iterator[Region]:
        return iter(self.classes)

    def __getitem__(self, index: int) -> Region:
        return self.classes[index]
