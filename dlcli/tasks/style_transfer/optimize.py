"""--method optimize: the image's own pixels follow the losses, in torch. Slow, for any style."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcli.console import Console
from dlcli.distribution import install_command
from dlcli.errors import ImageError, MissingError, UsageError
from dlcli.imaging.geometry import Placement
from dlcli.imaging.writer import encode_image
from dlcli.models.store import BUNDLED
from dlcli.runtime.deadline import check, pause
from dlcli.tasks.contract import Predictor
from dlcli.tasks.style_transfer.colors import keep_colors, lay_over, scaled
from dlcli.tasks.style_transfer.options import RECORDED, SMALLEST_SIZE, FeatureNet, Method, StyleOptions, shares
from dlcli.tasks.style_transfer.plot import check_plot, draw_losses
from dlcli.tasks.style_transfer.result import Painted
from dlcli.tasks.style_transfer.styles import read_style

if TYPE_CHECKING:
    from torch import Tensor

# dlcli.style stands above tasks in the house, so its classes are imported in functions only; here they are Any.
WEIGHTS = BUNDLED / "imagenet.safetensors"
SIZE = 512  # of the result where --size does not say
GIB = 2**30


def load_optimizer(options: StyleOptions, threads: int) -> "Optimizer":
    """Read the styles and the feature network. MissingError without torch or weights, DataError for a bad style."""
    try:
        import torch
    except ImportError:
        advice = install_command("train")
        raise MissingError(f"--method optimize needs torch, which is not installed; run: {advice}") from None
    if options.plot:
        check_plot()
    torch.set_num_threads(threads)
    names = options.style or []
    styles = {name: read_style(name) for name in names}
    return Optimizer(options, load_features(options.features or FeatureNet.LITE), [styles[name] for name in names])


def load_features(name: FeatureNet) -> Any:
    """The network that compares, a dlcli.style.features.Features."""
    if name is FeatureNet.VGG19:
        from dlcli.style.vgg import load_vgg_features

        return load_vgg_features()
    from dlcli.style.features import load_lite_features

    return load_lite_features(WEIGHTS)


def make_recipe(options: StyleOptions) -> Any:
    """The dlcli.style.optimize.Recipe asked for; the rest is that class's own."""
    from dlcli.style.optimize import Recipe

    asked: dict[str, Any] = {
        "size": options.size or SIZE,
        "steps": options.steps,
        "content": options.content_weight,
        "style": options.style_weight,
        "variation": options.variation_weight,
        "optimizer": options.optimizer and options.optimizer.value,
        "init": options.init and options.init.value,
        "preserve_color": options.preserve_color,
        "seed": options.seed,
    }
    return Recipe(**{name: value for name, value in asked.items() if value is not None})


class Optimizer(Predictor):
    """See tasks.contract.Predictor. One image at a time, with all threads."""

    pre = ""
    console: Console | None = None

    def __init__(self, options: StyleOptions, features: Any, styles: list[np.ndarray]):
        from dlcli.style.optimize import Style, Stylist

        self.options, self.recipe, self.lock = options, make_recipe(options), Lock()
        self.features = features
        self.model = f"{RECORDED['optimize']}/{(options.features or FeatureNet.LITE).value}"
        self.styles = tuple(zip(options.style or [], shares(options), strict=True))
        images = [Style(to_image(pixels), share) for pixels, (_, share) in zip(styles, self.styles, strict=True)]
        self.stylist = Stylist(features, images, self.recipe)

    def predict(self, pixels: np.ndarray, placement: Placement | None) -> Painted:
        with self.alone():
            self.check_size(pixels)
            with self.bar() as show:
                watch = _Watch(self.options.save_every, show)
                image, losses = self.stylist.paint(to_image(pixels), watch)
        painted = to_pixels(image)
        content = scaled(pixels, painted.shape[1], painted.shape[0])
        if self.options.preserve_color:
            painted = keep_colors(painted, content)
        painted = lay_over(content, painted, self.options.strength)
        plot = draw_losses(vars(losses), watch.starts) if self.options.plot else None
        return Painted(painted, self.styles, Method.OPTIMIZE.value, losses.last(), plot, tuple(watch.kept))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Waits until no other image is painted; that is not this one's time."""
        with pause():
            self.lock.acquire()
        try:
            yield
        finally:
            self.lock.release()

    def check_size(self, pixels: np.ndarray) -> None:
        """ImageError: too thin to paint. UsageError: more memory than there is, with the size that fits."""
        from dlcli.style.memory import available_memory, largest_side, needed
        from dlcli.style.optimize import fitted

        width, height = fitted(pixels.shape[1], pixels.shape[0], self.recipe.size)
        if min(width, height) < self.features.smallest:
            raise ImageError(
                "too-thin",
                f"an image of {pixels.shape[1]} x {pixels.shape[0]} would be painted at {width} x {height}, expected "
                f"at least {self.features.smallest} pixels a side; crop it, or give a larger --size",
            )
        free = available_memory()
        if free is None or needed(width, height, self.features) <= free:
            return
        side = largest_side(free, min(width, height) / max(width, height), self.features)
        while side > 0 and needed(*fitted(width, height, side), self.features) > free:
            side -= 1  # rounding made it a row too many
        advice = f"the largest that fits is --size {side}" if side >= SMALLEST_SIZE else "end some other program"
        raise UsageError(
            f"--size {self.recipe.size}: would take about {needed(width, height, self.features) / GIB:.1f} GiB, and "
            f"{free / GIB:.1f} GiB are free; {advice}"
        )

    @contextmanager
    def bar(self) -> Iterator[Callable[[Any], None]]:
        """A bar with the three losses, where someone watches."""
        from dlcli.style.optimize import pyramid

        total = self.recipe.steps * len(pyramid(self.recipe.size))
        with (self.console or Console(quiet=True)).progress("style-transfer", total) as bar:

            def show(losses: Any) -> None:
                note = " ".join(f"{name} {value:.3g}" for name, value in losses.last().items())
                bar.at(min(len(losses.style), total), total, note)

            yield show


class _Watch:
    """Called after each evaluation: shows the losses, keeps images, notes where a size begins, looks at the clock."""

    def __init__(self, every: int | None, show: Callable[[Any], None]):
        self.every, self.show = every, show
        self.kept: list[tuple[int, bytes]] = []
        self.starts: list[int] = []
        self._width = 0

    def __call__(self, losses: Any, image: "Tensor") -> None:
        number = len(losses.style)
        check(f"after {number} steps", stopped=True)
        if image.shape[3] != self._width:
            self._width = image.shape[3]
            self.starts.append(number)
        self.show(losses)
        if self.every and number % self.every == 0:
            self.kept.append((number, encode_image(to_pixels(image), ".png")))


def to_image(pixels: np.ndarray) -> "Tensor":
    """uint8 [H, W, 3] -> float32 [1, 3, H, W] in [0, 1]."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1))).float().div(255)[None]


def to_pixels(image: "Tensor") -> np.ndarray:
    """float32 [1, 3, H, W] in [0, 1] -> uint8 [H, W, 3]."""
    return np.ascontiguousarray((image[0] * 255).round().byte().permute(1, 2, 0).cpu().numpy())
