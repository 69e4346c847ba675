"""--plan says what would be done, and does nothing."""

import json
import shutil

from tests.program import CAT, SAMPLES, dlcli


def test_it_names_images_outputs_model_and_time(tmp_path):
    out = tmp_path / "out"
    ran = dlcli("detect", "sample_data", "sample_data/gone.jpg", "--out", out, "--save", "annotated,crops", "--plan")
    assert ran.code == 0
    assert not out.exists()
    assert "sample_data/cat.jpg -> cat.jpg, crops/cat_jpg" in ran.lines
    assert "sample_data/gone.jpg (no such file) -> gone.jpg, crops/gone_jpg" in ran.lines
    *_, images, model, steps, where, expected = ran.lines
    assert images.startswith(f"images: {len(list(SAMPLES.glob('*.jpg'))) + 1}, ")
    assert images.endswith("1 missing")
    assert model.startswith("model: coco@sha256:")
    assert steps == "steps: none"
    assert where == f"out: {out} (a new folder): results.jsonl, annotated, crops"
    assert expected.startswith("expected: about ")


def test_the_time_is_near_the_truth(tmp_path):
    for number in range(40):
        shutil.copy(CAT, tmp_path / f"{number}.jpg")
    plan = json.loads(dlcli("detect", tmp_path, "--plan", "--json").out)
    timings = [json.loads(line)["timings"] for line in dlcli("detect", tmp_path, "--json", "--timings").lines]
    spent = sum(sum(laps.values()) for laps in timings) / 1000 / plan["threads"]
    assert spent / 5 < plan["expected_seconds"] < spent * 5  # a busy machine, four images tried


def test_what_stands_is_told(tmp_path):
    for name in ("a.jpg", "b.jpg"):
        shutil.copy(CAT, tmp_path / name)
    arguments = ("detect", tmp_path, "--out", tmp_path / "out", "--json")
    dlcli(*arguments)
    shutil.copy(SAMPLES / "rocket.jpg", tmp_path / "b.jpg")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    plan = json.loads(dlcli(*arguments, "--resume", "--plan").out)
    assert [image["kept"] for image in plan["images"]] == [True, False]
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()} == before


def test_nothing_is_sorted_or_moved(tmp_path):
    shutil.copy(CAT, tmp_path / "a.jpg")
    ran = dlcli("classify", tmp_path / "a.jpg", "--sort-into", tmp_path / "sorted", "--move", "--plan")
    assert ran.code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]


def test_collisions_are_refused_as_in_the_run(tmp_path):
    for name in ("a.gif", "a.gif.png"):
        shutil.copy(CAT, tmp_path / name)
    ran = dlcli("detect", tmp_path, "--out", tmp_path / "out", "--plan")
    assert ran.code == 2
    assert "would both be written to a.gif.png" in ran.err
