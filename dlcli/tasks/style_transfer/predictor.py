"""--method fast: a trained painter in ONNX Runtime, one pass an image."""

import numpy as np

from dlcli.errors import DataError
from dlcli.imaging.geometry import Placement
from dlcli.models.store import ModelFile, find_model, named_models
from dlcli.runtime.session import Session, open_session
from dlcli.runtime.tensor import to_tensor
from dlcli.tasks.contract import Predictor
from dlcli.tasks.style_transfer.any_style import idle_image, read_mixture, vector_size
from dlcli.tasks.style_transfer.colors import keep_colors, lay_over, recolor, scaled
from dlcli.tasks.style_transfer.mixture import Mixture, named_styles
from dlcli.tasks.style_transfer.options import ANY_STYLE, PAINTER, Method, StyleOptions, bundled_styles, shares
from dlcli.tasks.style_transfer.result import Painted

LARGEST = 1280  # pixels of the longer side that are painted at, unless --size asks for more: 0.8 GB, 2560 take 2.9
STEP, SMALLEST = 4, 32  # the network halves twice; mirrored edges need a few pixels


def load_painter(options: StyleOptions, threads: int, workers: int) -> "Painter":
    """Open the painter, and read the styles where it takes any. Errors as for any model, and of its styles."""
    model = find_model(options.model or usual_model(options.style or []), "style-transfer")
    path, vector = str(model.path), vector_size(model.card, str(model.path))
    if vector is None:
        mixture = named_styles(options, model.card, path)
        session = open_session(model.path, threads, options.device, workers, inputs=2, digest=model.digest)
        _check_inputs(session, [4, 2], mixture.weights.shape[1], path)
        return Painter(options, session, mixture, model)
    session = open_session(model.path, threads, options.device, workers, inputs=3, digest=model.digest)
    _check_inputs(session, [4, 2, 4], vector, path)
    return AnyPainter(options, session, read_mixture(options, session, vector, path), model)


def usual_model(styles: list[str]) -> str:
    """The bundled model for these styles: a painter of those that dlcli carries, or one for any."""
    known = bundled_styles()
    others = any(name not in known for name in styles)
    return ANY_STYLE if others and ANY_STYLE in named_models() else PAINTER


def _check_inputs(session: Session, axes: list[int], styles: int, path: str) -> None:
    taken = session.inputs
    if [len(item.shape) for item in taken] != axes or taken[1].shape[1] not in (None, styles):
        raise DataError(
            f"{path}: its card has {styles} styles; the network takes {' and '.join(map(str, taken))}; "
            "export the model again"
        )


class Painter(Predictor):
    """Knows the styles that it was trained on."""

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
        given = self.session.run(image, *self.beside())[0]
        if getattr(given, "shape", None) != image.shape or not np.isfinite(given.max()):
            got = f"{list(given.shape)}" if hasattr(given, "shape") else "no array"
            raise DataError(
                f"{self.file}: expected a network that paints {list(image.shape)} in numbers, got {got} or NaN; "
                "export it again"
            )
        painted = given[0, :, :height, :width]
        return np.ascontiguousarray(np.rint(painted).clip(0, 255).astype(np.uint8).transpose(1, 2, 0))

    def beside(self) -> tuple[np.ndarray, ...]:
        """What the network takes beside the image."""
        return (self.mixture.weights,)


class AnyPainter(Painter):
    """Knows a style by its vector. Colors of styles are endless, so the painted image gets them once more: a drawing
    in pencil leaves no color behind.
    """

    def paint(self, pixels: np.ndarray) -> np.ndarray:
        painted = super().paint(pixels)
        return painted if self.options.preserve_color else recolor(painted, self.mixture.palettes)

    def beside(self) -> tuple[np.ndarray, ...]:
        return (self.mixture.weights, idle_image())
