"""`dlcli diff` on records of the real commands: what was changed by hand is found, and nothing else."""

import json
import re

import pytest

from dlcli.ops.masks import mask_of_counts, rle_counts, rle_to_string, text_to_counts
from tests.program import CAT, SAMPLES, dlcli, loaded_modules

IMAGES = sorted(SAMPLES.glob("*.jpg"))


def records_of(command, *arguments):
    ran = dlcli(command, *arguments, "--json")
    assert ran.code in (0, 3), ran.err
    return [json.loads(line) for line in ran.lines]


def write(path, records):
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))
    return path


def of_image(records, name):
    return next(record for record in records if record["source"].endswith(name))


@pytest.fixture(scope="module")
def detected():
    return records_of("detect", "--conf", "0.01", *IMAGES, SAMPLES / "shapes" / "images", SAMPLES / "broken")


@pytest.fixture(scope="module")
def segmented():
    return records_of("segment", *IMAGES)


@pytest.fixture(scope="module")
def classified():
    return records_of("classify", *IMAGES)


@pytest.fixture
def files(tmp_path):
    """Writes two lists of records; the paths."""
    return lambda a, b: (write(tmp_path / "a.jsonl", a), write(tmp_path / "b.jsonl", b))


def copied(records):
    return json.loads(json.dumps(records))


def test_a_moved_box_a_lost_box_a_new_label_and_nothing_else(detected, files):
    edited = copied(detected)
    moved, lost, renamed = (of_image(edited, name) for name in ("cat.jpg", "astronaut.jpg", "shapes/images/01.png"))
    box = moved["detections"][0]["box"]
    moved["detections"][0]["box"] = [round(box[0] + 3, 2), box[1], round(box[2] + 3, 2), box[3]]
    gone = lost["detections"].pop(0)
    old = renamed["detections"][0]["label"]
    renamed["detections"][0] |= {"label": "horse", "class_id": 17}
    a, b = files(detected, edited)

    ran = dlcli("diff", a, b, "--iou", "0.9", "--tol", "1e-3", "--json")
    assert ran.code == 1
    found = json.loads(ran.out)
    told = sorted((change["source"], change["kind"]) for change in found["changes"])
    expected = (moved["source"], "moved"), (lost["source"], "lost"), (renamed["source"], "relabeled")
    assert told == sorted(expected)
    by_kind = {change["kind"]: change for change in found["changes"]}
    assert by_kind["moved"]["pixels"] == 3
    assert by_kind["lost"]["a"] == gone
    assert [by_kind["relabeled"][side]["label"] for side in "ab"] == [old, "horse"]
    assert found["images"] == {"a": 55, "b": 55, "compared": 55, "same": 52}
    assert found["drift"] == {"score": 0, "pixels": 3, "iou": None}

    people = dlcli("diff", a, b)
    assert people.code == 1
    assert sorted(line.split(": ")[:2] for line in people.lines) == [list(pair) for pair in sorted(expected)]
    words = r"55 images compared: 52 the same, 1 box moved \(3\.0 px, IoU 0\.9\d\), 1 box relabeled"
    assert re.match(words, people.err.splitlines()[-1])
    back = json.loads(dlcli("diff", b, a, "--json").out)
    assert sorted(change["kind"] for change in back["changes"]) == ["moved", "new", "relabeled"]


def test_the_same_run_twice_is_the_same(detected, files):
    a, _ = files(detected, [])
    ran = dlcli("diff", a, a)
    assert (ran.code, ran.out, ran.err) == (0, "", "55 images compared: all the same; nothing drifted\n")


def test_another_setting_is_found_and_another_model_told(detected, files):
    strict = records_of("detect", *IMAGES, SAMPLES / "shapes" / "images", SAMPLES / "broken", "--conf", "0.6")
    found = json.loads(dlcli("diff", *files(detected, strict), "--json").out)
    below = [d for r in detected if r["ok"] for d in r["detections"] if d["score"] < 0.6]
    assert found["counts"]["box"] == {"moved": 0, "drifted": 0, "relabeled": 0, "lost": len(below), "new": 0}
    assert len(below) == len(found["changes"]) > 5
    renamed = [record | ({"model": "mine@sha256:1"} if record["ok"] else {}) for record in detected]
    ran = dlcli("diff", *files(detected, renamed))
    assert ran.code == 0
    assert "model: coco@sha256:" in ran.err


