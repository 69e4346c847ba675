"""`dlcli detect` on real files: records, files, exit codes."""

import hashlib
import json
import os
import re
import shutil
import sys

import numpy as np
import pytest
from PIL import Image

from tests.program import CAT, SAMPLES, dlcli

BROKEN = SAMPLES / "broken"
FAILING = {
    "damaged.jpg": "damaged",
    "empty.jpg": "empty",
    "text.jpg": "not-a-picture",
    "truncated.jpg": "truncated",
}


def records(ran):
    return [json.loads(line) for line in ran.lines]


def test_the_cat_is_a_cat():
    ran = dlcli("detect", "sample_data/cat.jpg", "--json", "--quiet")
    assert (ran.code, ran.err) == (0, "")
    (record,) = records(ran)
    assert list(record) == [
        *("schema", "source", "ok", "width", "height", "exif_orientation", "model", "detections", "truncated"),
    ]
    cats = [d for d in record["detections"] if d["label"] == "cat"]
    assert len(cats) == 1
    assert cats[0]["score"] > 0.5
    x1, y1, x2, y2 = cats[0]["box"]
    assert 0 <= x1 < 60
    assert 0 <= y1 < 60
    assert 380 < x2 <= 451
    assert 230 < y2 <= 300


def test_good_and_broken_files_in_one_run():
    before = {path: hashlib.sha256(path.read_bytes()).digest() for path in SAMPLES.rglob("*") if path.is_file()}
    ran = dlcli("detect", "sample_data", "sample_data/broken", "--json")
    assert ran.code == 3
    got = records(ran)
    images = sorted(p.name for p in SAMPLES.glob("*.jpg"))
    broken = sorted(p.name for p in BROKEN.iterdir())
    expected = [f"sample_data/{name}" for name in images] + [f"sample_data/broken/{name}" for name in broken]
    assert [record["source"] for record in got] == expected
    failed = {os.path.basename(r["source"]): r["error"]["kind"] for r in got if not r["ok"]}
    assert failed == FAILING
    assert all(r["error"]["message"].startswith(r["source"] + ": ") for r in got if not r["ok"])
    *messages, sentence = ran.reported
    assert messages == [r["error"]["message"] for r in got if not r["ok"]]
    assert sentence.startswith(f"{len(got)} images: ")
    assert sentence.endswith("; 4 failed")
    assert re.search(r"; 4 failed \([0-9.]+ s, run [0-9a-f]{12}\)$|min", ran.err.splitlines()[-1])
    after = {path: hashlib.sha256(path.read_bytes()).digest() for path in SAMPLES.rglob("*") if path.is_file()}
    assert after == before


def test_turned_cmyk_and_deep_images_show_the_same_cat():
    names = [BROKEN / name for name in ("exif-turned.jpg", "cmyk.jpg", "sixteen-bit.png", "grey-alpha.png")]
    got = records(dlcli("detect", *names, "--json", "--classes", "cat"))
    assert [len(r["detections"]) for r in got] == [1, 1, 1, 1]
    assert got[0]["exif_orientation"] != 1
    for record in got:
        x1, y1, x2, y2 = record["detections"][0]["box"]
        assert (x2 - x1) * (y2 - y1) > 0.5 * record["width"] * record["height"]


def test_skip_bad_records_but_does_not_count():
    ran = dlcli("detect", BROKEN, "--json", "--skip-bad")
    assert ran.code == 0
    assert sum(not r["ok"] for r in records(ran)) == 4


def test_all_failed_is_incomplete():
    ran = dlcli("detect", "gone.jpg", BROKEN / "empty.jpg", "--json")
    assert ran.code == 3
    assert [r["error"]["kind"] for r in records(ran)] == ["missing", "empty"]


