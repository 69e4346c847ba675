"""What is covered cannot be seen any more, and all else is as it was."""

import numpy as np
import pytest

from dlcli.imaging.drawing.redact import CELLS, INK, redact_boxes, redact_mask

STYLES = ("blur", "pixelate", "box")
NOISE = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)
BOX = np.array([[20.4, 10.2, 80.5, 70.9]], np.float32)


@pytest.mark.parametrize("style", STYLES)
def test_what_lies_outside_is_untouched_and_the_input_too(style):
    before = NOISE.copy()
    covered = redact_boxes(NOISE, BOX, style, 0)
    outside = np.ones((90, 120), bool)
    outside[10:71, 20:81] = False  # whole pixels that the box touches
    np.testing.assert_array_equal(covered[outside], NOISE[outside])
    assert (covered[~outside] != NOISE[~outside]).any(1).mean() > 0.9
    np.testing.assert_array_equal(NOISE, before)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("side", [1, 2, 5, 6, 7, 60, 400])
def test_only_the_means_of_few_cells_decide_what_is_seen(style, side):
    """Any two images with equal means of cells give one and the same result: nothing finer can come through."""
    cells = 1 if side <= CELLS else CELLS
    edges = np.linspace(0, side, cells + 1)
    rng = np.random.default_rng(side)
    image = rng.integers(60, 196, (side, side, 3)).astype(np.uint8)
    other = image.copy()
    if side % cells == 0:  # cells are whole pixels: shuffle each one's
        step = side // cells
        for y in range(cells):
            for x in range(cells):
                part = other[y * step : (y + 1) * step, x * step : (x + 1) * step]
                part[:] = rng.permutation(part.reshape(-1, 3)).reshape(part.shape)
    whole = np.array([[0, 0, side, side]], np.float32)
    first, second = (redact_boxes(pixels, whole, style, 0) for pixels in (image, other))
    np.testing.assert_array_equal(first, second)
    if style == "pixelate":
        assert len(np.unique(first.reshape(-1, 3), axis=0)) <= cells * cells
    if style == "box":
        assert (first == INK).all()
    assert len(edges) == cells + 1


def test_padding_grows_a_box_by_its_longer_side():
    changed = (redact_boxes(NOISE, np.array([[50, 40, 70, 50]], np.float32), "box", 0.5) != NOISE).any(2)
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    assert (rows[0], rows[-1], columns[0], columns[-1]) == (30, 59, 40, 79)


def test_boxes_at_and_beyond_the_edge_and_none():
    edge = np.array([[-30, -30, 5, 5], [110, 80, 500, 500], [300, 300, 400, 400]], np.float32)
    covered = redact_boxes(NOISE, edge, "box", 0)
    assert (covered[:5, :5] == INK).all()
    assert (covered[80:, 110:] == INK).all()
    np.testing.assert_array_equal(redact_boxes(NOISE, np.zeros((0, 4), np.float32), "blur", 0.1), NOISE)


def test_a_region_is_covered_with_a_margin_and_what_lies_between_is_not():
    inside = np.zeros((90, 120), bool)
    inside[20:30, 20:40] = inside[60:80, 90:110] = True
    covered = redact_mask(NOISE, inside, "box", 0.1)
    changed = (covered != NOISE).any(2)
    assert (covered[inside] == INK).all()
    near = {(18, 30): True, (17, 30): False, (70, 88): True, (70, 87): False}
    assert {at: bool(changed[at]) for at in near} == near
    assert not changed[45].any()


def test_a_region_is_seen_through_few_cells_alone():
    inside = np.zeros((90, 120), bool)
    inside[20:80, 20:80] = True
    found = redact_mask(NOISE, inside, "pixelate", 0)
    assert len(np.unique(found[inside], axis=0)) <= CELLS * CELLS


def test_another_style_is_refused():
    with pytest.raises(ValueError, match="expected blur, pixelate or box, got 'swirl'"):
        redact_boxes(NOISE, BOX, "swirl", 0)
