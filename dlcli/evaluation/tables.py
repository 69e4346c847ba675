"""How the scores of an evaluation are reported, by the kind of its targets: a row a class, means, and the last line."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from dlcli.data.kind_names import BOXES, CLASSES, MASKS
from dlcli.evaluation.metric_names import METRICS_OF
from dlcli.frozen import dataclass

if TYPE_CHECKING:
    from dlcli.evaluation.evaluate import Evaluation

Entry = dict[str, Any]
WORST = 10  # images named in JSON


@dataclass(frozen=True)
class TableLayout:
    """What people are shown.

    amount: the title of a class's amount of truth.
    of_a_class: columns of the table.
    means: those that are reported.
    last_line: the last line.
    """

    amount: str
    of_a_class: tuple[str, ...]
    means: tuple[str, ...]
    last_line: str


class Table(ABC):
    """Of one kind."""

    kind: ClassVar[str]
    amount: ClassVar[str]

    @abstractmethod
    def classes(self, scores: Any, labels: Sequence[str]) -> list[Entry]:
        """Label and counts of each class of the scores, in their order, as in the JSON. labels: the model's."""

    @abstractmethod
    def last_line(self, done: "Evaluation[Any]") -> str:
        """The last line."""

    def columns(self) -> tuple[str, ...]:
        return tuple(METRICS_OF[self.kind].of_a_class)

    def means(self, done: "Evaluation[Any]") -> tuple[str, ...]:
        return tuple(METRICS_OF[self.kind].means)

    def more(self, done: "Evaluation[Any]") -> Entry:
        """Fields at the end of the JSON."""
        return {}

    def layout(self, done: "Evaluation[Any]") -> TableLayout:
        return TableLayout(self.amount, self.columns(), self.means(done), self.last_line(done))


class _Boxes(Table):
    kind: ClassVar[str] = BOXES
    amount: ClassVar[str] = "truths"

    def classes(self, scores: Any, labels: Sequence[str]) -> list[Entry]:
        return [
            {"label": label, "truths": int(scores.truths[i]), "found": int(scores.found[i])}
            for i, label in enumerate(labels)
        ]

    def columns(self) -> tuple[str, ...]:
        return "ap50", "ap50_95"

    def last_line(self, done: "Evaluation[Any]") -> str:
        return f"{done.model} on {done.scores.images} images, {int(done.scores.truths.sum())} objects"


class _Masks(Table):
    kind: ClassVar[str] = MASKS
    amount: ClassVar[str] = "pixels"

    def classes(self, scores: Any, labels: Sequence[str]) -> list[Entry]:
        confusion = scores.confusion
        return [
            {"label": label, "truth_pixels": int(confusion[i].sum()), "predicted_pixels": int(confusion[:, i].sum())}
            for i, label in enumerate(labels)
        ]

    def last_line(self, done: "Evaluation[Any]") -> str:
        return f"{done.model} on {done.scores.images} images, {int(done.scores.confusion.sum()):,} pixels"


class _Classes(Table):
    """The set's classes; those of the model without an image in it are left out."""

    kind: ClassVar[str] = CLASSES
    amount: ClassVar[str] = "images"

    def classes(self, scores: Any, labels: Sequence[str]) -> list[Entry]:
        return [
            {
                "label": labels[class_id],
                "class_id": int(class_id),
                "truths": int(scores.truths[place]),
                "found": int(scores.found[place]),
            }
            for place, class_id in enumerate(scores.present)
        ]

    def means(self, done: "Evaluation[Any]") -> tuple[str, ...]:
        """Where the set has all classes of the model, competing among the set's says nothing new."""
        among = ("top1_among",) if len(done.scores.present) < len(done.labels) else ()
        return "top1", "top5", *among, "map"

    def last_line(self, done: "Evaluation[Any]") -> str:
        known, own = len(done.labels), len(done.scores.present)
        return f"{done.model} on {done.scores.images} images, {own} of the model's {known} classes"

    def more(self, done: "Evaluation[Any]") -> Entry:
        from dlcli.evaluation.class_plots import worst_images

        worst = [
            {
                "image": str(image.item.path).encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
                "labels": [done.labels[class_id] for class_id in image.item.target],
                "score": rounded(image.score.value),
                "got": done.labels[image.score.best],
                "got_score": rounded(image.score.best_value),
            }
            for image in worst_images(done, WORST)
        ]
        return {"worst": worst}


def rounded(value: float) -> float | None:
    """Six decimals; None, JSON's null, for NaN."""
    return None if value != value else round(float(value), 6)


TABLES: dict[str, Table] = {table.kind: table for table in (_Boxes(), _Masks(), _Classes())}
