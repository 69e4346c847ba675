"""A task that does not tell its memory: its first images are alone and measured, the others follow from them."""

from dataclasses import replace

import numpy as np
import pytest

from dlcli.batch.memory.budget import LIMIT
from dlcli.batch.memory.limit import MemoryLimit
from dlcli.batch.memory.measured import MARGIN, ONCE, Measured
from dlcli.errors import ImageError
from dlcli.imaging.formats.header import read_header
from dlcli.records import Source
from dlcli.tasks.contract import Task
from dlcli.tasks.memory import UNKNOWN
from tests.program import CAT


class Other(Task):
    name = "other"


def share(limit: MemoryLimit) -> int:
    return limit.share(Source.of_file(CAT), read_header(CAT.read_bytes()), CAT.stat().st_size)


def limit_of(total: int, measured: Measured) -> MemoryLimit:
    return MemoryLimit(total, 0, Other(), None, (), (), measured=measured)  # type: ignore[arg-type]


def test_an_image_is_alone_until_one_of_its_size_was_measured():
    measured = Measured()
    limit = limit_of(10**12, measured)
    assert share(limit) == LIMIT
    measured.add(10**6, 0)
    assert share(limit) < LIMIT
    assert not measured.covers(5 * 10**6)


def test_what_was_measured_counts_for_the_next_and_is_refused_where_there_is_too_little():
    measured = Measured()
    measured.add(10**6, ONCE + 1000 * 10**6)
    assert measured.each == MARGIN * 1000
    with pytest.raises(ImageError, match="most of it to predict, more than --max-memory 100 MB"):
        share(limit_of(10**8, measured))
    measured.add(10**6, 0)  # one that took less
    assert measured.each == MARGIN * 1000


def test_the_growth_of_the_program_is_seen():
    measured = Measured()
    with measured.watching(10**6):
        taken = np.ones(64 << 20, np.uint8)
        del taken
    expected = MARGIN * ((64 << 20) - ONCE) / 10**6
    assert measured.each in (UNKNOWN, pytest.approx(expected, rel=0.3))  # the first where the system does not tell
    with measured.watching(10**6):
        np.ones(256 << 20, np.uint8)
    assert measured.each <= 2 * expected  # is covered, and not measured again


def test_a_task_that_tells_is_not_measured():
    limit = replace(limit_of(10**12, Measured()), measured=None)
    assert share(limit) < LIMIT
