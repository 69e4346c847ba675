"""Real images for an export: some to compare torch and ONNX Runtime on, some to calibrate, a split to measure."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from dlcli.card import ModelCard
from dlcli.data.dataset import Dataset, Kind
from dlcli.data.files import images_below
from dlcli.data.formats import ALL, dataset_splits, read_dataset
from dlcli.data.kinds import CLASSES
from dlcli.data.splits.held_out import lacks_split, part_of, read_held_out
from dlcli.errors import DataError, ImageError, UsageError
from dlcli.imaging.reader import read_image
from dlcli.imaging.steps.chain import apply_steps, parse_steps
from dlcli.models.run_folder import RunFolder
from dlcli.records import Source
from dlcli.tasks.network_input import to_input

Thing = TypeVar("Thing")


class RealImages:
    """The images of a run's data set, or of the folder `place` that the user named in its stead.

    kind: of its labels. UsageError: there is no such folder. DataError: it holds no image.
    """

    def __init__(self, run: RunFolder, place: Path | None, kind: Kind[Any]):
        self.card, self.kind = run.card, kind
        self.place = place or Path(str(run.options.get("data", "")))
        self.splits = str(run.options.get("split", "train")), str(run.options.get("val_split", "val"))
        if not self.place.exists():
            raise UsageError(f"{self.place}: the run's images are not there; name some by --data DIR")
        self.held_out, self.measured_on = read_held_out(run.path), self.splits[1]
        self.labeled = self._is_labeled()

    def to_compare(self, count: int) -> list[np.ndarray]:
        """At most `count` tensors float32 [1, 3, h, w] as the predictor makes them, spread over the val split."""
        return self._tensors(1, count)

    def to_calibrate(self, count: int) -> list[np.ndarray]:
        """The same of the train split."""
        return self._tensors(0, count)

    def to_measure(self, count: int) -> Dataset[Any] | None:
        """The val split, or `count` images spread over it; None where the folder has no labels."""
        if not self.labeled:
            return None
        data = self._read(1)
        return replace(data, items=tuple(spread(data.items, count or len(data.items))))

    def _read(self, split: int) -> Dataset[Any]:
        """The split, or what the training made of a set without; else all images, and `measured_on` says so."""
        name, labels = self.splits[split], self.card.labels
        if self.held_out is not None and lacks_split(self.kind, self.place, name):
            return part_of(self.kind, self.place, name, self.held_out, labels)
        try:
            return read_dataset(self.kind, self.place, name, labels)
        except DataError as error:
            with suppress(DataError):
                data = read_dataset(self.kind, self.place, ALL, labels)
                self.measured_on = (
                    f"the whole set, which has no {name}, so images that were learned from are among them"
                )
                return data
            raise error

    def _is_labeled(self) -> bool:
        try:
            if self.kind is CLASSES:  # nearly every folder holds folders; their names tell
                read_dataset(self.kind, self.place, None, self.card.labels)
            dataset_splits(self.kind, self.place)
        except DataError:
            return False
        return True

    def _tensors(self, split: int, count: int) -> list[np.ndarray]:
        return [network_input(self.card, path) for path in spread(self._paths(split), count)]

    def _paths(self, split: int) -> list[Path]:
        paths = [item.path for item in self._read(split).items] if self.labeled else images_below(self.place)
        if not paths:
            raise DataError(f"{self.place}: expected images, found none; name others by --data DIR")
        return paths


def network_input(card: ModelCard, path: Path) -> np.ndarray:
    """What the network sees of an image file: float32 [1, 3, h, w]. DataError: it cannot be read."""
    try:
        pixels = read_image(Source.of_file(path)).pixels
    except ImageError as error:
        raise DataError(f"{error}; name other images by --data DIR") from error
    return to_input(card, apply_steps(pixels, parse_steps(card.pre))[0])[0]


def spread(things: Sequence[Thing], count: int) -> list[Thing]:
    """At most `count` of the things, evenly from first to last, in their order."""
    count = min(count, len(things))
    return [things[i * len(things) // count] for i in range(count)]
