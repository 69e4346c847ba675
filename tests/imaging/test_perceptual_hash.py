"""Hashes against a slow cosine transform, and grouping against a plain search."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.imaging.depth import to_16_bit
from dlcli.imaging.perceptual_hash import Lookalikes, distance, perceptual_hash
from dlcli.imaging.reader import read_image
from tests.imaging.images import SAMPLES, gradient, source

NAMES = ("cat", "coffee", "rocket", "astronaut", "great-wave", "starry-night")
IMAGES = {name: read_image(source(SAMPLES / f"{name}.jpg")).pixels for name in NAMES}


def slow_hash(pixels: np.ndarray) -> int:
    """The sums of the transform as they stand in a textbook."""
    gray = cv2.cvtColor(cv2.resize(pixels, (32, 32), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY).astype(float)
    wave = [[math.cos(math.pi * (2 * i + 1) * k / 64) for i in range(32)] for k in range(8)]
    low = [
        sum(gray[y, x] * wave[v][y] * wave[u][x] for y in range(32) for x in range(32))
        for v in range(8)
        for u in range(8)
    ]
    scaled = [value * (0.5**0.5 if k % 8 == 0 else 1) * (0.5**0.5 if k // 8 == 0 else 1) for k, value in enumerate(low)]
    scaled[0] = 0.0
    middle = float(np.median(scaled[1:]))
    return int("".join("1" if value > middle else "0" for value in scaled), 2)


@pytest.mark.parametrize("name", NAMES)
def test_against_the_textbook(name):
    assert distance(perceptual_hash(IMAGES[name]), slow_hash(IMAGES[name])) <= 2  # the median's own bit may round


def test_depth_and_size_hardly_matter_and_content_does():
    hashes = {name: perceptual_hash(pixels) for name, pixels in IMAGES.items()}
    for name, pixels in IMAGES.items():
        assert perceptual_hash(to_16_bit(pixels)) == hashes[name]
        half = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        assert distance(perceptual_hash(half), hashes[name]) <= 4
        assert all(distance(hashes[name], other) > 16 for key, other in hashes.items() if key != name)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (3, 2), (700, 5)])
def test_any_size(size):
    assert 0 <= perceptual_hash(gradient(*size)) < 1 << 64
    assert perceptual_hash(np.full((*size, 3), 77, np.uint8)) == 0


@given(st.lists(st.integers(0, (1 << 64) - 1) | st.integers(0, 300), max_size=40), st.integers(-1, 12))
def test_grouping_is_the_plain_search(values, limit):
    lookalikes, firsts = Lookalikes(limit), []
    for i, value in enumerate(values):
        near = [(distance(value, other), k) for k, (_, other) in enumerate(firsts) if distance(value, other) <= limit]
        got = lookalikes.place(str(i), value)
        if near:
            apart, k = min(near)
            assert got == (firsts[k][0], apart)
        else:
            assert got is None
            firsts.append((str(i), value))


def test_more_groups_than_room_at_first():
    lookalikes = Lookalikes(0)
    assert all(lookalikes.place(str(i), i) is None for i in range(3000))
    assert lookalikes.place("again", 2999) == ("2999", 0)
