"""The pixels are the parameters: from coarse to fine, until features match the content and the styles."""

import math
from collections.abc import Callable, Sequence
from dataclasses import field

import torch
import torch.nn.functional as F
from torch import Tensor

from dlcli.errors import DlcliError
from dlcli.frozen import dataclass
from dlcli.style.color import recolor
from dlcli.style.features import Features, gram
from dlcli.style.losses import content_loss, style_loss, variation_loss

COARSEST = 128  # pixels of the longer side where the first round begins, about
HISTORY = 10  # steps that L-BFGS remembers, two images each
SCALE = 1000.0  # keeps the gradients of a mean over many pixels away from the limits of float32


@dataclass(frozen=True)
class Recipe:
    """How an image is made.

    size: longer side of the result in pixels. steps: evaluations of the
    losses at each size of the pyramid. content, style, variation: weights
    of the three losses. optimizer: "lbfgs" or "adam"; rate: Adam's. init: "content", "style" or "noise".
    preserve_color: the styles take the content's colors, instead of the content the styles'. seed: for noise.
    """

    size: int = 512
    steps: int = 100
    content: float = 1.0
    style: float = 200.0
    variation: float = 20.0
    optimizer: str = "lbfgs"
    rate: float = 0.02
    init: str = "content"
    preserve_color: bool = False
    seed: int = 0


@dataclass
class Losses:
    """What was reached, before weights: one entry an evaluation, all sizes one after the other."""

    content: list[float] = field(default_factory=list)
    style: list[float] = field(default_factory=list)
    variation: list[float] = field(default_factory=list)

    def last(self) -> dict[str, float]:
        """The values at the end; {} before the first."""
        return {name: values[-1] for name, values in vars(self).items() if values}

    def add(self, content: float, style: float, variation: float) -> None:
        self.content.append(content)
        self.style.append(style)
        self.variation.append(variation)


Watch = Callable[[Losses, Tensor], None]  # the way so far, the image [1, 3, H, W] in [0, 1] as it now is


@dataclass(frozen=True)
class Style:
    """An image [1, 3, H, W] in [0, 1] to paint like, and its share; shares of all add up to 1."""

    image: Tensor
    share: float = 1.0


