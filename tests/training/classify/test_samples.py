"""Samples of a classifier: the same whoever makes them, and without changes what the predictor sees."""

import numpy as np
import pytest
import torch

from dlcli.card import ModelCard
from dlcli.data import kinds
from dlcli.data.formats import read_dataset
from dlcli.errors import DataError
from dlcli.imaging.model_input import placed_for
from dlcli.training.classify.samples import Changes, ClassSamples, random_crop
from dlcli.training.loaders import Draw, batches, epoch_draws
from tests.training.class_sets import CLASSES, colored, write_class_folders

CARD = ModelCard("tiny", "classify", CLASSES, (32, 32), (127.0,) * 3, (128.0,) * 3, max_stretch=1.5)
PLAIN, USUAL = Changes(zoom=1.0, flip=False, color=False), Changes()


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return read_dataset(kinds.CLASSES, write_class_folders(tmp_path_factory.mktemp("colors"), train=2), "train")


def samples(data, seed=0, changes=USUAL):
    return ClassSamples(data, CARD, seed, changes)


def test_a_sample_has_pixels_and_a_target(data):
    pixels, target = samples(data)[Draw(3, 0, 64)]
    assert (pixels.shape, pixels.dtype) == ((3, 64, 64), torch.uint8)
    assert data.items[3].path.parent.name == "green"
    assert target.tolist() == [0, 1, 0]


def test_without_changes_it_is_what_the_predictor_sees(data):
    pixels, _ = samples(data, changes=PLAIN)[Draw(4, 7, 32)]
    expected, _ = placed_for(CARD, samples(data).read(4))
    np.testing.assert_array_equal(pixels.permute(1, 2, 0), expected)


def test_a_sample_depends_on_seed_epoch_and_index_alone(data):
    draw, busy = Draw(2, 5, 32), samples(data)
    busy[Draw(4, 1, 32)]
    first = samples(data)[draw][0]
    assert torch.equal(first, busy[draw][0])
    for other in (samples(data, seed=1)[draw], samples(data)[Draw(2, 6, 32)]):
        assert not torch.equal(first, other[0])


def test_the_number_of_workers_changes_nothing(data):
    draws = epoch_draws(np.ones(6), 0, 3, 32)
    alone, shared = (list(batches(samples(data), draws, 2, workers)) for workers in (0, 2))
    assert len(alone) == 3
    assert all(torch.equal(x, y) for a, b in zip(alone, shared, strict=True) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize(("changes", "mirrored"), [(PLAIN, 0), (Changes(1.0, True, False), 1)])
def test_only_with_flip_is_an_image_mirrored(data, changes, mirrored):
    plain = samples(data, changes=PLAIN)[Draw(0, 0, 32)][0]
    seen = [samples(data, changes=changes)[Draw(0, epoch, 32)][0] for epoch in range(12)]
    assert any(torch.equal(pixels, plain) for pixels in seen)
    assert any(torch.equal(pixels, plain.flip(2)) for pixels in seen) == bool(mirrored)


def test_a_crop_is_a_part_of_the_image():
    rows, columns = np.mgrid[0:100, 0:100].astype(np.uint8)
    ramp = np.stack([columns, rows, np.full_like(rows, 200)], 2)
    shares = []
    for seed in range(40):
        crop = random_crop(np.random.default_rng(seed), CARD, ramp, 64, 0.5).astype(int)
        assert crop.shape == (64, 64, 3)
        across, down = (np.ptp(crop[..., axis]) / 99 for axis in (0, 1))
        assert min(across, down) >= 0.5 / (4 / 3) ** 0.5 - 0.03
        assert across / down == pytest.approx(1, abs=0.37)
        assert (np.diff(crop[..., 0], axis=1) >= 0).all()
        shares.append(across)
    assert max(shares) > 0.9
    assert min(shares) < 0.6


def test_what_the_predictor_pads_may_be_in_a_crop():
    wide = colored(("red",), 0, (120, 20))
    crop = random_crop(np.random.default_rng(0), CARD, wide, 32, 0.9)
    assert (crop == CARD.fill).all(2).mean() > 0.4


def test_an_image_that_vanished_is_named(tmp_path):
    data = read_dataset(kinds.CLASSES, write_class_folders(tmp_path, train=1), "train")
    data.items[1].path.unlink()
    with pytest.raises(DataError, match=r"green/00\.png.*readable when the training began"):
        samples(data)[Draw(1, 0, 32)]
