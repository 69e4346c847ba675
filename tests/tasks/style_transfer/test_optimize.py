"""The optimizer as a task sees it: memory, options, several workers."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

import dlcli.style.memory as memory
from dlcli.console import Console
from dlcli.errors import UsageError
from dlcli.tasks.style_transfer.optimize import load_optimizer, make_recipe, to_image, to_pixels
from dlcli.tasks.style_transfer.options import Init, Method, Optimizer, StyleOptions
from tests.program import CAT

OPTIONS = StyleOptions(style=["starry-night"], method=Method.OPTIMIZE, size=64, steps=2)


def cat() -> np.ndarray:
    return cv2.cvtColor(cv2.imread(str(CAT)), cv2.COLOR_BGR2RGB)


def test_a_size_that_would_not_fit_is_refused_with_the_largest_that_does(monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: 2 * 2**30)
    too_large = load_optimizer(replace(OPTIONS, size=4000), 1)
    with pytest.raises(UsageError, match=r"--size 4000: would take about .* GiB.*--size (\d+)$") as told:
        too_large.predict(cat(), None)
    largest = int(str(told.value).rsplit(" ", 1)[1])
    assert 512 < largest < 4000
    load_optimizer(replace(OPTIONS, size=largest), 1).check_size(cat())
    with pytest.raises(UsageError):
        load_optimizer(replace(OPTIONS, size=largest + 8), 1).check_size(cat())


def test_options_reach_the_recipe_and_the_rest_is_its_own():
    asked = replace(OPTIONS, style_weight=7.0, content_weight=0.0, optimizer=Optimizer.ADAM, init=Init.NOISE, seed=3)
    recipe = make_recipe(asked)
    assert (recipe.size, recipe.steps, recipe.style, recipe.content) == (64, 2, 7.0, 0.0)
    assert (recipe.optimizer, recipe.init, recipe.seed) == ("adam", "noise", 3)
    assert recipe.variation == make_recipe(OPTIONS).variation == type(recipe)().variation


def test_help_tells_the_recipes_own_defaults():
    recipe = make_recipe(StyleOptions(style=["starry-night"]))
    told = {name: StyleOptions.__annotations__[name].__metadata__[0].help for name in StyleOptions.__annotations__}
    assert f"default {recipe.steps}." in told["steps"]
    assert f"default {recipe.content:g}." in told["content_weight"]
    assert f"default {recipe.style:g}." in told["style_weight"]
    assert f"default {recipe.variation:g}." in told["variation_weight"]
    assert recipe.optimizer in told["optimizer"]
    assert recipe.init in told["init"]
    assert f"optimize {recipe.size}," in told["size"]


def test_the_bar_shows_the_three_losses():
    class Seen(Console):
        notes: list[tuple[int, int, str]] = []  # noqa: RUF012

        def progress(self, title, total=None):
            return self

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

        def at(self, done, total, note=""):
            self.notes.append((done, total, note))

    optimizer = load_optimizer(OPTIONS, 1)
    optimizer.console = Seen()
    optimizer.predict(cat(), None)
    done, total, note = Seen.notes[-1]
    assert done == total == 2
    assert [word for word in note.split() if word.isalpha()] == ["content", "style", "variation"]


def test_pixels_come_back_from_a_tensor_as_they_were():
    assert np.array_equal(to_pixels(to_image(cat())), cat())
