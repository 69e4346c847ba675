"""`dlcli convert` as a shell runs it: what it prints, where, and its exit codes."""

import json

import pytest

from tests.data.conversion.sets import assert_same, outlined, simple, write
from tests.program import CAT, dlcli, loaded_modules


def test_counts_on_standard_output_and_the_way_back(tmp_path):
    write(tmp_path / "a", simple())
    ran = dlcli("convert", "a", "b", "--to", "labelme", cwd=tmp_path)
    counts = "images 2, boxes 2, classes 2"
    assert ran.code == 0
    assert ran.out == f"read: {counts}; written: {counts}; no side moved by more than 0.0000 pixels\n"
    assert ran.err.rpartition(" (")[0] == "a (coco) -> b (labelme)"  # and the time
    assert dlcli("convert", "b", "c", "--to", "coco", cwd=tmp_path).code == 0
    assert_same(tmp_path / "c", tmp_path / "a")


def test_a_loss_is_exit_2_and_told_where_it_is_allowed(tmp_path):
    write(tmp_path / "a", outlined())
    ran = dlcli("convert", "a", "b", "--to", "yolo", cwd=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert "which only --allow-loss permits:\n" in ran.err
    assert "  all: boxes that lose their mark `iscrowd`: 1\n" in ran.err
    assert "  all: outlines of which only the box is kept (--masks converts outlines): 3\n" in ran.err
    ran = dlcli("convert", "a", "b", "--to", "yolo", "--allow-loss", cwd=tmp_path)
    assert ran.code == 0
    assert "lost: all: boxes that lose their mark `iscrowd`: 1" in ran.err


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("a", "b", "--to", "png"), 2, "--to png: expected coco, yolo, voc, labelme, jsonl or masks"),
        (("gone", "b", "--to", "yolo"), 2, "gone: no such file or folder"),
        (("a", "a", "--to", "yolo"), 2, "name another place"),
        (("a", "b", "--to", "masks"), 5, "at least 3 corners"),
        (("a", "b", "--to", "coco", "--from", "masks"), 5, "found no masks"),
        (("a", "b", "--to", "voc", "--masks"), 2, "--to voc holds boxes"),
        (("a", "b", "--to", "yolo", "--from", "voc"), 5, "holds no image that can be converted"),
        (("a", "b", "--to", "yolo", "--split", "val"), 2, "--split: a: no split 'val'"),
        (("a", "b", "--to", "yolo", "--labels", "cat,dog"), 5, "unknown class 'owl'; known: cat, dog"),
        (("empty", "b", "--to", "yolo"), 5, "found no annotations of coco, yolo, voc, labelme, jsonl, masks"),
    ],
)
def test_what_is_refused(tmp_path, words, code, message):
    write(tmp_path / "a", simple(segmentation=[[1, 2, 3]]) if "--to masks" in " ".join(words) else simple())
    (tmp_path / "empty").mkdir()
    ran = dlcli("convert", *words, cwd=tmp_path)
    assert ran.code == code
    assert message in ran.err
    assert "Traceback" not in ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "empty"]


def test_the_records_of_a_run_become_the_coco_file_that_it_saves(tmp_path):
    assert dlcli("detect", CAT, "--out", tmp_path / "run", "--save", "coco", "--quiet").code == 0
    ran = dlcli("convert", tmp_path / "run", tmp_path / "c.json", "--to", "coco")
    assert ran.code == 0
    assert (tmp_path / "c.json").read_bytes() == (tmp_path / "run/coco.json").read_bytes()


def test_records_of_a_model_that_is_not_bundled_name_the_classes_that_were_found(tmp_path):
    thing = {"label": "cat", "class_id": 2, "score": 0.5, "box": [1, 2, 30, 40]}
    record = {"schema": "dlcli.detect/1", "source": str(CAT), "ok": True, "width": 451, "height": 300}
    record |= {"exif_orientation": 1, "model": "mine@sha256:0", "detections": [thing], "truncated": False}
    (tmp_path / "r.jsonl").write_text(json.dumps(record) + "\n")
    assert dlcli("convert", "r.jsonl", "c.json", "--to", "coco", cwd=tmp_path).code == 0
    assert json.loads((tmp_path / "c.json").read_text())["categories"] == [{"id": 3, "name": "cat"}]
    ran = dlcli("convert", "r.jsonl", "y", "--to", "yolo", cwd=tmp_path)
    assert ran.code == 2
    assert "class 0 has no name in the records; give all by --labels a,b,c" in ran.err
    assert dlcli("convert", "r.jsonl", "y", "--to", "yolo", "--labels", "ant,bee,cat", cwd=tmp_path).code == 0
    assert (tmp_path / "y/labels/cat.txt").read_text().startswith("2 ")


def test_segments_become_the_masks_that_the_run_saves(tmp_path):
    assert dlcli("segment", CAT, "--out", tmp_path / "run", "--save", "index", "--quiet").code == 0
    ran = dlcli("convert", tmp_path / "run" / "results.jsonl", tmp_path / "m", "--to", "masks")
    assert ran.code == 0
    assert "read: images 1, objects 1, classes 1; written: images 1, objects 1, classes 1" in ran.out
    assert (tmp_path / "m/masks/cat.png").read_bytes() == (tmp_path / "run/cat.png").read_bytes()
    assert (tmp_path / "m/classes.txt").read_text().splitlines()[8] == "cat"


def test_it_is_a_light_command(tmp_path):
    write(tmp_path / "a", simple())
    code, loaded = loaded_modules("convert", tmp_path / "a", tmp_path / "b", "--to", "yolo")
    assert code == 0
    assert not loaded & {"torch", "onnxruntime"}
