"""Which files are taken as a baseline, and against what they are held."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.data.kind_names import BOXES, MASKS
from dlcli.errors import DataError, DlcliError, UsageError
from dlcli.evaluation.baseline import check_images, check_metrics, check_settings, read_baseline
from dlcli.evaluation.gates import MAX_DROP, MIN, parse_score_gates
from dlcli.evaluation.metric_names import differences, metric_names_of
from tests.hostile.records.mutations import mutated

DETECT = metric_names_of("detect", BOXES)
SEGMENT = metric_names_of("segment", MASKS)

ENTRY = {"truths": 4, "found": 9, "ap50": 0.5, "ap50_95": 0, "ap50_voc": 1, "ap50_voc11": None}
REPORT = {
    "schema": "dlcli.eval.detect/1",
    "model": "coco@sha256:0",
    "data": "/builds/sets/zoo",
    "split": "val",
    "images": 3,
    "conf": 0.01,
    **dict.fromkeys(DETECT.means, 0.5),
    "classes": [{"label": "cat", **ENTRY}, {"label": "dog", **ENTRY, "truths": 0, "ap50": None}],
}
WANTED = {"data": "zoo", "split": "val", "conf": 0.01, "tile": None}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "prev.json"
    path.write_text(json.dumps(REPORT) + "\n")
    return path


def test_its_own(file):
    report = read_baseline(file, DETECT)
    assert report == REPORT
    check_settings(file, report, WANTED)
    check_images(file, report, REPORT, DETECT)
    check_metrics(file, report, parse_score_gates(MAX_DROP, ["map50=0", "ap50[cat]=0"], DETECT))
    check_metrics(file, report, parse_score_gates(MIN, ["ap50[dog]=0"], DETECT))


def without(name):
    return {key: value for key, value in REPORT.items() if key != name}


def with_class(**changes):
    return REPORT | {"classes": [REPORT["classes"][0] | changes]}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xff\xfe", "other bytes"),
        (b"map50: 0.5", "expected one line of JSON"),
        (b"[" * 100_000, "expected one line of JSON"),
        (json.dumps(REPORT).encode() * 2, "Extra data"),
        (json.dumps(REPORT | {"map50": float("nan")}).encode(), "NaN is not JSON"),
        ([], "says no schema dlcli.eval.detect/1"),
        ("dlcli.eval.detect/1", "says no schema"),
        (without("schema"), "says no schema"),
        (REPORT | {"schema": 1}, "says no schema"),
        (without("classes"), "no list of classes"),
        (REPORT | {"classes": [1]}, "no list of classes"),
        (with_class(label=None), "a class has no label"),
        (without("model"), "names no model"),
        (without("map50"), "null as map50, got not set"),
        (REPORT | {"map50": 1.5}, "from 0 to 1 or null as map50, got 1.5"),
        (REPORT | {"map50": True}, "got true"),
        (REPORT | {"map50": "0.5"}, 'got "0.5"'),
        (with_class(ap50_voc=[0.5]), "ap50_voc of cat, got [0.5]"),
        (with_class(truths=-1), "expected a count as truths, got -1"),
        (without("images"), "expected a count as images, got not set"),
    ],
)
def test_unusable_files(file, content, told):
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    with pytest.raises(DataError) as caught:
        read_baseline(file, DETECT)
    assert str(caught.value).startswith(f"{file}: ")
    assert told in str(caught.value)
    assert "write it by `dlcli eval detect DATA --json > FILE`" in str(caught.value)


def test_no_file(tmp_path):
    with pytest.raises(DataError, match=r"cannot be read: "):
        read_baseline(tmp_path, DETECT)
    with pytest.raises(UsageError, match=r"--baseline .*gone\.json: no such file; write it by"):
        read_baseline(tmp_path / "gone.json", DETECT)


def test_another_task(file):
    with pytest.raises(UsageError, match=r"is of dlcli\.eval\.detect/1, expected dlcli\.eval\.segment/1"):
        read_baseline(file, SEGMENT)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"data": "other/zoo2"}, 'data was "/builds/sets/zoo" and is "other/zoo2"'),
        ({"split": "test"}, 'split was "val" and is "test"'),
        ({"conf": 0.25}, "conf was 0.01 and is 0.25"),
        ({"tile": True}, "tile was not set and is true"),
    ],
)
def test_another_way_of_measuring(file, change, told):
    with pytest.raises(UsageError) as caught:
        check_settings(file, REPORT, WANTED | change)
    assert told in str(caught.value)
    with pytest.raises(UsageError, match="tile was true and is not set"):
        check_settings(file, REPORT | {"tile": True}, WANTED)


def test_a_set_may_lie_elsewhere(file, monkeypatch, tmp_path):
    check_settings(file, REPORT, WANTED | {"data": "./a/../zoo/"})
    (tmp_path / "zoo").mkdir()
    monkeypatch.chdir(tmp_path / "zoo")
    check_settings(file, REPORT, WANTED | {"data": "."})


def test_other_images_or_labels(file):
    now = REPORT | {"images": 2, "classes": [{"label": "cat", "truths": 3}, {"label": "cow", "truths": 0}]}
    with pytest.raises(DataError) as caught:
        check_images(file, REPORT, now, DETECT)
    assert "(images: 3 then, 2 now; truths of cat: 4 then, 3 now); measure the baseline again" in str(caught.value)
    many = REPORT | {"classes": [{"label": str(i), "truths": 1} for i in range(9)]}
    with pytest.raises(DataError, match="and 5 more"):
        check_images(file, REPORT, many, DETECT)


def test_a_figure_without_a_value(file):
    for text in ("ap50[dog]=0.1", "ap50[cow]=0.1", "ap50_voc11[cat]=1"):
        with pytest.raises(DataError, match=r"has no value for ap50"):
            check_metrics(file, REPORT, parse_score_gates(MAX_DROP, [text], DETECT))


@given(st.randoms(use_true_random=False))
def test_whatever_somebody_has_changed_is_a_sentence_or_no_matter(tmp_path_factory, rng):
    path = tmp_path_factory.getbasetemp() / "changed.json"
    path.write_text(json.dumps(mutated(REPORT, rng)))
    with suppress(DlcliError):
        report = read_baseline(path, DETECT)
        check_settings(path, report, WANTED)
        check_metrics(path, report, parse_score_gates(MAX_DROP, ["map50=0", "ap50[cat]=0"], DETECT))
        check_images(path, report, REPORT, DETECT)
        json.dumps(differences(REPORT, report, DETECT), allow_nan=False)


@pytest.mark.parametrize("name", ["conf", "split", "tile"])
def test_a_setting_nested_as_deep_as_json_can_be(tmp_path, name):
    deep = "[" * 900 + "]" * 900
    (tmp_path / "deep.json").write_text(json.dumps(REPORT | {name: "DEEP"}).replace('"DEEP"', deep))
    with pytest.raises(DlcliError, match=r"cannot be compared|lists within lists|expected one line"):
        check_settings(tmp_path, read_baseline(tmp_path / "deep.json", DETECT), WANTED)


def test_a_class_twice(tmp_path):
    (tmp_path / "two.json").write_text(json.dumps(REPORT | {"classes": [REPORT["classes"][0]] * 2}))
    with pytest.raises(DataError, match="it has the class cat twice"):
        read_baseline(tmp_path / "two.json", DETECT)
