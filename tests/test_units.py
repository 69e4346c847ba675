"""Sizes in words, against arithmetic by hand and back again."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.errors import UsageError
from dlcli.units import clock, duration, parse_size, show_score, show_share, show_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("500000000", 500_000_000),
        ("800MB", 800_000_000),
        ("1GiB", 2**30),
        ("1.5 GB", 1_500_000_000),
        ("  2g ", 2_000_000_000),
        ("0.5KiB", 512),
        (".5M", 500_000),
        ("3 b", 3),
        ("1Ti", 2**40),
        ("1.9B", 1),
        ("0.1GiB", 107_374_182),
    ],
)
def test_sizes_in_words(text: str, size: int):
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text",
    ["", " ", "0", "0MB", "0.5", "0.9b", "-1", "-1GB", "nan", "inf", "1e9", "12 apples", "GB", "1,5GB", "1.GB", "1 iB",
     "1i", "1PB", "1 G B", "1GBB", "0x10", "٣MB", "1²", "1" * 30, "9" * 20 + "T", "1\n2"],
)  # fmt: skip
def test_what_is_no_size_is_refused(text: str):
    with pytest.raises(UsageError, match=rf"--max-memory {re.escape(text)}: expected a size such as 800MB"):
        parse_size(text)


@given(st.integers(1, 10**6), st.sampled_from("kKmMgGtT"), st.booleans(), st.sampled_from(["", "b", "B"]))
def test_whole_sizes(number: int, unit: str, binary: bool, byte: str):
    power = "KMGT".index(unit.upper()) + 1
    assert parse_size(f"{number}{unit}{'i' * binary}{byte}") == number * (1024 if binary else 1000) ** power


@given(st.text(max_size=12))
def test_any_text_is_a_size_or_a_usage_error(text: str):
    with suppress(UsageError):
        assert parse_size(text) > 0


@given(st.integers(1, 10**14))
def test_shown_sizes_read_back_to_two_digits(size: int):
    shown = show_size(size)
    assert parse_size(shown.replace(" bytes", "")) == pytest.approx(size, rel=0.051 if size >= 1000 else 0)


@pytest.mark.parametrize(
    ("seconds", "on_a_bar", "in_a_sentence"),
    [
        (0, "0:00", "0.0 s"),
        (0.84, "0:01", "0.8 s"),
        (9.96, "0:10", "10 s"),
        (59.7, "1:00", "1 min 0 s"),
        (200, "3:20", "3 min 20 s"),
        (3599.6, "1:00:00", "1 h 0 min"),
        (3723, "1:02:03", "1 h 2 min"),
    ],
)
def test_times(seconds: float, on_a_bar: str, in_a_sentence: str):
    assert (clock(seconds), duration(seconds)) == (on_a_bar, in_a_sentence)


def test_scores_and_shares_as_people_read_them():
    assert [show_score(value) for value in (1, 0.9397, 0.004)] == ["1.00", "0.94", "<0.01"]
    assert [show_share(value) for value in (1, 0.314, 0.0099, 0.0042, 0.0001, 0)] == [
        *("100%", "31%", "1.0%", "0.4%", "<0.1%", "0%")
    ]
