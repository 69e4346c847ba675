"""The --pre grammar: what is understood, what is refused and how, and what the steps do."""

import inspect
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dlcli.errors import UsageError
from dlcli.imaging import geometry
from dlcli.imaging.steps import enhance
from dlcli.imaging.steps.chain import Step, apply_steps, format_steps, parse_steps
from dlcli.imaging.steps.table import FORMS
from tests.imaging.images import gradient


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("clahe(clip=2,grid=8) | gamma(0.8)", "clahe(clip=2,grid=8) | gamma(0.8)"),
        ("clahe", "clahe(clip=2,grid=8)"),
        (" CLAHE ( 3 ) ", "clahe(clip=3,grid=8)"),
        ("clahe(grid=4)", "clahe(clip=2,grid=4)"),
        ("gray|equalize|white-balance()", "gray | equalize | white_balance"),
        ("denoise(nlmeans,strength=3)", "denoise(method=nlmeans,strength=3)"),
        ("resize(640)|letterbox(320,200)", "resize(640) | letterbox(320,h=200,fill=114)"),
        ("gamma(8e-1)", "gamma(0.8)"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_understood(text, canonical):
    assert format_steps(parse_steps(text)) == canonical


@pytest.mark.parametrize(
    ("text", "words", "fault"),
    [
        ("clhae(2)", ["clhae", "did you mean clahe?", "white_balance"], "clhae"),
        ("gray | blur", ["unknown step 'blur'", "clahe"], "blur"),
        ("clahe(clip=900)", ["clahe", "clip", "from 0.1 to 100", "'900'", "write clahe(clip=2, grid=8)"], "900"),
        ("clahe(clp=2)", ["clahe has no argument 'clp'", "did you mean clip?"], "clp"),
        ("clahe(grid=8.5)", ["grid must be a whole number from 1 to 64"], "8.5"),
        ("gamma", ["gamma needs g", "from 0.05 to 20", "write gamma(g)"], "gamma"),
        ("gamma(nan)", ["g must be a number"], "nan"),
        ("gamma(-1)", ["not '-1'"], "-1"),
        ("gamma(1e999)", ["from 0.05 to 20"], "1e999"),
        ("gamma(1,2)", ["gamma takes at most 1 argument;"], "2"),
        ("gray(1)", ["gray takes no arguments"], "1"),
        ("denoise(nlmeens)", ["bilateral or nlmeans", "did you mean nlmeans?"], "nlmeens"),
        ("clahe(clip=1,clip=2)", ["clip is given twice"], "clip"),
        ("clahe(clip=1,2)", ["cannot follow a named one"], "2"),
        ("gamma(1) gamma(2)", ["expected |"], "gamma"),
        ("gray || gray", ["expected a step"], "|"),
        ("gray | ", ["expected a step"], ""),
        ("gamma(0.8", ["expected , or )"], ""),
        ("resize(99999999999999999999)", ["from 1 to 8192"], "99999999999999999999"),
    ],
)
def test_refused_with_the_valid_form_and_a_caret(text, words, fault):
    with pytest.raises(UsageError) as caught:
        parse_steps(text)
    reason, shown, carets = str(caught.value).split("\n")
    assert all(word in reason for word in words), reason
    assert shown == f"  {text}"
    assert carets.count("^") == max(1, len(fault))
    column = carets.index("^")
    assert shown[column : column + len(fault)] == fault


words = st.sampled_from(
    ["clahe", "gamma", "gray", "resize", "clip", "g", "(", ")", ",", "=", "|", " ", "2", "0.8", "1e9"]
)


@given(st.text(max_size=60) | st.lists(words, max_size=12).map("".join))
@example("gamma(١)")  # a digit to Python's int, not to us
@example("gamma(1" + "0" * 5000 + ")")  # longer than int() takes
@example("日本" * 200)
@example("a\nb\x1b[31m")
def test_any_text_is_understood_or_refused_in_three_lines(text):
    steps, refusal = understand(text)
    if refusal:
        assert len(refusal.split("\n")) == 3
        assert "\x1b" not in refusal
    else:
        assert parse_steps(format_steps(steps)) == steps


def understand(text):
    try:
        return parse_steps(text), None
    except UsageError as error:
        return (), str(error)


def values_of(argument):
    if argument.choices:
        value = st.sampled_from(argument.choices)
    elif argument.kind is int:
        value = st.integers(int(argument.low), int(argument.high))
    else:
        value = st.floats(argument.low, argument.high)
    return value | st.none() if argument.optional else value


def step_of(form):
    pairs = st.tuples(*[st.tuples(st.just(a.name), values_of(a)) for a in form.arguments])
    return pairs.map(lambda found: Step(form.name, tuple((n, v) for n, v in found if v is not None)))


@given(st.lists(st.one_of([step_of(form) for form in FORMS]), max_size=4))
def test_printed_chain_reads_back_as_itself(steps):
    assert parse_steps(format_steps(steps)) == tuple(steps)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_table_and_functions_agree(form):
    """Each row has its function, with the same argument names and the same defaults."""
    if form.name == "letterbox":  # takes (w, h) as one size
        return
    function = getattr(enhance if form.keeps_geometry else geometry, form.name)
    parameters = list(inspect.signature(function).parameters.values())[1:]
    assert [p.name for p in parameters] == [a.name for a in form.arguments]
    assert all(a.default == p.default for a, p in zip(form.arguments, parameters, strict=True) if a.default is not None)


def test_steps_are_done_in_order():
    pixels = gradient()
    out, placement = apply_steps(pixels, parse_steps("gamma(0.5)|gray"))
    np.testing.assert_array_equal(out, enhance.gray(enhance.gamma(pixels, 0.5)))
    assert placement is None


def test_no_steps_change_nothing():
    pixels = gradient()
    out, placement = apply_steps(pixels, ())
    assert out is pixels
    assert placement is None


def test_boxes_come_back_through_a_whole_chain():
    pixels = gradient(80, 40)
    out, placement = apply_steps(pixels, parse_steps("resize(40) | gamma(0.9) | letterbox(64) | resize(32,16)"))
    assert out.shape == (16, 32, 3)
    box = np.array([[10, 5, 70, 35]], np.float32)
    np.testing.assert_allclose(placement.to_source(placement.to_placed(box)), box, atol=1e-4)
    placed = placement.to_placed(np.array([[0, 0, 80, 40]]))
    np.testing.assert_allclose(placed, [[0, 4, 32, 12]], atol=1e-4)


def test_depth_is_kept_up_to_the_first_step_that_cannot():
    deep = gradient(dtype=np.uint16)
    assert (
        apply_steps(deep, parse_steps("clahe|gamma(0.8)|sharpen|white_balance|gray|resize(20)"))[0].dtype == np.uint16
    )
    assert apply_steps(deep, parse_steps("gamma(0.8)|equalize"))[0].dtype == np.uint8


def test_what_a_step_keeps():
    kept = {step.name: (step.keeps_geometry, step.keeps_16_bit) for step in parse_steps("clahe|equalize|resize(3)")}
    assert kept == {"clahe": (True, True), "equalize": (True, False), "resize": (False, True)}


def test_parsing_loads_no_image_library():
    code = (
        "import sys\nfrom dlcli.imaging.steps.chain import parse_steps\nparse_steps('clahe|resize(3)')\n"
        "try: parse_steps('clhae')\nexcept Exception: pass\n"
        "print([m for m in ('numpy', 'cv2', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
