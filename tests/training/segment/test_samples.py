"""Samples of a segmenter: shapes, repeatability, files that go away."""

import numpy as np
import pytest
import torch

from dlcli.data.formats import read_dataset
from dlcli.data.kinds import MASKS
from dlcli.errors import DataError
from dlcli.training.loaders import Draw
from dlcli.training.segment.samples import MaskSamples
from tests.training.mask_sets import write_mask_squares


@pytest.fixture
def data(tmp_path):
    return read_dataset(MASKS, write_mask_squares(tmp_path / "set"), "train")


def test_the_bright_square_is_where_the_mask_says(data):
    samples = MaskSamples(data, seed=1)
    for index in range(len(samples)):
        pixels, mask = samples[Draw(index, 0, 96)]
        assert pixels.shape == (3, 96, 96)
        assert mask.shape == (96, 96)
        assert pixels.dtype == mask.dtype == torch.uint8
        bright = pixels.float().mean(0).numpy()
        assert (mask == 1).any()
        assert bright[mask.numpy() == 1].mean() > bright[mask.numpy() == 0].mean() + 60


def test_a_sample_depends_on_seed_epoch_and_index_alone(data):
    draw = Draw(2, 3, 64)
    one, other = MaskSamples(data, 5)[draw], MaskSamples(data, 5)[draw]
    assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))
    assert not torch.equal(one[0], MaskSamples(data, 5)[Draw(2, 4, 64)][0])
    assert not torch.equal(one[0], MaskSamples(data, 6)[draw][0])


def test_what_went_away_is_named(data):
    samples = MaskSamples(data, 0)
    assert np.array_equal(samples.read(0).mask.shape, (64, 64))
    data.items[1].annotation.unlink()
    with pytest.raises(DataError, match=r"001\.png: no such file; it was readable when the training began"):
        samples[Draw(1, 0, 64)]
