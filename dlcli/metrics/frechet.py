"""The Fréchet distance of two sets of features, each taken for a normal distribution (FID, arXiv:1706.08500)."""

import numpy as np


def frechet_distance(one: np.ndarray, other: np.ndarray) -> float:
    """|m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)); features float [N, D] and [M, D], two rows or more of each.

    With S = A^T A of centered features A, divided by the root of N - 1, the last trace is the sum of the singular
    values of A1 A2^T: exact also where D is above N, and no root of a matrix is taken. It depends on N: compare what
    was measured on as many.
    ValueError: too few rows, or other columns.
    """
    if one.ndim != 2 or other.ndim != 2 or one.shape[1] != other.shape[1] or min(len(one), len(other)) < 2:
        raise ValueError(f"expected two sets of rows of one length, got {list(one.shape)} and {list(other.shape)}")
    first, second = centered(one), centered(other)
    apart = float(np.square(one.mean(0, dtype=np.float64) - other.mean(0, dtype=np.float64)).sum())
    cross = np.linalg.svd(first @ second.T, compute_uv=False).sum()
    return max(0.0, apart + float(np.square(first).sum() + np.square(second).sum() - 2 * cross))


def centered(features: np.ndarray) -> np.ndarray:
    """float64 [N, D], whose product with itself is the covariance."""
    values = features.astype(np.float64)
    return (values - values.mean(0)) / np.sqrt(len(values) - 1)