def test_a_broken_image_that_was_mended_is_a_change(detected, files):
    mended = copied(detected)
    number = next(i for i, record in enumerate(mended) if not record["ok"])
    mended[number] = of_image(detected, "cat.jpg") | {"source": mended[number]["source"]}
    ran = dlcli("diff", *files(detected, mended))
    assert ran.code == 1
    [line] = ran.lines
    kind = detected[number]["error"]["kind"]
    assert line.startswith(f"{mended[number]['source']}: recovered: {kind} in ")


def test_segments(segmented, files):
    edited = copied(segmented)
    person = of_image(edited, "astronaut.jpg")["classes"]
    cat = of_image(edited, "cat.jpg")
    rle = person[0]["rle"]
    height, width = rle["size"]
    mask = mask_of_counts(text_to_counts(rle["counts"]), height, width).copy()
    share = mask.mean()
    mask[: height // 2] = False
    rle["counts"] = rle_to_string(rle_counts(mask))
    person[0]["share"] = round(float(mask.mean()), 4)
    lost = cat["classes"].pop(0)
    found = json.loads(dlcli("diff", *files(segmented, edited), "--json").out)
    told = [(change["source"], change["kind"], change["label"]) for change in found["changes"]]
    astronaut = of_image(edited, "astronaut.jpg")["source"]
    assert told == [
        (astronaut, "reshaped", "person"),
        (astronaut, "drifted", "person"),
        (cat["source"], "lost", lost["label"]),
    ]
    assert found["changes"][0]["iou"] == pytest.approx(mask.mean() / share)


def test_classes(classified, files):
    edited = copied(classified)
    classes = of_image(edited, "coffee.jpg")["classes"]
    classes[0], classes[1] = classes[1] | {"score": classes[0]["score"]}, classes[0] | {"score": classes[1]["score"]}
    of_image(edited, "cat.jpg")["classes"][4]["score"] += 0.0009
    a, b = files(classified, edited)
    found = json.loads(dlcli("diff", a, b, "--json").out)
    assert [change["kind"] for change in found["changes"]] == ["relabeled", "drifted", "drifted"]
    assert {change["source"] for change in found["changes"]} == {of_image(edited, "coffee.jpg")["source"]}
    assert dlcli("diff", a, b, "--tol", "0.99").lines == [dlcli("diff", a, b).lines[0]]


def test_records_of_two_commands_are_no_pair(detected, classified, files):
    ran = dlcli("diff", *files(detected, classified))
    assert (ran.code, ran.out) == (2, "")
    assert "a.jsonl has detect and" in ran.err


def test_one_side_through_standard_input(detected, files):
    edited = copied(detected)
    of_image(edited, "cat.jpg")["detections"].clear()
    a, b = files(detected, edited)
    from_file, piped = dlcli("diff", a, b), dlcli("diff", a, "-", stdin=b.read_bytes())
    assert (piped.code, piped.out) == (from_file.code, from_file.out)
    assert dlcli("diff", "-", "-").code == 2
    only = dlcli("diff", "-", b, stdin=a.read_bytes().splitlines(keepends=True)[0] + a.read_bytes())
    assert only.code == 5
    assert only.err.startswith("dlcli: standard input: line 2: ")


def test_exit_zero_and_quiet(detected, files):
    edited = copied(detected)
    of_image(edited, "cat.jpg")["detections"].clear()
    ran = dlcli("diff", *files(detected, edited), "--exit-zero", "--quiet")
    assert (ran.code, ran.err, ran.out) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--tol", "nan"], 2, "--tol"),
        (["--tol", "inf"], 2, "expected a finite number"),
        (["--iou", "0"], 2, "--iou"),
        (["--pixels", "-1"], 2, "--pixels"),
    ],
)
def test_wrong_limits(arguments, code, said):
    ran = dlcli("diff", "a.jsonl", "b.jsonl", *arguments)
    assert ran.code == code
    assert said in ran.err


def test_files_that_are_none(tmp_path, files):
    a, _ = files([], [])
    assert "no such file" in (ran := dlcli("diff", a, tmp_path / "none.jsonl")).err
    assert ran.code == 2
    assert dlcli("diff", a, CAT).code == 5
    assert dlcli("diff", a, a).err == "no image compared\n"


def test_it_is_light(detected, files):
    a, b = files(detected, detected)
    code, loaded = loaded_modules("diff", a, b)
    assert code == 0
    assert not loaded & {"torch", "onnxruntime", "cv2"}
