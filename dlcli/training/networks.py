"""What `dlcli models networks` lists: every network that is written out here, by the name that `--net` takes. Light."""

from collections.abc import Iterator

from dlcli.frozen import dataclass
from dlcli.training.registry import all_trainings


@dataclass(frozen=True)
class NamedNetwork:
    """parameters: of a classifier of 1,000 classes, a segmenter of 21 or a detector of 20."""

    name: str
    parameters: int
    summary: str


def networks_by_training() -> Iterator[tuple[str, NamedNetwork]]:
    """(name of the training, network), the default of each training first."""
    for training in all_trainings().values():
        for network in training.networks:
            yield training.name, NamedNetwork(*network)
