"""`--for MODEL`: the pixels that a model gets, after its own --pre chain and before its numbers are normalized."""

from typing import Any

import numpy as np

from dlcli.errors import UsageError
from dlcli.imaging.geometry import Placement
from dlcli.imaging.model_input import placed_for
from dlcli.imaging.writer import encode_image
from dlcli.models.store import open_model
from dlcli.records import DecodedImage, Source
from dlcli.tasks.preprocess.convert import Writing
from dlcli.tasks.preprocess.result import Preprocessed


class ModelView(Writing):
    """See tasks.contract.Predictor. name: of a model for any task. MissingError, DataError: as for find_model."""

    def __init__(self, name: str, steps: str | None):
        super().__init__()
        model = open_model(name, "--for")
        self.card = model.card
        if self.card.task == "style-transfer":
            raise UsageError(f"--for {name}: paints images at their own size; name a model that looks at them, as coco")
        self.model, self.pre = model.id, self.card.pre
        self.steps = self.pre if steps is None else steps

    def predict(self, pixels: np.ndarray, placement: Placement | None) -> Preprocessed:
        placed, moved = placed_for(self.card, pixels)
        return Preprocessed(placed, placement.then(moved) if placement else moved, ".png", self.steps, encode_plain)

    def after_save(self, source: Source, result: Preprocessed) -> dict[str, Any]:
        result.pixels = None
        return {"bits": 8}


def encode_plain(result: Preprocessed, image: DecodedImage, suffix: str) -> bytes:
    """Pixels, and that they are sRGB."""
    assert result.pixels is not None
    return encode_image(result.pixels, suffix)
