"""The Fréchet distance against the root of a matrix, and against what is known of numbers in one dimension."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from dlcli.metrics.frechet import frechet_distance


def by_root(one, other):
    """As the paper has it."""
    first, second = (np.cov(values, rowvar=False) for values in (one, other))
    root = sqrtm(first @ second).real
    return float(((one.mean(0) - other.mean(0)) ** 2).sum() + np.trace(first + second - 2 * root))


@pytest.mark.parametrize(("rows", "others", "columns"), [(60, 40, 5), (30, 30, 12), (200, 300, 3)])
def test_it_is_that_of_the_root_of_a_matrix(rows, others, columns):
    rng = np.random.default_rng(rows)
    one = rng.normal(size=(rows, columns)) @ rng.normal(size=(columns, columns))
    other = rng.normal(1, 2, size=(others, columns))
    assert frechet_distance(one, other) == pytest.approx(by_root(one, other), rel=1e-6)


def test_in_one_dimension_it_is_that_of_means_and_spreads():
    rng = np.random.default_rng(0)
    one, other = rng.normal(3, 2, (500, 1)), rng.normal(-1, 5, (400, 1))
    expected = (one.mean() - other.mean()) ** 2 + (one.std(ddof=1) - other.std(ddof=1)) ** 2
    assert frechet_distance(one, other) == pytest.approx(expected, rel=1e-9)


def test_more_columns_than_rows():
    """Padding with constant columns changes nothing; a set has no distance from itself."""
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(8, 3)), rng.normal(1, 2, size=(9, 3))
    wide = [np.hstack([values, np.full((len(values), 40), 7.0)]) for values in (one, other)]
    assert frechet_distance(*wide) == pytest.approx(by_root(one, other), rel=1e-6)
    assert frechet_distance(wide[0], wide[0]) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("shapes", [((1, 3), (4, 3)), ((4, 3), (4, 2)), ((4,), (4, 3))])
def test_what_has_none_is_refused(shapes):
    with pytest.raises(ValueError, match="expected two sets of rows of one length"):
        frechet_distance(*map(np.zeros, shapes))
