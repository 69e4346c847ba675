"""Options as a chain: one order, the ranges of the steps, and the same text read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.errors import UsageError
from dlcli.imaging.steps.chain import format_steps, parse_steps
from dlcli.tasks.preprocess.chain import ORDER, chain_of, flags_given
from dlcli.tasks.preprocess.options import PreprocessOptions
from dlcli.tasks.preprocess.task import PreprocessTask

CHECK = PreprocessTask().check
CHAIN = PreprocessTask().chain


def test_one_fixed_order():
    every = PreprocessOptions(resize="640x480", sharpen=1.5, gamma=0.8, clahe=2.0, denoise=5.0, white_balance=True)
    assert format_steps(parse_steps(chain_of(every))) == (
        "white_balance | denoise(method=bilateral,strength=5) | clahe(clip=2,grid=8) | gamma(0.8) | "
        "sharpen(amount=1.5,radius=1) | resize(640,h=480)"
    )
    assert [step.name for step in parse_steps(chain_of(every))] == list(ORDER)
    assert flags_given(every) == ["--white-balance", "--denoise", "--clahe", "--gamma", "--sharpen", "--resize"]


@given(st.none() | st.floats(0.1, 100), st.none() | st.floats(0.05, 20), st.none() | st.floats(0, 10), st.booleans())
def test_values_arrive_as_given(clahe, gamma, sharpen, white_balance):
    options = PreprocessOptions(clahe=clahe, gamma=gamma, sharpen=sharpen, white_balance=white_balance)
    got = {step.name: dict(step.values) for step in parse_steps(chain_of(options))}
    assert got.get("clahe", {}).get("clip") == clahe
    assert got.get("gamma", {}).get("g") == gamma
    assert got.get("sharpen", {}).get("amount") == sharpen
    assert ("white_balance" in got) == white_balance


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"clahe": 1000.0}, "--clahe 1000: expected a number from 0.1 to 100"),
        ({"gamma": float("nan")}, "--gamma nan: expected a number from 0.05 to 20"),
        ({"sharpen": -1.0}, "--sharpen -1: expected"),
        ({"denoise": float("inf")}, "--denoise inf: expected"),
        ({"resize": "0"}, "--resize 0: expected the longer side"),
        ({"resize": "640x"}, "such as 640 or 640x480"),
        ({"resize": "9000x3"}, "from 1 to 8192"),
        ({"resize": "640 480"}, "--resize 640 480"),
    ],
)
def test_a_value_out_of_range_names_its_option(values, expected):
    with pytest.raises(UsageError, match=expected):
        chain_of(PreprocessOptions(**values))


def test_steps_by_option_and_by_pre_do_not_mix():
    with pytest.raises(UsageError, match=r"--gamma and --pre do not go.*--pre 'gray \| gamma\(g=0.5\)'"):
        CHAIN(PreprocessOptions(gamma=0.5), "gray")
    assert CHAIN(PreprocessOptions(gamma=0.5), None) == "gamma(g=0.5)"
    assert CHAIN(PreprocessOptions(), "gray") == "gray"
    assert CHAIN(PreprocessOptions(), "") == ""  # turned upright and written again
    assert CHAIN(PreprocessOptions(for_="coco"), None) is None  # the model's own
    assert CHAIN(PreprocessOptions(for_="coco"), "gray") == "gray"


def test_nothing_asked_for_is_refused_with_an_example():
    for nothing in (PreprocessOptions(), PreprocessOptions(preview=True)):
        with pytest.raises(UsageError, match="such as dlcli preprocess photos --clahe 2"):
            CHAIN(nothing, None)
    for something in ({"format": "keep"}, {"quality": 5}, {"metadata": "strip"}, {"check": True}):
        assert CHAIN(PreprocessOptions(**something), None) == ""


@pytest.mark.parametrize(
    "options",
    [
        {"check": True, "gamma": 2.0},
        {"check": True, "format": "png"},
        {"check": True, "for_": "coco"},
        {"check": True, "preview": True},
        {"duplicate_bits": 3},
        {"for_": "coco", "format": "png"},
        {"for_": "coco", "metadata": "strip"},
        {"format": "png", "quality": 50},
    ],
)
def test_options_that_contradict(options):
    with pytest.raises(UsageError):
        CHECK(PreprocessOptions(**options))


def test_check_goes_without_pre():
    with pytest.raises(UsageError, match="leave out --pre"):
        CHAIN(PreprocessOptions(check=True), "gray")
    CHECK(PreprocessOptions(check=True, duplicate_bits=0))