def pyramid(size: int) -> tuple[int, ...]:
    """Longer sides from coarse to fine, each twice the one before, the last `size`."""
    sides = [size]
    while sides[0] // 2 >= COARSEST:
        sides.insert(0, sides[0] // 2)
    return tuple(sides)


class Stylist:
    """Paints contents in one set of styles. What the network sees in a style is computed once for each size."""

    def __init__(self, features: Features, styles: Sequence[Style], recipe: Recipe):
        self.features, self.styles, self.recipe = features, styles, recipe
        self._wanted: dict[int, list[list[Tensor]]] = {}

    def paint(self, content: Tensor, watch: Watch | None = None) -> tuple[Tensor, Losses]:
        """The image, float32 [1, 3, H, W] in [0, 1], its longer side recipe.size, and the way of the losses.

        content: float32 [1, 3, h, w] in [0, 1], larger or smaller. DlcliError: a loss is no longer a number.
        """
        losses, image = Losses(), None
        for side in pyramid(self.recipe.size):
            target = resize(content, side)
            styles = [Style(resize(style.image, side), style.share) for style in self.styles]
            wanted = self._style_targets(side, styles, target)
            if not self.recipe.preserve_color:
                target = blend_colors(target, styles)
            start = self._start(target, styles) if image is None else enlarge(image, target)
            image = self._round(start, target, wanted, losses, watch)
        assert image is not None
        return image, losses

    def _style_targets(self, side: int, styles: Sequence[Style], content: Tensor) -> list[list[Tensor]]:
        """Gram matrices of each layer for each style. With the content's colors they are its own, else shared."""
        if side in self._wanted:
            return self._wanted[side]
        images = [recolor(s.image, content) if self.recipe.preserve_color else s.image for s in styles]
        with torch.no_grad():
            wanted = [[gram(f) for f in self._style_layers(self.features.of(p))] for p in images]
        if not self.recipe.preserve_color:
            self._wanted[side] = wanted
        return wanted

    def _start(self, target: Tensor, styles: Sequence[Style]) -> Tensor:
        if self.recipe.init == "content":
            return target
        if self.recipe.init == "style":
            return F.interpolate(styles[0].image, size=target.shape[2:], mode="bilinear", align_corners=False)
        generator = torch.Generator().manual_seed(self.recipe.seed)
        return (0.5 + 0.15 * torch.randn(target.shape, generator=generator)).clamp(0, 1)

    def _round(
        self, start: Tensor, target: Tensor, wanted: list[list[Tensor]], losses: Losses, watch: Watch | None
    ) -> Tensor:
        """One size: `steps` evaluations of the losses from `start`."""
        pixels = start.detach().clone(memory_format=torch.contiguous_format).requires_grad_()
        with torch.no_grad():
            kept = self._content_layers(self.features.of(target))
        recipe, weights = self.recipe, torch.tensor((self.recipe.content, self.recipe.style, self.recipe.variation))

        def closure() -> float:
            pixels.grad = None
            terms = self._terms(pixels, kept, wanted)
            total = (terms * weights).sum() * SCALE
            total.backward()
            content, style, variation = terms.tolist()
            if not math.isfinite(content + style + variation):
                raise DlcliError("the optimization diverged: a loss is no longer a number; lower the weights")
            losses.add(content, style, variation)
            if watch is not None:
                watch(losses, pixels.detach().clamp(0, 1))
            return float(total.detach())

        descend(pixels, closure, recipe)
        return pixels.detach().clamp(0, 1)

    def _terms(self, pixels: Tensor, kept: list[Tensor], wanted: list[list[Tensor]]) -> Tensor:
        """The three losses of an image, [3]: content, style, variation."""
        found = self.features.of(pixels.contiguous(memory_format=torch.channels_last))
        content = content_loss(self._content_layers(found), kept)
        seen = self._style_layers(found)
        shares = [s.share * style_loss(seen, w) for s, w in zip(self.styles, wanted, strict=True)]
        return torch.stack([content, torch.stack(shares).sum(), variation_loss(pixels)])

    def _style_layers(self, found: list[Tensor]) -> list[Tensor]:
        return [found[i] for i in self.features.style_layers]

    def _content_layers(self, found: list[Tensor]) -> list[Tensor]:
        return [found[i] for i in self.features.content_layers]


def descend(pixels: Tensor, closure: Callable[[], float], recipe: Recipe) -> None:
    """Move `pixels` down the gradient that `closure` leaves in them; about recipe.steps evaluations.

    They may leave [0, 1] on the way: a bound would spoil what L-BFGS knows of the curvature.
    """
    if recipe.optimizer == "adam":
        adam = torch.optim.Adam([pixels], recipe.rate)
        for _ in range(recipe.steps):
            adam.step(closure)
        return
    lbfgs = torch.optim.LBFGS(
        [pixels], max_iter=recipe.steps, max_eval=recipe.steps, history_size=HISTORY, line_search_fn="strong_wolfe",
        tolerance_grad=0, tolerance_change=0,
    )  # fmt: skip
    lbfgs.step(closure)


def blend_colors(content: Tensor, styles: Sequence[Style]) -> Tensor:
    """The content in the colors of the styles, in their shares: what it should look like before any stroke."""
    moved = [style.share * recolor(content, style.image) for style in styles]
    return torch.stack(moved).sum(0)


def fitted(width: int, height: int, side: int) -> tuple[int, int]:
    """Width and height with the longer one `side`, at least 1 each."""
    scale = side / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def resize(image: Tensor, side: int) -> Tensor:
    """[1, 3, h, w] -> its longer side `side`; channels last, which convolutions prefer."""
    width, height = fitted(image.shape[3], image.shape[2], side)
    scaled = F.interpolate(image, size=(height, width), mode="bicubic", align_corners=False, antialias=True)
    return scaled.clamp(0, 1).contiguous(memory_format=torch.channels_last)


def enlarge(image: Tensor, like: Tensor) -> Tensor:
    """The result of the last round at the size of the next."""
    return F.interpolate(image, size=like.shape[2:], mode="bicubic", align_corners=False).clamp(0, 1)
