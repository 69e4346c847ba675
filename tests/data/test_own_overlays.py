"""A data set never takes an image with boxes drawn on it for the one that was looked at."""

import json
import shutil
from pathlib import Path

import pytest

from dlcli.data.own_overlays import own_overlays
from tests.program import CAT, SAMPLES, dlcli


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Two photos, one in a folder, and the --out of detect over them."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "photos/deep").mkdir(parents=True)
    shutil.copy(CAT, folder / "photos/cat.jpg")
    shutil.copy(SAMPLES / "coffee.jpg", folder / "photos/deep/coffee.jpg")
    ran = dlcli("detect", "photos", "-r", "--out", "an", "--save", "annotated,coco,crops", "--quiet", cwd=folder)
    assert ran.code == 0
    return folder


def test_what_a_run_drew_is_told_from_its_crops_and_from_other_images(photos, monkeypatch):
    monkeypatch.chdir(photos)
    drawn = [Path("an/cat.jpg"), Path("an/deep/coffee.jpg")]
    others = [Path("photos/cat.jpg"), *Path("an/crops").rglob("*.jpg"), Path("an/gone.jpg")]
    assert len(others) > 2
    assert own_overlays([*drawn, *others]) == dict.fromkeys(drawn, Path("an"))
    absolute = photos / "an/cat.jpg"
    assert own_overlays([absolute]) == {absolute: photos / "an"}


@pytest.mark.parametrize("state", ["results.2-of-4.state.jsonl", ".results.state.jsonl.part"])
def test_shards_and_unfinished_runs_count_too(tmp_path, state):
    (tmp_path / "a.jpg").touch()
    lines = [{"fingerprint": {"task": "classify"}}, {"files": ["a.jpg"]}]
    (tmp_path / state).write_text("".join(f"{json.dumps(line)}\n" for line in lines) + '{"files": {"b.j')
    assert own_overlays([tmp_path / "a.jpg"]) == {tmp_path / "a.jpg": tmp_path}


@pytest.mark.parametrize("start", [b'{"fingerprint": {"task": "preprocess"}}', b"\xff", b"[]", b"", b"{}"])
def test_images_that_may_be_labeled_are_none_of_these(tmp_path, start):
    (tmp_path / "a.jpg").touch()
    (tmp_path / "results.state.jsonl").write_bytes(start + b'\n{"files": {"a.jpg": 0}}\n')
    assert own_overlays([tmp_path / "a.jpg"]) == {}


@pytest.mark.parametrize(
    "words",
    [
        ("eval", "detect", "an/coco.json"),
        ("convert", "an/coco.json", "x", "--to", "yolo"),
        ("convert", "an/coco.json", "x", "--to", "labelme"),
        ("convert", "an/coco.json", "x", "--to", "coco"),
    ],
)
def test_a_drawn_image_is_refused_and_the_way_out_named(photos, words):
    ran = dlcli(*words, cwd=photos)
    assert (ran.code, ran.out) == (5, "")
    assert "2 bad file(s)" in ran.err
    assert "an/cat.jpg: was drawn by the run whose --out is an, and is not the image that it read" in ran.err
    assert "`dlcli convert an NEW --to coco`" in ran.err
    assert "--images DIR" in ran.err
    assert not (photos / "x").exists()


def test_the_ways_out_take_the_originals(photos, tmp_path):
    words = ("--to", "labelme", "--images", "photos")
    assert dlcli("convert", "an/coco.json", tmp_path / "a", *words, cwd=photos).code == 0
    assert (tmp_path / "a/deep/coffee.jpg").read_bytes() == (photos / "photos/deep/coffee.jpg").read_bytes()
    assert dlcli("convert", "an", tmp_path / "b", "--to", "coco", cwd=photos).code == 0
    assert (tmp_path / "b/images/cat.jpg").read_bytes() == CAT.read_bytes()
    ran = dlcli("eval", "detect", tmp_path / "b", "--split", "all", "--json", cwd=photos)
    assert ran.code == 0
    shutil.copy(photos / "an/coco.json", photos / "photos/coco.json")
    assert dlcli("eval", "detect", "photos/coco.json", "--json", cwd=photos).out != ""
