"""Scores of a model over a labeled set; `dlcli eval`, training and export call this, whatever the task."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from dlcli.data.check import Progress, Say, check_dataset, drop_bad_files
from dlcli.data.dataset import Dataset, ImageScore, Item, Kind
from dlcli.data.formats import read_dataset
from dlcli.data.kinds import CLASSES, KINDS
from dlcli.data.masks import BACKGROUND
from dlcli.errors import DataError, ImageError
from dlcli.imaging.reader import read_image
from dlcli.imaging.steps.chain import apply_steps, parse_steps
from dlcli.messages import listed
from dlcli.records import Source
from dlcli.runtime.parallel import in_order
from dlcli.runtime.threads import default_threads
from dlcli.tasks.contract import Task

T = TypeVar("T")
Ready = Callable[[tuple[str, ...]], None]
Answer = Callable[[np.ndarray], Any]  # uint8 [H, W, 3] RGB -> what the metric of a kind takes, see data.kinds


@dataclass(frozen=True)
class ScoredImage(Generic[T]):
    """One image, and how well it was understood."""

    item: Item[T]
    score: ImageScore


@dataclass(frozen=True)
class Scored(Generic[T]):
    """What `score_images` found. metric: of all images; images: in the set's order."""

    metric: Any
    images: tuple[ScoredImage[T], ...]

    @property
    def scores(self) -> Any:
        """What the metric comes to."""
        return self.metric.value()


@dataclass(frozen=True)
class Evaluation(Generic[T]):
    """What `evaluate` found.

    scores: with class ids that index `labels`, the model's.
    background: the class id of what is nothing; None: the model has none.
    model: as records name it, "voc@sha256:1f0c...".
    metric: what the scores come from, for curves and intervals.
    images: in the set's order.
    answer: the way from pixels that was scored, for another look at some of the images.
    """

    kind: Kind[T]
    scores: Any
    labels: tuple[str, ...]
    background: int | None
    model: str
    metric: Any
    images: tuple[ScoredImage[T], ...]
    answer: Answer


def evaluate(
    task: Task,
    options: Any,
    data: Path,
    split: str | None,
    aliases: Mapping[str, str] | None = None,
    threads: int | None = None,
    say: Say | None = None,
    progress: Progress | None = None,
    ready: Ready | None = None,
) -> Evaluation[Any]:
    """Score the shipped predictor, as `options` (the task's own) set it, on a split of a labeled set.

    The set's classes are taken by name, by other words that the model knows for them, or as `aliases` say, so it may
    have fewer than the model, in any order. threads: images looked at at a time, default the processors that this
    process may use; the scores do not depend on it. say: hears of each bad file, which is left out; None: bad files
    raise DataError with their names. ready: is given the model's labels before any image is looked at.
    ValueError: the task's kind is None. Errors of a missing model or class as for the task's own command.
    """
    if task.kind is None:
        raise ValueError(f"{task.name}: cannot be scored, since its contract names no kind of labels")
    kind, count = KINDS[task.kind], threads or default_threads()
    predictor = task.load(options, 1, count)
    if ready:
        ready(predictor.labels)
    dataset = read_dataset(kind, data, split, predictor.labels, {**predictor.aliases, **(aliases or {})})
    problems = check_dataset(kind, dataset, decode=False)
    if problems and kind is not CLASSES:  # whose readers refuse unknown names at once
        refuse_other_classes(kind, data, split, predictor.labels)
    dataset = drop_bad_files(dataset, problems, say)
    answer = whole_way(predictor.pre, predictor.answer)
    found = score_images(kind, answer, dataset, progress, count, say)
    return Evaluation(
        *(kind, found.scores, predictor.labels, predictor.background, predictor.model, found.metric, found.images),
        answer,
    )


def refuse_other_classes(kind: Kind[T], data: Path, split: str | None, known: tuple[str, ...]) -> None:
    """DataError: not one class of the set but the background is the model's; one sentence instead of one a file."""
    own = [label for label in read_dataset(kind, data, split).labels if label != BACKGROUND]
    if own and not set(own) & set(known):
        raise DataError(
            f"{data}: its classes, {listed(own)}, are none of the model's, {listed(known)}; name the model that was "
            "trained for them by --model"
        )


def whole_way(pre: str, answer: Callable[[np.ndarray, Any], Any]) -> Answer:
    """From the pixels of an image file to an answer, through the --pre chain that the model was trained with.

    answer: takes pixels and where the image lies in them, as Predictor.answer.
    """
    steps = parse_steps(pre)

    def from_file(pixels: np.ndarray) -> Any:
        return answer(*apply_steps(pixels, steps))

    return from_file


def score_images(
    kind: Kind[T],
    answer: Answer,
    data: Dataset[T],
    progress: Progress | None = None,
    threads: int = 1,
    say: Say | None = None,
) -> Scored[T]:
    """Ask `answer` about every image of the set, in its order. threads: callers of `answer` at a time.

    say: hears of each image that cannot be read, which is then left out; None: the first raises DataError.
    """
    metric, images = kind.metric(data), []

    def look(item: Item[T]) -> tuple[Any, Any] | ImageError:
        try:
            pixels = read_image(Source.of_file(item.path)).pixels
        except ImageError as error:
            return error
        return kind.truth(item), answer(pixels)

    for item, (truth, found) in _readable(look, data, progress, threads, say):
        images.append(ScoredImage(item, kind.add(metric, truth, found)))
    return Scored(metric, tuple(images))


def _readable(
    look: Callable[[Item[T]], tuple[Any, Any] | ImageError],
    data: Dataset[T],
    progress: Progress | None,
    threads: int,
    say: Say | None,
) -> Iterator[tuple[Item[T], tuple[Any, Any]]]:
    """Each image with what `look` found, in order; for say and progress see score_images."""
    for done, (item, found) in enumerate(in_order(look, data.items, threads), 1):
        if not isinstance(found, ImageError):
            yield item, found
        elif say is None:
            raise DataError(f"{found}; fix the file or pass --skip-bad") from found
        else:
            say(f"left out: {found}")
        if progress:
            progress(done, len(data.items))
