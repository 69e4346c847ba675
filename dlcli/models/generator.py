"""A generator of images in ONNX Runtime: from random numbers to pixels, without torch. `dlcli generate` calls it."""

import numpy as np

from dlcli.errors import DataError
from dlcli.models.store import find_model
from dlcli.runtime.session import open_session

TASK = "gan"


class ImageGenerator:
    """name: of a model as find_model takes it, whose errors are raised too. DataError: it is no such network."""

    def __init__(self, name: str, threads: int):
        self.model = find_model(name, TASK)
        self.session = open_session(self.model.path, threads, "cpu")
        shape, latent = self.session.input_shape, self.model.card.decoding.get("latent")
        if len(shape) != 2 or shape[1] != latent:
            raise DataError(f"{self.model.path}: expected a generator of {latent} numbers, got one that takes {shape}")

    def image(self, seed: int, number: int) -> np.ndarray:
        """uint8 [S, S, 3] RGB: the image of this number, whatever others are made. DataError: the network fails."""
        latent = np.random.default_rng((seed, number)).standard_normal((1, self.session.input_shape[1] or 0))
        made = self.session.run(latent.astype(np.float32))[0]
        if made.ndim != 4 or made.shape[:2] != (1, 3) or not np.isfinite(made).all():
            raise DataError(f"{self.model.path}: made no image of finite colors, but {list(made.shape)}")
        pixels = np.rint((made[0].transpose(1, 2, 0) + 1) * 127.5)
        return np.clip(pixels, 0, 255).astype(np.uint8)
