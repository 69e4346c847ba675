"""Deals the images of a set out to splits: each class by its share, copies and near-copies of an image to one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from dlcli.data.splits.stratified import stratified_parts
from dlcli.errors import DataError
from dlcli.frozen import dataclass
from dlcli.imaging.look import like_groups, look_of
from dlcli.messages import plural
from dlcli.progress import Progress
from dlcli.runtime.parallel import in_order
from dlcli.runtime.threads import default_threads

NO_BAR = Progress()


@dataclass(frozen=True)
class Dealt:
    """part: the split of each image. alike: images that look like another one and went with it."""

    part: tuple[str, ...]
    alike: int


@dataclass(frozen=True)
class Dealer:
    """shares: of each split by its name, above 0; they need not add up to 1."""

    shares: Mapping[str, float]
    seed: int = 0
    bar: Progress = NO_BAR

    def deal(self, place: Path, images: Sequence[Path], classes: Sequence[Sequence[int]]) -> Dealt:
        """classes: ids of those in each image. place: the set, for messages.

        DataError: a split would be left without an image. ImageError: an image cannot be read.
        """
        groups = groups_of(images, self.bar)
        numbers = stratified_parts(classes, groups, tuple(self.shares.values()), self.seed)
        names = tuple(self.shares)
        bare = [name for number, name in enumerate(names) if number not in numbers]
        if bare:
            raise DataError(
                f"{place}: {plural(len(images), 'image')} in {plural(len(set(groups.tolist())), 'group')} that look "
                f"alike leave none for {bare[0]}; add images, or ask for fewer splits"
            )
        sizes = Counter(groups.tolist())
        alike = sum(size for size in sizes.values() if size > 1)
        return Dealt(tuple(names[number] for number in numbers), alike)


def groups_of(images: Sequence[Path], bar: Progress = NO_BAR) -> np.ndarray:
    """int64 [N], equal for images of one look; every image is decoded once. ImageError: one cannot be read."""
    looks = []
    for done, (_, look) in enumerate(in_order(look_of, images, default_threads()), 1):
        looks.append(look)
        bar.at(done, len(images), "comparing")
    return like_groups(looks)
