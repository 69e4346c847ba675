"""--method fast: a trained painter in ONNX Runtime, one pass an image."""

from dataclasses import dataclass

import numpy as np

from dlcli.card import ModelCard
from dlcli.errors import DataError, UsageError
from dlcli.imaging.geometry import Placement
from dlcli.models.store import ModelFile, find_model
from dlcli.runtime.session import Session, open_session
from dlcli.runtime.tensor import to_tensor
from dlcli.tasks.contract import Predictor
from dlcli.tasks.style_transfer.colors import Palette, keep_colors, lay_over, recolor, scaled
from dlcli.tasks.style_transfer.options import Method, StyleOptions, shares
from dlcli.tasks.style_transfer.result import Painted
from dlcli.tasks.style_transfer.styles import not_found

LARGEST = 1280  # pixels of the longer side that are painted at, unless --size asks for more: 0.8 GB, 2560 take 2.9
STEP, SMALLEST = 4, 32  # the network halves twice; mirrored edges need a few pixels


@dataclass(frozen=True)
class Mixture:
    """The styles asked for as the painter takes them: weights float32 [1, S], and their palettes with their shares."""

    weights: np.ndarray
    palettes: tuple[tuple[Palette, float], ...]


def load_painter(options: StyleOptions, threads: int, workers: int) -> "Painter":
    """Open the painter. UsageError: a style that it does not know. MissingError, DataError: as for any model."""
    model = find_model(options.model, "style-transfer")
    mixture = mix(options, model.card, str(model.path))
    session = open_session(model.path, threads, options.device, workers, inputs=2)
    taken = session.inputs
    if [len(item.shape) for item in taken] != [4, 2] or taken[1].shape[1] not in (None, mixture.weights.shape[1]):
        raise DataError(
            f"{model.path}: its card has {mixture.weights.shape[1]} styles; the network takes "
            f"{' and '.join(map(str, taken))}; export the model again"
        )
    return Painter(options, session, mixture, model)


def mix(options: StyleOptions, card: ModelCard, path: str) -> Mixture:
    """Finds the styles in the card."""
    try:
        known = {style["name"]: Palette.from_card(style) for style in card.decoding["styles"]}
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path}: its card does not tell its styles: {error}; export the model again") from error
    names, parts = list(known), list(zip(options.style or [], shares(options), strict=True))
    weights = np.zeros((1, len(names)), np.float32)
    for name, share in parts:
        if name not in known:
            raise UsageError(
                f"--style {name}: --method fast knows only the styles that its model was trained on: "
                f"{not_found(name, names, '')}. For any other image add --method optimize, or train a painter: "
                "dlcli train style-transfer"
            )
        weights[0, names.index(name)] += share
    return Mixture(weights, tuple((known[name], share) for name, share in parts))


class Painter(Predictor):
    def __init__(self, options: StyleOptions, session: Session, mixture: Mixture, model: ModelFile):
        self.options, self.session, self.mixture = options, session, mixture
        self.model, self.pre, self.file = model.id, model.card.pre, str(model.path)
        self.styles = tuple(zip(options.style or [], shares(options), strict=True))

    def predict(self, pixels: np.ndarray, placement: Placement | None) -> Painted:
        options, (height, width) = self.options, pixels.shape[:2]
        content = scaled(pixels, *self.working_size(width, height))
        if not options.preserve_color:
            content = recolor(content, self.mixture.palettes)
        painted = scaled(self.paint(content), width, height)
        if options.preserve_color:
            painted = keep_colors(painted, pixels)
        return Painted(lay_over(pixels, painted, options.strength), self.styles, Method.FAST.value)

    def working_size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height to paint at: --size, or the image's own up to LARGEST."""
        side = self.options.size or min(max(width, height), LARGEST)
        scale = side / max(width, height)
        return max(1, round(width * scale)), max(1, round(height * scale))

    def paint(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 [H, W, 3] -> the same, painted. Edges are mirrored up to a size that the network takes."""
        height, width = pixels.shape[:2]
        room = [(0, max(SMALLEST, -(-side // STEP) * STEP) - side) for side in (height, width)]
        padded = np.pad(pixels, (*room, (0, 0)), mode="symmetric")
        image = to_tensor(padded, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
        given = self.session.run(image, self.mixture.weights)[0]
        if getattr(given, "shape", None) != image.shape or not np.isfinite(given.max()):
            got = f"{list(given.shape)}" if hasattr(given, "shape") else "no array"
            raise DataError(
                f"{self.file}: expected a network that paints {list(image.shape)} in numbers, got {got} or NaN; "
                "export it again"
            )
        painted = given[0, :, :height, :width]
        return np.ascontiguousarray(np.rint(painted).clip(0, 255).astype(np.uint8).transpose(1, 2, 0))
