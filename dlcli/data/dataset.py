"""One labeled set, whatever its labels are for: images with a target each, and what a kind of target must answer."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

from dlcli.data.carried import Carried
from dlcli.errors import DataError
from dlcli.frozen import dataclass

T = TypeVar("T")


@dataclass(frozen=True)
class Problem:
    """Something wrong with one file of a data set.

    path: the file.
    message: what is wrong, in words.
    image: the image that it spoils, where that is another file, as of a mask; None: `path` itself, if it is one.
    """

    path: Path
    message: str
    image: Path | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


@dataclass(frozen=True)
class Item(Generic[T]):
    """One image and its truth.

    target: boxes, a mask, class ids or objects; its type says in which units.
    annotation: the file that the target came from; None where there is none, or where regions of a mask do.
    image_id: as the annotation file has it (COCO: the image id; other formats: the stem); "" where nothing needs one.
    width, height: as annotated; 0 where the annotation does not say and the image could not be asked.
    name: the file below the folder of images, as "tree/a.jpg"; "": the path's own.
    carried: what else the file says of the image, where a conversion asked for it.
    """

    path: Path
    target: T
    annotation: Path | None = None
    image_id: int | str = ""
    width: int = 0
    height: int = 0
    name: str = ""
    carried: Carried | None = None


@dataclass(frozen=True)
class Dataset(Generic[T]):
    """What every reader of labels gives.

    format: "voc", "coco", "csv" ...
    labels: class names by class id.
    problems: what the reader found wrong, file by file. An image whose label could not be understood in full is in
        problems and not in items.
    source: the folder or file that was read.
    multi_label: an image may have any number of classes.
    category_ids: COCO's own id of each label, as far as the annotation file has them.
    notes: what was decided about the set as a whole, such as what 255 means in its masks; a sentence each, to be said.
    carried: what else the file says of the set, where a conversion asked for it.
    """

    format: str
    labels: tuple[str, ...]
    items: tuple[Item[T], ...]
    problems: tuple[Problem, ...] = ()
    source: Path = Path()
    multi_label: bool = False
    category_ids: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    carried: Carried | None = None

    def without(self, problems: Iterable[Problem]) -> Self:
        """The set less the images that the problems name or spoil. DataError where none is left."""
        bad = {problem.image or problem.path for problem in problems}
        kept = tuple(item for item in self.items if item.path not in bad)
        if not kept:
            raise DataError(f"{self.source}: not one of its images can be used; see the problems above")
        return replace(self, items=kept, problems=())


@dataclass(frozen=True)
class Format(Generic[T]):
    """How targets of one kind are stored.

    title, looked_for: for messages: its name, and the files that it is known by.
    fits: whether a place, a folder or a file, is of this format.
    splits: the names of the splits that such a place has, [] for none.
    read: (place, split or None for all, labels or None for the set's own) -> Dataset. Those of classes take `aliases`.
    """

    name: str
    title: str
    looked_for: str
    fits: Callable[[Path], bool]
    splits: Callable[[Path], list[str]]
    read: Callable[..., Dataset[T]]


@dataclass(frozen=True)
class ImageScore:
    """How well one image was understood.

    value: in [0, 1], higher is better; NaN where there is nothing to score.
    best, best_value: the class id with the highest score, of kinds that rank classes.
    """

    value: float = float("nan")
    best: int = -1
    best_value: float = float("nan")


class Kind(ABC, Generic[T]):
    """What training, evaluation, doctor, export and conversion ask of a kind of target."""

    name: ClassVar[str]  # as a task's contract names it, see kind_names
    formats: ClassVar[tuple[Format[Any], ...]]  # in the order in which they are looked for
    things: ClassVar[str]  # for messages: what the formats hold
    expected: ClassVar[str]  # for messages: what should have been at a place
    places: ClassVar[str]  # for messages: the folders and files that can be read
    nothing: ClassVar[str] = "holds no image that can be used"  # said of a set without items

    def lack(self, data: Dataset[T]) -> str:
        """What the set as a whole lacks, "" for nothing."""
        return ""

    def needs_image(self, item: Item[T]) -> bool:
        """Whether the target means nothing without the image's own size."""
        return False

    @abstractmethod
    def check(self, item: Item[T], labels: tuple[str, ...], size: tuple[int, int]) -> Problem | None:
        """What is wrong with the target of an image of this (width, height); None for nothing."""

    def truth(self, item: Item[T]) -> Any:
        """The target in full: files that belong to it are read. DataError names one that cannot be."""
        return item.target

    @abstractmethod
    def classes(self, truth: Any) -> tuple[int, ...]:
        """Ids of the classes in what `truth` gave; of boxes one for each box."""

    @abstractmethod
    def identity(self, truth: Any) -> Hashable:
        """Equal for two images that are labeled alike."""

    @abstractmethod
    def metric(self, data: Dataset[T]) -> Any:
        """What the answers for the images of a set are added to."""

    @abstractmethod
    def add(self, metric: Any, truth: Any, answer: Any) -> ImageScore:
        """Add what `Predictor.answer` gave for an image to the metric, and score it by itself."""
