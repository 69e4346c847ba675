"""RUN/config.json: the card, and the options that the run was started with; and what every card of a run says."""

import json
from typing import Any

from dlcli import __version__
from dlcli.card import ModelCard
from dlcli.models.run_folder import CONFIG
from dlcli.training.options import TrainingOptions
from dlcli.training.resume import Data, plain
from dlcli.whole_file import write_text


def training_facts(options: TrainingOptions, data: Data) -> dict[str, Any]:
    """What a card says of its training, whatever the task."""
    return {
        "data": options.data.resolve().name,
        "split": options.split,
        "images": len(data.items),
        "epochs": options.epochs,
        "seed": options.seed,
        "dlcli": __version__,
    }


def card_name(folder: str) -> str:
    """A folder's name as a card may have it: letters, digits, ".", "_" and "-", the first a letter or digit."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in folder.lower())
    return kept.lstrip("._-") or "run"


def write_config(options: Any, card: ModelCard) -> None:
    """options: a dataclass with `out`, the run's folder."""
    config = {
        "dlcli": __version__,
        "task": card.task,
        "options": plain(options),
        "card": json.loads(card.to_json()),
    }
    write_text(options.out / CONFIG, json.dumps(config, indent=1) + "\n")
