"""What trainings on images without labels share: their images, and the card of what they make."""

from pathlib import Path
from typing import Any

from dlcli import __version__
from dlcli.card import ModelCard
from dlcli.data.dataset import Dataset, Item
from dlcli.data.files import images_below
from dlcli.data.kinds import CLASSES
from dlcli.errors import UsageError
from dlcli.messages import plural
from dlcli.training.checkpoint import card_name
from dlcli.training.data import checked
from dlcli.training.log import TrainLog

MEAN = STD = (127.5, 127.5, 127.5)  # values from -1 to 1


def images_alone(folder: Path, skip_bad: bool, log: TrainLog) -> Dataset[Any]:
    """The images below a folder, without labels. UsageError: fewer than two. DataError names bad ones."""
    paths = images_below(folder)
    if len(paths) < 2:
        raise UsageError(f"{folder}: holds {plural(len(paths), 'image')}; expected two or more, better thousands")
    whole: Dataset[Any] = Dataset("images", (), tuple(Item(path, ()) for path in paths), source=folder)
    return checked(CLASSES, whole, None, skip_bad, log)


def card_of(task: str, options: Any, images: int, decoding: dict[str, Any], kept: tuple[str, ...]) -> ModelCard:
    """A card without labels. images: how many it learned from. kept: options that tell how."""
    facts: dict[str, Any] = {"data": options.data.resolve().name, "images": images, "dlcli": __version__}
    return ModelCard(
        name=card_name(options.out.resolve().name),
        task=task,
        labels=(),
        input=(options.size, options.size),
        mean=MEAN,
        std=STD,
        fill=(127, 127, 127),
        max_stretch=1.5,
        decoding=decoding,
        training=facts | {name: getattr(options, name) for name in kept},
    )
