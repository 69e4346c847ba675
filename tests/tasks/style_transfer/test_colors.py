"""Colors in NumPy against the same in torch, and what is laid over what."""

import cv2
import numpy as np
import pytest
import torch

from dlcli.style.color import recolor as recolor_torch
from dlcli.tasks.style_transfer.colors import Palette, keep_colors, lay_over, recolor, scaled
from tests.program import SAMPLES


def sample(name: str) -> np.ndarray:
    return cv2.cvtColor(cv2.imread(str(SAMPLES / f"{name}.jpg")), cv2.COLOR_BGR2RGB)[::2, ::2]


def tensor(pixels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255


@pytest.mark.parametrize(("content", "style"), [("cat", "starry-night"), ("rocket", "great-wave")])
def test_the_painter_sees_the_colors_that_it_was_trained_with(content, style):
    content, style = sample(content), sample(style)
    expected = recolor_torch(tensor(content), tensor(style))[0].permute(1, 2, 0).numpy() * 255
    assert np.abs(recolor(content, [(Palette.of(style), 1.0)]) - expected).max() <= 0.51


def test_palettes_are_mixed_in_their_shares():
    content = sample("coffee")
    ends = [Palette.of(sample("starry-night")), Palette.of(sample("great-wave"))]
    first, second = (recolor(content, [(palette, 1.0)]).astype(float) for palette in ends)
    mixed = recolor(content, [(ends[0], 0.3), (ends[1], 0.7)])
    assert np.abs(mixed - (0.3 * first + 0.7 * second)).max() <= 1.01


def test_a_gray_image_and_one_pixel_take_the_mean():
    palette = Palette.of(sample("great-wave"))
    for pixels in (np.full((5, 7, 3), 90, np.uint8), np.zeros((1, 1, 3), np.uint8)):
        assert np.abs(recolor(pixels, [(palette, 1.0)]) - palette.mean * 255).max() <= 1


@pytest.mark.parametrize(
    "style",
    [{}, {"mean": [0, 0, 0]}, {"mean": [0, 0], "covariance": np.eye(3).tolist()}, {"mean": 1, "covariance": 2}, 5],
)
def test_a_card_without_colors_is_refused(style):
    with pytest.raises(ValueError, match="expected"):
        Palette.from_card(style)


def test_kept_colors_have_the_lightness_of_the_painting():
    content, painted = sample("cat"), sample("coffee")[: sample("cat").shape[0], : sample("cat").shape[1]]
    content = content[: painted.shape[0], : painted.shape[1]]
    kept = cv2.cvtColor(keep_colors(painted, content), cv2.COLOR_RGB2YCrCb).astype(int)
    inside = ~((keep_colors(painted, content) % 255) == 0).any(2)  # what left the range of RGB was cut off
    assert np.abs(kept[:, :, 0] - cv2.cvtColor(painted, cv2.COLOR_RGB2YCrCb)[:, :, 0])[inside].max() <= 2
    assert np.abs(kept[:, :, 1:] - cv2.cvtColor(content, cv2.COLOR_RGB2YCrCb)[:, :, 1:])[inside].max() <= 2


def test_strength_is_a_straight_way():
    content, painted = np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 200, np.uint8)
    assert [int(lay_over(content, painted, s)[0, 0, 0]) for s in (0, 0.25, 0.5, 1)] == [0, 50, 100, 200]


def test_scaled():
    pixels = sample("cat")
    assert scaled(pixels, pixels.shape[1], pixels.shape[0]) is pixels
    assert scaled(pixels, 31, 7).shape == (7, 31, 3)
