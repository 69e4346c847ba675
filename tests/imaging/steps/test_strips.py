"""Denoising in strips gives the pixels of denoising at once, and can be ended in between."""

import cv2
import numpy as np
import pytest

from dlcli.errors import ImageError
from dlcli.imaging.steps import enhance
from dlcli.imaging.steps.strips import in_strips
from dlcli.runtime import deadline

SHAPES = [(700, 400, 3), (65, 5000, 3), (129, 4097, 3), (4100, 63, 3)]


def noise(shape: tuple[int, ...]) -> np.ndarray:
    random = np.random.default_rng(sum(shape))
    ramp = np.linspace(0, 200, shape[0])[:, None, None] + np.zeros(shape)
    return np.clip(ramp + random.normal(0, 25, shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("method", ["bilateral", "nlmeans"])
def test_strips_equal_the_whole(method: str, shape: tuple[int, ...]) -> None:
    pixels = noise(shape)
    whole = (
        cv2.bilateralFilter(pixels, 9, 20.0, 3.0)
        if method == "bilateral"
        else cv2.fastNlMeansDenoisingColored(pixels, None, 10.0, 10.0, 7, 21)
    )
    with deadline.time_limit(3600, "x.png"):
        assert np.array_equal(enhance.denoise(pixels, method), whole)


def test_it_ends_between_two_strips() -> None:
    calls = []

    def slow(strip: np.ndarray) -> np.ndarray:
        calls.append(len(strip))
        clock.began -= 10  # as if it had taken ten seconds
        return strip

    with deadline.time_limit(15, "x.png"):
        clock = deadline.current()
        assert clock is not None
        with pytest.raises(ImageError, match=r"x.png: took longer than the 15 s.*in the steps of --pre; stopped"):
            in_strips(np.zeros((1000, 2048, 3), np.uint8), 4, slow)
    assert len(calls) == 2
