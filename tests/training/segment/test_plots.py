"""Which images are shown."""

import pytest

from dlcli.training.segment.plots import evenly


@pytest.mark.parametrize(
    ("count", "shown"), [(1, [0]), (4, [0, 1, 2, 3]), (6, [0, 1, 2, 3, 4, 5]), (101, [0, 20, 40, 60, 80, 100])]
)
def test_images_are_shown_from_the_first_to_the_last(count, shown):
    assert evenly(count, 6) == shown
