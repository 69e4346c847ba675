"""Conditions on scores: their words, and when they break."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.data.kind_names import BOXES, CLASSES, MASKS
from dlcli.errors import UsageError
from dlcli.evaluation.gates import MAX_DROP, MIN, check_labels, judge, parse_score_gates
from dlcli.evaluation.metric_names import differences, metric_names_of, value_of

DETECT = metric_names_of("detect", BOXES)
SEGMENT = metric_names_of("segment", MASKS)
CLASSIFY = metric_names_of("classify", CLASSES)

ENTRY = {"ap50": 0.5, "ap50_95": 0.25, "ap50_voc": 0.5, "ap50_voc11": None}
NOW = {
    "map50": 0.67,
    "map50_95": 0.4,
    "map50_voc": None,
    "map50_voc11": 0.6,
    "classes": [{"label": "dog", **ENTRY}, {"label": "a=b [c]", **ENTRY}],
}


def parsed(text, option=MIN, metrics=DETECT):
    (gate,) = parse_score_gates(option, [text], metrics)
    return gate


def came_of(text, option=MIN, now=NOW, before=None, interval=None):
    return judge(parsed(text, option), now, before, interval)


@pytest.mark.parametrize(
    ("text", "metrics", "name", "label", "limit"),
    [
        ("map50=0.55", DETECT, "map50", None, 0.55),
        (" map50_95 = 1 ", DETECT, "map50_95", None, 1),
        ("ap50[dog]=.5", DETECT, "ap50", "dog", 0.5),
        ("ap50[a=b [c]]=5e-1", DETECT, "ap50", "a=b [c]", 0.5),
        ("miou=0", SEGMENT, "miou", None, 0),
        ("iou[background]=0.9", SEGMENT, "iou", "background", 0.9),
        ("top5_among=0.9", CLASSIFY, "top5_among", None, 0.9),
        ("accuracy[crane (bird)]=0.25", CLASSIFY, "accuracy", "crane (bird)", 0.25),
    ],
)
def test_words(text, metrics, name, label, limit):
    gate = parsed(text, metrics=metrics)
    assert (gate.metric, gate.label, gate.limit) == (name, label, limit)
    assert value_of(NOW, "ap50", "a=b [c]") == 0.5


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "expected NAME=VALUE, such as map50=0.55"),
        ("map50", "expected NAME=VALUE"),
        ("=0.5", "expected NAME=VALUE"),
        ("ap50[]=0.5", "expected NAME=VALUE"),
        ("ap50[dog=0.5", "expected NAME=VALUE"),
        ("miou=0.5", "`eval detect` measures no 'miou'; known: map50, map50_95, map50_voc, map50_voc11, ap50[CLASS]"),
        ("ap50=0.5", "write ap50[CLASS]"),
        ("map50_95[dog]=0.5", "of one class there is ap50_95[dog]"),
        ("map50=", "expected a number from 0 to 1 after =, got ''"),
        ("map50=nan", "got 'nan'"),
        ("map50=inf", "got 'inf'"),
        ("map50=0_1", "got '0_1'"),
        ("map50=٠", "got '٠'"),
        ("map50=1e999", "expected a number from 0 to 1, got 1e999"),
        ("map50=-0.1", "expected a number from 0 to 1, got -0.1"),
        ("map50=55", "for 55 % write 0.55"),
        ("map50>0.5", "expected NAME=VALUE"),
        ("map50>=0.5", "measures no 'map50>'"),
    ],
)
def test_bad_words(text, told):
    for option in (MIN, MAX_DROP):
        with pytest.raises(UsageError) as caught:
            parsed(text, option)
        assert str(caught.value).startswith(f"{option} '{text}': ")
        assert told in str(caught.value)


@given(st.text(alphabet="map5_0[]=.-+einf \n\0dog", max_size=14) | st.text(max_size=10))
def test_any_text_is_a_gate_or_refused(text):
    try:
        gate = parsed(text)
    except UsageError:
        return
    assert math.isfinite(gate.limit)
    assert 0 <= gate.limit <= 1
    assert gate.metric in (DETECT.of_a_class if gate.label else DETECT.means)
    assert float(text.rpartition("=")[2]) == gate.limit


def test_a_class_that_the_model_lacks():
    gates = [parsed("ap50[dog]=0.5"), parsed("ap50[dgo]=0.5")]
    check_labels(gates, ["dgo", "dog"])
    with pytest.raises(UsageError, match=r"'ap50\[dgo\]=0.5': the model has no class 'dgo'; it knows: cat, dog$"):
        check_labels(gates, ["cat", "dog"])
    with pytest.raises(UsageError, match="and 970 more"):
        check_labels(gates, [str(i) for i in range(1000)])


@pytest.mark.parametrize(
    ("text", "broken", "reason"),
    [
        ("map50=0.67", False, "map50 is 0.67"),
        ("map50=0.670001", True, "map50 is 0.67"),
        ("ap50[dog]=0.6", True, "ap50[dog] is 0.5"),
        ("map50_voc=0", True, "map50_voc has no value on these images"),
        ("ap50_voc11[dog]=0", True, "ap50_voc11[dog] has no value on these images"),
        ("ap50[cat]=0", True, "ap50[cat] has no value on these images"),
    ],
)
def test_floors(text, broken, reason):
    outcome = came_of(text)
    assert (outcome.broken, outcome.reason) == (broken, reason)
    assert outcome.sentence() == f"{'FAIL' if broken else 'pass'}  --min '{text}': {reason}"


@pytest.mark.parametrize(
    ("before", "text", "broken", "reason"),
    [
        (0.68, "map50=0.01", False, "map50 fell by 0.01, from 0.68 to 0.67"),
        (0.680001, "map50=0.01", True, "map50 fell by 0.010001, from 0.680001 to 0.67"),
        (0.67, "map50=0", False, "map50 is 0.67, as before"),
        (0.5, "map50=0", False, "map50 rose by 0.17, from 0.5 to 0.67"),
    ],
)
def test_drops(before, text, broken, reason):
    outcome = came_of(text, MAX_DROP, before=NOW | {"map50": before})
    assert (outcome.broken, outcome.reason) == (broken, reason)


def test_a_drop_to_nothing_breaks_and_one_from_nothing_is_no_question():
    assert came_of("map50_voc=1", MAX_DROP, before=NOW | {"map50_voc": 0.5}).broken
    with pytest.raises(ValueError, match="no value before"):
        came_of("map50=1", MAX_DROP, before=NOW | {"map50": None})


def test_the_interval_is_told_and_decides_nothing():
    outcome = came_of("map50=0.66", interval=[0.6, 0.7])
    assert not outcome.broken
    assert outcome.reason == "map50 is 0.67 (95 %: 0.6000 to 0.7000)"


def test_differences():
    before = {**NOW, "map50": 0.7, "classes": [{"label": "cat", **ENTRY}, {"label": "dog", **ENTRY, "ap50": 0.6}]}
    found = differences(NOW, before, DETECT)
    assert found["means"] == {"map50": -0.03, "map50_95": 0, "map50_voc": None, "map50_voc11": 0}
    assert [(entry["label"], entry["ap50"]) for entry in found["classes"]] == [
        ("dog", -0.1),
        ("a=b [c]", None),
        ("cat", None),
    ]
    assert found["classes"][0]["ap50_voc11"] is None
