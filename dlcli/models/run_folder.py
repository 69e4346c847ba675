"""A training's folder as the rest of the house sees it: its config.json and its best weights."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcli.card import ModelCard
from dlcli.errors import DataError, MissingError
from dlcli.frozen import dataclass

CONFIG, BEST, RUN_RECORD = "config.json", "best.safetensors", "run.json"
LOCK = ".dlcli-training.lock"  # held while a training writes there


@dataclass(frozen=True)
class RunFolder:
    """card: what the network is for, without scores and license. options: those of the training, as JSON has them.

    task: what `dlcli train` calls the training.
    """

    path: Path
    card: ModelCard
    options: Mapping[str, Any]

    @property
    def task(self) -> str:
        return self.card.task

    @property
    def weights(self) -> Path:
        """The best weights so far. MissingError: the training has not measured any yet."""
        path = self.path / BEST
        if not path.is_file():
            raise MissingError(f"{path}: no weights yet; let the training finish its first validated epoch")
        return path


def read_run(path: Path) -> RunFolder:
    """The run in a folder. MissingError: the folder holds no run. DataError: its config.json cannot be used."""
    config = path / CONFIG
    if not config.is_file():
        raise MissingError(f"{path}: expected the folder of a training (--out of dlcli train), got no {CONFIG} in it")
    try:
        values = json.loads(config.read_text("utf-8"))
        card, options = values["card"], values["options"]
        return RunFolder(path, ModelCard.from_json(json.dumps(card)), dict(options))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        reason = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise DataError(f"{config}: expected the config of a dlcli training, got: {reason}") from error
