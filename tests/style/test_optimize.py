"""The optimization: losses fall, the way is repeatable, options do what they say."""

from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from dlcli.errors import DlcliError
from dlcli.style.features import gram
from dlcli.style.losses import style_loss
from dlcli.style.optimize import Recipe, Style, Stylist, blend_colors, fitted, pyramid, resize
from tests.style.images import lite, sample

SMALL = Recipe(size=64, steps=12)
FEATURES = lite()


def paint(recipe: Recipe = SMALL, *names: str, watch=None):
    styles = [Style(sample(name, 96), 1 / len(names or "1")) for name in names or ("starry-night",)]
    return Stylist(FEATURES, styles, recipe).paint(sample("cat", 80), watch)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_the_weighted_loss_falls(optimizer):
    recipe = replace(SMALL, optimizer=optimizer)
    image, losses = paint(recipe)
    total = [
        recipe.content * c + recipe.style * s + recipe.variation * v
        for c, s, v in zip(losses.content, losses.style, losses.variation, strict=True)
    ]
    assert total[-1] < total[0] * 0.6
    assert image.shape == (1, 3, 42, 64)
    assert 0 <= image.min() <= image.max() <= 1


def test_what_is_told_is_what_was_reached():
    image, losses = paint()
    wanted = [gram(f) for f in FEATURES.of(resize(sample("starry-night", 96), 64))]
    with torch.no_grad():
        reached = style_loss(FEATURES.of(image), wanted).item()
    start = style_loss(FEATURES.of(resize(sample("cat", 80), 64)), wanted).item()
    assert losses.last()["style"] == losses.style[-1]
    assert reached < start / 4
    assert reached == pytest.approx(losses.last()["style"], rel=0.5)  # what left [0, 1] was cut off at the end


def test_the_same_seed_gives_the_same_image():
    recipe = replace(SMALL, init="noise", steps=6, seed=5)
    first, second = paint(recipe)[0], paint(recipe)[0]
    assert torch.equal(first, second)
    assert not torch.equal(first, paint(replace(recipe, seed=6))[0])


def test_each_start_is_another():
    starts = [paint(replace(SMALL, init=init, steps=2))[0] for init in ("content", "style", "noise")]
    assert all(not torch.allclose(a, b, atol=0.05) for a, b in pairwise(starts))


def test_each_weight_lowers_its_own_loss():
    base = paint()[1].last()
    for name, weight in (("content", 30.0), ("variation", 2000.0)):
        assert paint(replace(SMALL, **{name: weight}))[1].last()[name] < base[name] * 0.8
    assert paint(replace(SMALL, style=2.0))[1].last()["style"] > base["style"] * 1.2


def test_several_styles_pull_in_their_shares():
    def distance(share: float, name: str) -> float:
        styles = [Style(sample("starry-night", 96), share), Style(sample("great-wave", 96), 1 - share)]
        image, _ = Stylist(FEATURES, styles, SMALL).paint(sample("cat", 80))
        wanted = [gram(f) for f in FEATURES.of(resize(sample(name, 96), 64))]
        return style_loss(FEATURES.of(image), wanted).item()

    assert distance(0.9, "starry-night") < distance(0.1, "starry-night")
    assert distance(0.1, "great-wave") < distance(0.9, "great-wave")


def test_preserved_colors_stay_near_the_content():
    content = resize(sample("cat", 80), 64)
    kept, taken = paint(replace(SMALL, preserve_color=True))[0], paint()[0]
    means = [(image.mean((2, 3)) - content.mean((2, 3))).abs().max().item() for image in (kept, taken)]
    assert means[0] < 0.06 < means[1]


def test_style_features_are_computed_once():
    class Counting:
        style_layers, content_layers = FEATURES.style_layers, FEATURES.content_layers
        smallest, bytes_per_pixel = FEATURES.smallest, FEATURES.bytes_per_pixel
        calls = 0

        def of(self, image):
            self.calls += not torch.is_grad_enabled()
            return FEATURES.of(image)

    counting = Counting()
    stylist = Stylist(counting, [Style(sample("starry-night", 96))], replace(SMALL, steps=1))
    stylist.paint(sample("cat", 80))
    assert counting.calls == 2  # the style and the content
    stylist.paint(sample("coffee", 80))
    assert counting.calls == 3  # the content alone


def test_the_watch_sees_every_evaluation():
    seen = []
    _, losses = paint(replace(SMALL, size=256, steps=2), watch=lambda way, image: seen.append((len(way.style), image)))
    assert [number for number, _ in seen] == list(range(1, len(losses.style) + 1))
    assert {image.shape[3] for _, image in seen} == {128, 256}
    assert all(0 <= image.min() <= image.max() <= 1 for _, image in seen)


def test_weights_beyond_float32_are_refused():
    with pytest.raises(DlcliError, match="diverged"):
        paint(replace(SMALL, style=1e38))


@pytest.mark.parametrize(
    ("size", "sides"), [(64, (64,)), (255, (255,)), (256, (128, 256)), (512, (128, 256, 512)), (700, (175, 350, 700))]
)
def test_pyramid(size, sides):
    assert pyramid(size) == sides


def test_sizes_keep_the_proportions():
    assert fitted(600, 400, 512) == (512, 341)
    assert fitted(4000, 1, 512) == (512, 1)


def test_blended_colors_lie_between():
    content, first, second = sample("cat", 64), sample("starry-night", 64), sample("great-wave", 64)
    mixed = blend_colors(content, [Style(first, 0.25), Style(second, 0.75)])
    ends = [blend_colors(content, [Style(first)]), blend_colors(content, [Style(second)])]
    assert torch.allclose(mixed, 0.25 * ends[0] + 0.75 * ends[1], atol=1e-6)
