"""to_tensor against the formula, element by element."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlcli.runtime.tensor import to_tensor

STATISTICS = st.tuples(*[st.floats(0, 255, width=32)] * 3), st.tuples(*[st.floats(0.125, 255, width=32)] * 3)


@given(arrays(np.uint8, st.tuples(st.integers(1, 5), st.integers(1, 5), st.just(3))), *STATISTICS)
def test_the_formula(pixels: np.ndarray, mean: tuple[float, ...], std: tuple[float, ...]):
    expected = ((pixels.astype(np.float32) - np.float32(mean)) / np.float32(std)).transpose(2, 0, 1)[None]
    tensor = to_tensor(pixels, mean, std)
    assert np.array_equal(tensor, expected)
    assert tensor.dtype == np.float32
    assert tensor.flags.c_contiguous


def test_views_are_taken_as_they_are():
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    for view in (pixels[::2, ::-1], pixels[..., ::-1], pixels.transpose(1, 0, 2)):
        assert np.array_equal(to_tensor(view, (0, 0, 0), (1, 1, 1))[0], view.transpose(2, 0, 1))


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 1), (4, 4, 4), (1, 4, 4, 3)])
def test_refuses_other_shapes(shape: tuple[int, ...]):
    with pytest.raises(ValueError, match=r"pixels: expected uint8 \[H, W, 3\], got uint8"):
        to_tensor(np.zeros(shape, np.uint8), (0, 0, 0), (1, 1, 1))


def test_refuses_other_types():
    with pytest.raises(ValueError, match="got uint16"):
        to_tensor(np.zeros((4, 4, 3), np.uint16), (0, 0, 0), (1, 1, 1))
