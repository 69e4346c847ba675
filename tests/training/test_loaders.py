"""The order of images: how often, in which order, and where a resumed run continues."""

import math
import multiprocessing
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import Dataset

from dlcli.errors import DataError
from dlcli.training.loaders import LabeledBatches, batches, epoch_draws, repeat_factors, steps_per_epoch
from dlcli.training.options import TrainingOptions

wishes = st.lists(st.floats(0.25, 4), min_size=1, max_size=40).map(np.array)


class Indices(Dataset):
    """Gives the draw's index, and fails at the index `bad`."""

    def __init__(self, bad=None):
        self.bad = bad

    def __getitem__(self, draw):
        if draw.index == self.bad:
            raise DataError(f"{draw.index}.png: gone")
        return torch.tensor([draw.index, draw.epoch, os.getpid()])


def draws_of(count, seed=0, epoch=0):
    return epoch_draws(np.ones(count), seed, epoch, 64, 0.0)


def indices(loader):
    return [batch[:, 0].tolist() for batch in loader]


@settings(deadline=None)
@given(wishes, st.integers(0, 5), st.integers(0, 5))
def test_an_epoch_has_as_many_draws_as_images(repeats, seed, epoch):
    draws = epoch_draws(repeats, seed, epoch, 64, 0.5)
    assert len(draws) == len(repeats)
    assert {(d.epoch, d.size, d.mosaic) for d in draws} == {(epoch, 64, 0.5)}
    assert draws == epoch_draws(repeats, seed, epoch, 64, 0.5)


@settings(deadline=None)
@given(wishes, st.integers(0, 5))
def test_each_image_comes_the_floor_or_ceiling_of_its_wish(repeats, seed):
    wanted = repeats * len(repeats) / repeats.sum()
    drawn = Counter(draw.index for draw in epoch_draws(repeats, seed, 0, 64, 0.0))
    for i, wish in enumerate(wanted):
        assert math.floor(wish - 1e-9) <= drawn[i] <= math.ceil(wish + 1e-9)


def test_equal_wishes_draw_each_image_once_in_another_order_each_epoch():
    orders = [[d.index for d in draws_of(50, seed, epoch)] for seed, epoch in ((0, 0), (0, 1), (1, 0))]
    assert all(sorted(order) == list(range(50)) for order in orders)
    assert orders[0] != orders[1]
    assert orders[0] != orders[2]


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(1, 12))
def test_batches_are_whole_and_as_many_as_steps(count, batch):
    found = indices(batches(Indices(), draws_of(count), batch, workers=0))
    assert len(found) == steps_per_epoch(count, batch)
    assert {len(rows) for rows in found} == {min(count, batch)}
    flat = [i for rows in found for i in rows]
    assert flat == [d.index for d in draws_of(count)][: len(flat)]


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(1, 12), st.data())
def test_a_resumed_epoch_is_the_rest_of_it(count, batch, data):
    done = data.draw(st.integers(0, steps_per_epoch(count, batch)))
    whole = indices(batches(Indices(), draws_of(count), batch, workers=0))
    assert indices(batches(Indices(), draws_of(count), batch, workers=0, done=done)) == whole[done:]


def test_fewer_images_than_a_batch_are_one_batch():
    assert indices(batches(Indices(), draws_of(3), 16, workers=0)) == [[d.index for d in draws_of(3)]]
    assert steps_per_epoch(3, 16) == 1


def test_workers_change_nothing_but_the_process():
    by_workers = [list(batches(Indices(), draws_of(9), 2, workers)) for workers in (0, 2)]
    assert [rows[:, :2].tolist() for rows in by_workers[0]] == [rows[:, :2].tolist() for rows in by_workers[1]]
    assert int(by_workers[0][0][0, 2]) == os.getpid() != int(by_workers[1][0][0, 2])


def test_a_loader_leaves_torchs_random_numbers_alone():
    before = torch.get_rng_state()
    list(batches(Indices(), draws_of(4), 2, workers=0))
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("workers", [0, 1])
def test_an_image_that_is_gone_is_named_in_plain_words(workers):
    with pytest.raises(DataError) as caught:
        list(batches(Indices(bad=2), draws_of(4), 2, workers))
    assert str(caught.value) == "2.png: gone"
    assert multiprocessing.active_children() == []  # although a traceback still names what they worked for


def test_rare_classes_ask_for_more():
    """Class 2 is in 1 of 8 images; at a wanted share of 1/2 it asks for sqrt(4)."""
    data = ids([[0], [0], [0], [0], [0, 1], [0, 1], [1], [1, 2]])
    assert repeat_factors(data, 3, 0.5).tolist() == [1, 1, 1, 1, 1, 1, 1, 2]
    assert repeat_factors(data, 3, 0.0).tolist() == [1] * 8


def test_empty_images_ask_for_nothing():
    assert repeat_factors(ids([[0], [], []]), 1, 1.0).tolist() == [3**0.5, 1, 1]


def ids(classes):
    return [np.array(own, np.int64) for own in classes]


def labeled(**more):
    options = TrainingOptions(data=Path("set"), out=Path("run"), epochs=8, batch=2, size=128, workers=0, **more)
    return LabeledBatches(options, Indices(), np.ones(5), mosaic=0.5)


def test_the_input_may_be_small_in_the_first_half_and_mosaics_end_before_the_last_quarter():
    draws = [labeled(start_size=64).draws(epoch)[0] for epoch in range(8)]
    assert [draw.size for draw in draws] == [64] * 4 + [128] * 4
    assert [draw.mosaic for draw in draws] == [0.5] * 6 + [0.0] * 2
    assert {labeled().draws(epoch)[0].size for epoch in range(8)} == {128}


def test_labeled_batches_are_those_of_their_draws():
    ours = labeled(seed=3)
    assert (ours.steps, ours.size) == (2, 2)
    whole = indices(ours(1, 0))
    assert whole == indices(batches(Indices(), epoch_draws(np.ones(5), 3, 1, 128), 2, 0))
    assert indices(ours(1, 1)) == whole[1:]
