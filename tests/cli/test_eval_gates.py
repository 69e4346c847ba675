"""`dlcli eval` as a gate of a pipeline: floors, drops since a baseline, intervals, exit codes."""

import json
import shutil

import pytest

from tests.evaluation.test_masks import write_set
from tests.program import SAMPLES, dlcli, loaded_modules
from tests.tasks.segment.colors import write_color_model

BOXES = {"cat": (1, [4, 0, 407, 300]), "astronaut": (2, [60, 20, 300, 480]), "coffee": (1, [10, 10, 90, 80])}


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    """A cat, an astronaut, and a cup labeled as a cat; the baseline lies beside."""
    place = tmp_path_factory.mktemp("sets") / "zoo"
    (place / "images").mkdir(parents=True)
    (place / "annotations").mkdir()
    images, entries = [], []
    for number, (name, (category, box)) in enumerate(BOXES.items(), 1):
        shutil.copy(SAMPLES / f"{name}.jpg", place / "images")
        images.append({"id": number, "file_name": f"{name}.jpg"})
        entries.append({"id": number, "image_id": number, "category_id": category, "bbox": box, "iscrowd": 0})
    categories = [{"id": 1, "name": "cat"}, {"id": 2, "name": "person"}]
    content = {"images": images, "annotations": entries, "categories": categories}
    (place / "annotations" / "instances_val.json").write_text(json.dumps(content))
    ran = dlcli("eval", "detect", place, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert not {"intervals", "differences", "gates"} & json.loads(ran.out).keys()
    (place.parent / "prev.json").write_text(ran.out)
    return place


@pytest.fixture(scope="module")
def baseline(zoo):
    return zoo.parent / "prev.json"


def changed_baseline(baseline, path, **changes):
    path.write_text(json.dumps(json.loads(baseline.read_text()) | changes))
    return path


def test_a_baseline_of_itself_shows_no_difference(zoo, baseline):
    words = ("eval", "detect", zoo, "--baseline", baseline, "--max-drop", "map50=0", "--max-drop", "ap50[cat]=0")
    ran = dlcli(*words, "--json")
    assert ran.code == 0
    told = json.loads(ran.out)
    before = json.loads(baseline.read_text())
    assert {name: told[name] for name in before} == before
    differences = told["differences"]
    assert (differences["baseline"], differences["model"]) == (str(baseline), before["model"])
    assert set(differences["means"].values()) == {0}
    assert len(differences["classes"]) == 80
    assert {v for c in differences["classes"] for k, v in c.items() if k != "label"} == {0, None}
    intervals = told["intervals"]
    assert (intervals["level"], intervals["resamples"], intervals["seed"]) == (0.95, 200, 0)
    low, high = intervals["means"]["map50"]
    assert low <= told["map50"] <= high
    assert [(gate["condition"], gate["broken"]) for gate in told["gates"]] == [
        ("map50=0", False),
        ("ap50[cat]=0", False),
    ]
    assert ran.err.splitlines()[1].startswith(
        f"pass  --max-drop 'ap50[cat]=0': ap50[cat] is {before['classes'][15]['ap50']}, as before (95 %: "
    )
    assert dlcli(*words, "--json").out == ran.out
    assert dlcli(*words, "--quiet").err == ""


def test_a_broken_floor(zoo):
    words = ("eval", "detect", zoo, "--min", "map50=0.1", "--min", "ap50[person]=1", "--min", "ap50[dog]=0.1")
    ran = dlcli(*words, "--bootstrap", 50)
    assert ran.code == 1
    holds, *broken = ran.err.splitlines()
    assert holds.startswith("pass  --min 'map50=0.1': map50 is ")
    assert broken[-1] == "FAIL  --min 'ap50[dog]=0.1': ap50[dog] has no value on these images"
    assert ran.lines[0].split() == ["AP50", "now", "95", "%", "of", "now"]
    assert any(line.startswith("mAP50 (COCO, 101 points)  ") and " to " in line for line in ran.lines)
    reported = dlcli(*words, "--bootstrap", 0, "--exit-zero", "--json", "--quiet")
    assert reported.code == 0
    told = json.loads(reported.out)
    assert "intervals" not in told
    assert [gate["broken"] for gate in told["gates"]][0::2] == [False, True]
    assert "holds" not in reported.err
    assert "FAIL  --min 'ap50[dog]=0.1'" in reported.err


def test_a_worse_score_than_before(zoo, baseline, tmp_path):
    drop = round(0.9 - json.loads(baseline.read_text())["map50"], 6)
    better = changed_baseline(baseline, tmp_path / "better.json", map50=0.9, model="other@sha256:1")
    ran = dlcli("eval", "detect", zoo, "--baseline", better, "--max-drop", "map50=0.01")
    assert ran.code == 1
    assert f"FAIL  --max-drop 'map50=0.01': map50 fell by {drop:g}, from 0.9 to " in ran.err
    assert ran.lines[0].split()[:4] == ["AP50", "before", "now", "difference"]
    assert f"  -{drop:.4f}  " in next(line for line in ran.lines if line.startswith("mAP50 (COCO, 101"))
    assert ran.lines[-2] == f"before: other@sha256:1, from {better}"


def test_two_models(tmp_path):
    """A finer and a coarser segmenter; the metrics of the report are those of two runs."""
    place = write_set(tmp_path / "set")
    fine = write_color_model(tmp_path / "fine.onnx", 128)
    coarse = write_color_model(tmp_path / "coarse.onnx", 32)
    words = ("eval", "segment", place, "--split", "all", "--json", "--model")
    (tmp_path / "prev.json").write_text(dlcli(*words, fine).out)
    before = json.loads((tmp_path / "prev.json").read_text())
    gates = ("--max-drop", "miou=0.001", "--max-drop", "iou[blue]=1", "--min", "mdice=0.1")
    ran = dlcli(*words, coarse, "--baseline", tmp_path / "prev.json", *gates)
    assert ran.code == 1
    told = json.loads(ran.out)
    assert told["differences"]["means"]["miou"] == round(told["miou"] - before["miou"], 6) < -0.001
    for new, old, less in zip(told["classes"], before["classes"], told["differences"]["classes"], strict=True):
        assert less["iou"] == round(new["iou"] - old["iou"], 6)
    assert [(gate["condition"], gate["broken"]) for gate in told["gates"]] == [
        ("mdice=0.1", False),
        ("miou=0.001", True),
        ("iou[blue]=1", False),
    ]
    refused = dlcli(*words, coarse, "--baseline", tmp_path / "prev.json", "--tile")
    assert refused.code == 2
    assert "tile was not set and is true" in refused.err
    (place / "images" / "0.png").unlink()
    (place / "masks" / "0.png").unlink()
    other = dlcli(*words, coarse, "--baseline", tmp_path / "prev.json")
    assert (other.code, other.out) == (5, "")
    assert "images: 3 then, 2 now" in other.err


def test_classifiers_too(tmp_path):
    for label, name in (("espresso", "coffee"), ("missile", "rocket"), ("espresso", "astronaut")):
        (tmp_path / "set" / label).mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLES / f"{name}.jpg", tmp_path / "set" / label)
    words = ("eval", "classify", tmp_path / "set", "--split", "all")
    ran = dlcli(*words, "--min", "top1=0.6", "--min", "accuracy[espresso]=0.6", "--json")
    assert ran.code == 1
    told = json.loads(ran.out)
    assert [gate["broken"] for gate in told["gates"]] == [False, True]
    assert "FAIL  --min 'accuracy[espresso]=0.6': accuracy[espresso] is 0.5 (95 %: 0.0000 to 1.0000)" in ran.err
    (tmp_path / "prev.json").write_text(ran.out)
    table = dlcli(*words, "--baseline", tmp_path / "prev.json", "--max-drop", "map=0.5")
    assert table.code == 0
    assert table.lines[0].split()[:4] == ["AP", "before", "now", "difference"]
    assert any(line.startswith("top-1 among the set's classes") for line in table.lines)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--min", "map5=0.5"], 2, "known: map50, map50_95"),
        (["--min", "map50=nan"], 2, "expected a number from 0 to 1"),
        (["--min", "map50=0.5", "--max-drop", "map50=2"], 2, "for 2 % write 0.02"),
        (["--max-drop", "map50=0.1"], 2, "--baseline FILE"),
        (["--baseline", "gone.json"], 2, "--baseline gone.json: no such file"),
        (
            ["--baseline", "{prev}", "--conf", "0.5", "--split", "test"],
            2,
            'split was "val" and is "test"; conf was 0.001',
        ),
        (["--baseline", "{prev}", "--max-drop", "ap50[dog]=1"], 5, "has no value for ap50[dog]"),
    ],
)
def test_refused_before_anything_heavy_is_loaded(zoo, baseline, words, code, told):
    words = [word.replace("{prev}", str(baseline)) for word in words]
    assert loaded_modules("eval", "detect", zoo, *words) == (code, set())
    ran = dlcli("eval", "detect", zoo, *words)
    assert (ran.code, ran.out) == (code, "")
    assert told in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_baseline_of_another_task(zoo, baseline):
    ran = dlcli("eval", "segment", zoo, "--baseline", baseline)
    assert ran.code == 2
    assert "is of dlcli.eval.detect/1, expected dlcli.eval.segment/1" in ran.err


def test_an_unknown_class_is_refused_before_an_image_is_looked_at(zoo):
    ran = dlcli("eval", "detect", zoo, "--min", "ap50[dgo]=0.5", "--split", "nowhere")
    assert (ran.code, ran.out) == (2, "")
    assert "the model has no class 'dgo'; it knows: person, " in ran.err
