"""mixup and cutmix against loops over every pixel."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlcli.training.classify.mixing import Mixing, cutmix, mixup, random_box


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(0)
    return torch.rand(4, 3, 6, 8, generator=generator), torch.eye(4)


PARTNER = torch.tensor([2, 0, 3, 1])


def test_mixup_fades_images_and_targets_alike(batch):
    pixels, targets = batch
    mixed, wanted = mixup(pixels, targets, PARTNER, 0.3)
    for i, other in enumerate(PARTNER.tolist()):
        torch.testing.assert_close(mixed[i], 0.3 * pixels[i] + 0.7 * pixels[other])
        assert wanted[i].tolist() == pytest.approx([0.3 * (k == i) + 0.7 * (k == other) for k in range(4)])


@pytest.mark.parametrize("box", [(2, 1, 7, 5), (0, 0, 8, 6), (3, 3, 3, 6), (7, 5, 8, 6)])
def test_cutmix_mixes_targets_by_the_pixels_that_each_has(batch, box):
    pixels, targets = batch
    before = pixels.clone()
    mixed, wanted = cutmix(pixels, targets, PARTNER, box)
    for i, other in enumerate(PARTNER.tolist()):
        theirs = 0
        for y in range(6):
            for x in range(8):
                inside = box[0] <= x < box[2] and box[1] <= y < box[3]
                assert torch.equal(mixed[i, :, y, x], pixels[other if inside else i, :, y, x])
                theirs += inside
        assert wanted[i, other].item() == pytest.approx(theirs / 48)
        assert wanted[i, i].item() == pytest.approx(1 - theirs / 48)
    assert torch.equal(pixels, before)


@given(st.integers(0, 99), st.integers(1, 40), st.integers(1, 40), st.floats(0, 1))
def test_a_box_lies_in_the_image_and_is_no_larger_than_asked(seed, width, height, share):
    x1, y1, x2, y2 = random_box(np.random.default_rng(seed), width, height, share)
    assert 0 <= x1 <= x2 <= width
    assert 0 <= y1 <= y2 <= height
    side = np.sqrt(1 - share)
    assert x2 - x1 <= np.ceil(width * side) + 1
    assert y2 - y1 <= np.ceil(height * side) + 1


def test_a_box_has_the_area_asked_for_where_it_is_not_cut():
    areas = []
    for seed in range(300):
        x1, y1, x2, y2 = random_box(np.random.default_rng(seed), 200, 100, 0.75)
        if x1 > 0 and y1 > 0 and x2 < 200 and y2 < 100:
            areas.append((x2 - x1) * (y2 - y1) / 20_000)
    assert len(areas) > 50
    assert np.mean(areas) == pytest.approx(0.25, abs=0.005)


def kinds(mixing, pixels, targets):
    """Which way each of 60 batches was mixed: a faded image has new values, a cut one only old ones."""
    old = set(pixels.flatten().tolist())
    return {set(mixing(pixels, targets)[0].flatten().tolist()) <= old for _ in range(60)}


def test_both_are_used_where_both_are_asked_for(batch):
    torch.manual_seed(0)
    assert kinds(Mixing(0.4, 1.0), *batch) == {True, False}
    assert kinds(Mixing(cutmix=1.0), *batch) == {True}
    assert kinds(Mixing(mixup=0.4), *batch) == {False}


def test_rows_add_up_to_one_and_the_random_state_decides(batch):
    mixing = Mixing(0.2, 1.0)
    torch.manual_seed(5)
    state = torch.get_rng_state()
    first = mixing(*batch)
    torch.testing.assert_close(first[1].sum(1), torch.ones(4))
    torch.set_rng_state(state)
    again = mixing(*batch)
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])


def test_without_either_nothing_happens(batch):
    state = torch.get_rng_state()
    assert Mixing()(*batch) == batch
    assert torch.equal(torch.get_rng_state(), state)