@pytest.mark.parametrize("address", ["https://a.example/b.jpg", "http://a.example/b.jpg?size=2"])
def test_an_address_of_the_web_needs_an_extra(address, monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    ran = dlcli("detect", address)
    assert (ran.code, "addresses need fsspec" in ran.err, "[remote]" in ran.err) == (4, True, True)


def test_an_address_that_is_read_by_nothing_is_no_file():
    ran = dlcli("detect", "ftp://a.example/b.jpg")
    assert (ran.code, "ftp://a.example/b.jpg: no such file; dlcli downloads nothing" in ran.err) == (3, True)


def test_the_same_bytes_whatever_the_threads_the_order_and_the_neighbors():
    names = sorted(str(p.relative_to(SAMPLES.parent)) for p in SAMPLES.glob("*.jpg"))
    one = dlcli("detect", *names, "--json", "--threads", "1").lines
    assert dlcli("detect", *names, "--json", "--threads", "2").lines == one
    assert dlcli("detect", *names, "--json", "--threads", "5").lines == one
    assert dlcli("detect", *reversed(names), "--json").lines == one[::-1]
    assert dlcli("detect", names[1], "--json", "--threads", "2").lines == one[1:2]


def test_standard_input(tmp_path):
    ran = dlcli("detect", "-", "--json", stdin=CAT.read_bytes(), cwd=tmp_path)
    (record,) = records(ran)
    (named,) = records(dlcli("detect", CAT, "--json"))
    assert record["source"] == "-"
    assert record["detections"] == named["detections"]


@pytest.mark.parametrize(("null", "end"), [(["-0"], b"\0"), ([], b"\n")])
def test_a_list_on_standard_input(null, end):
    names = end.join([b"sample_data/cat.jpg", b"sample_data/coffee.jpg"]) + end
    ran = dlcli("detect", "--files-from", "-", *null, "--json", stdin=names)
    assert [r["source"] for r in records(ran)] == ["sample_data/cat.jpg", "sample_data/coffee.jpg"]


def test_out_holds_the_record_and_the_annotated_tree(tmp_path):
    folder = tmp_path / "in" / "deep"
    folder.mkdir(parents=True)
    shutil.copy(CAT, tmp_path / "in" / "a.jpg")
    shutil.copy(CAT, folder / "b.png.jpg")
    Image.open(CAT).save(folder / "c.gif")
    out = tmp_path / "out"
    ran = dlcli("detect", "in", "-r", "--out", "out", "--json", cwd=tmp_path)
    assert ran.code == 0
    files = {str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()}
    assert files == {"results.jsonl", "results.state.jsonl", "a.jpg", "deep/b.png.jpg", "deep/c.gif.png"}
    assert (out / "results.jsonl").read_text() == ran.out
    drawn = np.asarray(Image.open(out / "a.jpg").convert("RGB"), int)
    assert np.abs(drawn - np.asarray(Image.open(CAT), int)).max() > 100


def test_a_used_out_is_refused_and_overwrite_replaces_it(tmp_path):
    assert dlcli("detect", CAT, "--out", tmp_path / "o").code == 0
    first = (tmp_path / "o" / "results.jsonl").read_bytes()
    ran = dlcli("detect", CAT, "--out", tmp_path / "o")
    assert ran.code == 2
    assert "--overwrite" in ran.err
    assert (tmp_path / "o" / "results.jsonl").read_bytes() == first
    assert dlcli("detect", CAT, SAMPLES / "coffee.jpg", "--out", tmp_path / "o", "--overwrite").code == 0
    assert len((tmp_path / "o" / "results.jsonl").read_text().splitlines()) == 2


def test_crops_are_what_the_boxes_say(tmp_path):
    ran = dlcli("detect", CAT, "--classes", "cat", "--out", tmp_path, "--save", "crops", "--overwrite", "--json")
    (record,) = records(ran)
    (crop,) = (tmp_path / "crops" / "cat_jpg").iterdir()
    assert crop.name == "000-cat.jpg"
    x1, y1, x2, y2 = record["detections"][0]["box"]
    width, height = Image.open(crop).size
    assert abs(width - (x2 - x1)) <= 2
    assert abs(height - (y2 - y1)) <= 2


def test_classes_by_name_and_id_and_without():
    def found(*more):
        return records(dlcli("detect", CAT, "--json", "--conf", "0.001", *more))[0]["detections"]

    everything = found()
    assert {d["label"] for d in everything} > {"cat"}
    assert found("--classes", "Cat") == found("--classes", "15") == [d for d in everything if d["label"] == "cat"]
    assert found("--exclude-classes", "cat") == [d for d in everything if d["label"] != "cat"]


def test_max_det_cuts_and_says_so():
    full = records(dlcli("detect", CAT, "--json", "--conf", "0.001"))[0]
    cut = records(dlcli("detect", CAT, "--json", "--conf", "0.001", "--max-det", "1"))[0]
    assert len(full["detections"]) > 1
    assert (full["truncated"], cut["truncated"]) == (False, True)
    assert cut["detections"] == full["detections"][:1]


def test_boxes_after_steps_that_move_the_image_are_mapped_back():
    plain = records(dlcli("detect", CAT, "--json", "--classes", "cat"))[0]["detections"][0]["box"]
    moved = records(dlcli("detect", CAT, "--json", "--classes", "cat", "--pre", "letterbox(640,640)"))[0]
    assert (moved["width"], moved["height"]) == (451, 300)
    assert np.abs(np.array(moved["detections"][0]["box"]) - plain).max() < 40


def test_tiles_find_what_is_small(tmp_path):
    """Nine cats in a large image: in tiles each has the size of a cat."""
    cat = Image.open(CAT).resize((300, 200))
    large = Image.new("RGB", (2400, 1800), (120, 130, 120))
    for i in range(9):
        large.paste(cat, (100 + 800 * (i % 3), 120 + 600 * (i // 3)))
    large.save(tmp_path / "large.png")
    whole = records(dlcli("detect", tmp_path / "large.png", "--json", "--classes", "cat"))[0]["detections"]
    tiled = records(dlcli("detect", tmp_path / "large.png", "--json", "--classes", "cat", "--tile"))[0]["detections"]
    centers = {
        (int((d["box"][0] + d["box"][2]) / 2 // 800), int((d["box"][1] + d["box"][3]) / 2 // 600)) for d in tiled
    }
    assert len(centers) == 9
    assert len(tiled) >= len(whole)


def test_timings_only_when_asked():
    assert "timings" not in records(dlcli("detect", CAT, "--json"))[0]
    timings = records(dlcli("detect", CAT, "--json", "--timings"))[0]["timings"]
    assert set(timings) == {"read_ms", "predict_ms", "save_ms"}


def test_lines_for_people():
    ran = dlcli("detect", CAT, "gone.jpg", "--classes", "cat")
    assert ran.code == 3
    assert ran.out.startswith(f"{CAT}: 1 cat (0.")
    assert ran.err.startswith("gone.jpg: no such file")


def test_names_that_hurt(tmp_path):
    names = [
        b"with space.jpg",
        b"new\nline.jpg",
        b"-dash.jpg",
        b"quote'\".jpg",
        b"[x]*.jpg",
        b"caf\xe9.jpg",
        b"x" * 251 + b".jpg",
    ]
    data = CAT.read_bytes()
    for name in names:
        with open(os.fsencode(tmp_path) + b"/" + name, "wb") as file:
            file.write(data)
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "dangling.jpg").symlink_to(tmp_path / "gone.jpg")
    ran = dlcli("detect", ".", "--json", "--classes", "cat", cwd=tmp_path)
    got = records(ran)
    assert ran.code == 3
    assert len(got) == 9
    assert {r["source"]: r["error"]["kind"] for r in got if not r["ok"]} == {
        "./pipe.jpg": "not-a-file",
        "./dangling.jpg": "unreadable",
    }
    assert sum(len(r["detections"]) for r in got if r["ok"]) == 7
    assert [r["source_bytes"] for r in got if "source_bytes" in r] == ["Li9jYWbpLmpwZw=="]
    ran = dlcli("detect", ".", "--classes", "cat", cwd=tmp_path)
    assert "./new\\x0aline.jpg: 1 cat" in ran.out
