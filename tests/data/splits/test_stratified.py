"""Every class has its share in every part, and groups stay whole."""

import numpy as np
import pytest

from dlcli.data.splits.stratified import stratified_parts


@pytest.mark.parametrize("shares", [(0.7, 0.15, 0.15), (0.2,) * 5])
def test_shares_of_every_class(shares):
    rng = np.random.default_rng(0)
    classes = [tuple(np.flatnonzero(rng.random(6) < (0.5, 0.3, 0.2, 0.1, 0.05, 0.02))) for _ in range(1500)]
    part = stratified_parts(classes, np.arange(1500), shares, seed=3)
    for number, share in enumerate(shares):
        mine = [ids for ids, own in zip(classes, part, strict=True) if own == number]
        assert abs(len(mine) - share * 1500) <= 15
        for class_id in range(6):
            wanted = share * sum(class_id in ids for ids in classes)
            assert abs(sum(class_id in ids for ids in mine) - wanted) <= max(2.0, 0.1 * wanted)


def test_a_class_of_three_reaches_three_parts():
    classes = [(1,) if number in (4, 50, 90) else (0,) for number in range(99)]
    part = stratified_parts(classes, range(99), (0.6, 0.2, 0.2), seed=0)
    assert sorted(part[[4, 50, 90]]) in ([0, 0, 1], [0, 0, 2], [0, 1, 2])
    folds = stratified_parts(classes, range(99), (1, 1, 1), seed=0)
    assert sorted(folds[[4, 50, 90]]) == [0, 1, 2]


def test_groups_stay_whole_and_seeds_differ():
    groups = np.repeat(np.arange(20), 5)
    classes = [(int(group) % 2,) for group in groups]
    first, same, other = (stratified_parts(classes, groups, (1, 1), seed) for seed in (1, 1, 2))
    assert all(len(set(first[groups == group])) == 1 for group in range(20))
    assert np.bincount(first).tolist() == [50, 50]
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


def test_images_without_a_class_are_dealt_out_too():
    part = stratified_parts([()] * 10, range(10), (0.8, 0.2), seed=0)
    assert np.bincount(part).tolist() == [8, 2]
    assert len(stratified_parts([], [], (1, 1), seed=0)) == 0
