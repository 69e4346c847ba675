"""What `dlcli.detect` gives."""

from collections.abc import Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from dlcli.frozen import dataclass
from dlcli.records import DecodedImage
from dlcli.tasks.contract import Result
from dlcli.tasks.image_result import ImageResult, head_of


@dataclass(frozen=True)
class Detection:
    """score: 0 to 1. box: (x1, y1, x2, y2) in pixels of the upright image, x2 and y2 exclusive."""

    label: str
    class_id: int
    score: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class DetectResult(ImageResult):
    """detections: best first; the result is a sequence of them. truncated: `max_det` cut the list."""

    detections: tuple[Detection, ...]
    truncated: bool

    @classmethod
    def of(cls, record: dict[str, Any], result: Result, image: DecodedImage) -> Self:
        found = tuple(
            Detection(item["label"], item["class_id"], item["score"], tuple(item["box"]))
            for item in record["detections"]
        )
        return cls(record=record, **head_of(record), detections=found, truncated=record["truncated"])

    @property
    def boxes(self) -> NDArray[np.float32]:
        """float32 [N, 4]: x1, y1, x2, y2 of each detection, in pixels."""
        return np.array([item.box for item in self.detections], np.float32).reshape(-1, 4)

    @property
    def scores(self) -> NDArray[np.float32]:
        """float32 [N], 0 to 1, best first."""
        return np.array([item.score for item in self.detections], np.float32)

    @property
    def class_ids(self) -> NDArray[np.int64]:
        """int64 [N]: places in the model's list of labels."""
        return np.array([item.class_id for item in self.detections], np.int64)

    def __len__(self) -> int:
        return len(self.detections)

    def __iter__(self) -> Iterator[Detection]:
        return iter(self.detections)

    def __getitem__(self, index: int) -> Detection:
        return self.detections[index]
