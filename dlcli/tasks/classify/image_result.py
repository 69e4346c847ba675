"""What `dlcli.classify` gives."""

from collections.abc import Iterator
from typing import Any, Self

from dlcli.frozen import dataclass
from dlcli.records import DecodedImage
from dlcli.tasks.contract import Result
from dlcli.tasks.image_result import ImageResult, head_of


@dataclass(frozen=True)
class ClassScore:
    """score: 0 to 1, among all classes of the model. chosen_share: among those that `classes` leaves, else None."""

    label: str
    class_id: int
    score: float
    chosen_share: float | None = None


@dataclass(frozen=True, kw_only=True)
class ClassifyResult(ImageResult):
    """classes: best first; the result is a sequence of them."""

    classes: tuple[ClassScore, ...]

    @classmethod
    def of(cls, record: dict[str, Any], result: Result, image: DecodedImage) -> Self:
        return cls(record=record, **head_of(record), classes=tuple(ClassScore(**item) for item in record["classes"]))

    @property
    def best(self) -> ClassScore | None:
        """The first class; None where none is above the threshold."""
        return self.classes[0] if self.classes else None

    def __len__(self) -> int:
        return len(self.classes)

    def __iter__(self) -> Iterator[ClassScore]:
        return iter(self.classes)

    def __getitem__(self, index: int) -> ClassScore:
        return self.classes[index]
