"""Scores of a model over a labeled set; `dlcli eval`, training and export call this, whatever the task."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from dlcli.data.boxes import clipped
from dlcli.data.check import Progress, Say, check_dataset, drop_bad_files
from dlcli.data.dataset import Dataset, ImageScore, Item, Kind
from dlcli.data.formats import read_dataset
from dlcli.data.kinds import BOXES, CLASSES, KINDS
from dlcli.data.masks import BACKGROUND
from dlcli.data.splits.held_out import lacks_split, part_of, read_held_out
from dlcli.errors import DataError, ImageError
from dlcli.frozen import dataclass
from dlcli.imaging.reader import read_image
from dlcli.imaging.steps.chain import apply_steps, parse_steps
from dlcli.messages import listed
from dlcli.records import Source
from dlcli.runtime.parallel import in_order
from dlcli.runtime.threads import default_threads
from dlcli.tasks.contract import Predictor, Task

T = TypeVar("T")
UNKNOWN_CLASS = "unknown class"  # how readers begin what they say of a class that the model lacks
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
    model: as records name it, "coco@sha256:1f0c...".
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
    tell: Say | None = None,
    clip: bool = False,
) -> Evaluation[Any]:
    """Score the shipped predictor, as `options` (the task's own) set it, on a split of a labeled set.

    The set's classes are taken by name, by other words that the model knows for them, or as `aliases` say, so it may
    have fewer than the model, in any order. threads: images looked at at a time, default the processors that this
    process may use; the scores do not depend on it. say: hears of each bad file, which is left out; None: bad files
    raise DataError with their names. ready: is given the model's labels before any image is looked at. tell: hears what
    was decided about the set as a whole. clip: boxes that reach out of their image are cut off at its edge.
    A split that the set lacks may be one that the model's training held out (data/splits/held_out.py).
    ValueError: the task's kind is None. Errors of a missing model or class as for the task's own command.
    """
    if task.kind is None:
        raise ValueError(f"{task.name}: cannot be scored, since its contract names no kind of labels")
    kind, count = KINDS[task.kind], threads or default_threads()
    predictor = task.load(options, 1, count)
    if ready:
        ready(predictor.labels)
    read = partial(_read_split, kind, data, split, model=str(getattr(options, "model", "")))
    words = _words_of(predictor, kind, read) | dict(aliases or {})
    dataset = read(labels=predictor.labels, aliases=words)
    dataset = clipped(dataset) if clip and kind is BOXES else dataset
    for note in dataset.notes:
        (tell or _unheard)(note)
    problems = check_dataset(kind, dataset, decode=False)
    if kind is not CLASSES and any(UNKNOWN_CLASS in problem.message for problem in problems):
        refuse_other_classes(
            data, read(labels=None, aliases={}).labels, (*predictor.labels, *words), skip=say is not None
        )
    dataset = drop_bad_files(dataset, problems, say)
    answer = whole_way(predictor.pre, predictor.answer)
    found = score_images(kind, answer, dataset, progress, count, say)
    return Evaluation(
        *(kind, found.scores, predictor.labels, predictor.background, predictor.model, found.metric, found.images),
        answer,
    )


def _words_of(predictor: Predictor, kind: Kind[T], read: Callable[..., Dataset[T]]) -> dict[str, str]:
    """Other words for the model's labels; of a set with classes of its own, as far as it has them."""
    if kind is CLASSES or not predictor.aliases:
        return dict(predictor.aliases)
    own = read(labels=None, aliases={}).labels
    return {word: label for word, label in predictor.aliases.items() if word in own}


def _read_split(
    kind: Kind[T],
    data: Path,
    split: str | None,
    model: str,
    labels: tuple[str, ...] | None,
    aliases: Mapping[str, str],
) -> Dataset[T]:
    """The split; where the set has none of its name, the images that the model's training held out."""
    lacks = os.path.exists(model) and lacks_split(kind, data, split)
    held_out = read_held_out(Path(model)) if lacks else None
    if held_out is not None:
        return part_of(kind, data, str(split), held_out, labels, aliases=aliases)
    return read_dataset(kind, data, split, labels, aliases)


def _unheard(text: str) -> None:
    """Nobody asked to be told."""


def refuse_other_classes(data: Path, own: Sequence[str], known: Sequence[str], skip: bool) -> None:
    """DataError: classes of the set are none of the model's; one sentence instead of one a file.

    skip: images that hold one are left out, as long as the model knows another class.
    """
    named = [label for label in own if label != BACKGROUND]
    unknown = [label for label in named if label not in known]
    if not unknown or (skip and len(unknown) < len(named)):
        return
    some = ", or leave out the images that hold one by --skip-bad" if len(unknown) < len(named) else ""
    which = f"{len(unknown)} of its {len(named)} classes are none" if some else "its classes are none"
    raise DataError(
        f"{data}: {which} of the model's: {listed(unknown)}; the model knows {listed(known)}; name the model that was "
        f"trained for them by --model, say which is which by --map FILE{some}"
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
