"""`dlcli segment` on real files, by a model that names colors: records, files, exit codes."""

import json
import re

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as oracle

from tests.program import SAMPLES, dlcli, loaded_modules
from tests.tasks.segment.colors import blocks, write_color_model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_color_model(tmp_path_factory.mktemp("model") / "colors.onnx")


@pytest.fixture
def image(tmp_path):
    pixels, truth = blocks(96, 128, 32)
    Image.fromarray(pixels).save(tmp_path / "squares.png")
    return tmp_path / "squares.png", truth


def run(model, *arguments):
    return dlcli("segment", "--model", model, *arguments)


def test_the_record_holds_every_class_as_run_lengths(model, image):
    path, truth = image
    ran = run(model, path, "--json", "--quiet")
    assert (ran.code, ran.err) == (0, "")
    record = json.loads(ran.out)
    assert list(record) == ["schema", "source", "ok", "width", "height", "exif_orientation", "model", "classes"]
    assert record["schema"] == "dlcli.segment/1"
    for item in record["classes"]:
        rle = {"size": item["rle"]["size"], "counts": item["rle"]["counts"].encode()}
        inside = oracle.decode(rle) > 0
        assert inside.shape == truth.shape
        assert (inside == (truth == item["class_id"])).mean() > 0.95
        assert item["share"] == round(inside.mean(), 4)
    shares = [item["share"] for item in record["classes"]]
    assert shares == sorted(shares, reverse=True)
    assert run(model, path, "--json", "--quiet").out == ran.out


def test_good_and_broken_files_in_one_run(model, tmp_path):
    ran = run(model, SAMPLES, SAMPLES / "broken", "gone.jpg", "--json", "--out", tmp_path / "o")
    assert ran.code == 3
    records = [json.loads(line) for line in ran.lines]
    good, bad = [r for r in records if r["ok"]], [r for r in records if not r["ok"]]
    assert len(good) == 11
    assert len(bad) == 5
    assert ran.reported[-1].endswith("; 5 failed")
    pngs = list((tmp_path / "o").rglob("*.png"))
    assert len(pngs) == len(good)
    for record in good:
        (mask,) = (png for png in pngs if record["source"].rsplit("/", 1)[1].rsplit(".", 1)[0] == png.stem)
        assert Image.open(mask).size == (record["width"], record["height"])


def test_all_files(model, image, tmp_path):
    path, truth = image
    out = tmp_path / "o"
    ran = run(model, path, "--out", out, "--save", "cutouts,index,masks,overlay", "--quiet")
    assert (ran.code, ran.err) == (0, "")
    found = sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file())
    each = ["001-red.png", "002-green.png", "003-blue.png"]
    assert found == sorted(
        ["legend.json", "results.jsonl", "results.state.jsonl", "squares.png", "overlay/squares.png"]
        + [f"{kind}/squares_png/{name}" for kind in ("masks", "cutouts") for name in each]
    )
    index = np.array(Image.open(out / "squares.png"))
    assert (index == truth).mean() > 0.95
    legend = json.loads((out / "legend.json").read_text())
    palette = np.array(Image.open(out / "squares.png").getpalette()).reshape(-1, 3)
    for row in legend["classes"]:
        assert palette[row["class_id"]].tolist() == row["color"]
    assert [row["label"] for row in legend["classes"]] == ["background", "red", "green", "blue"]


def test_two_images_of_one_stem_are_kept_apart(model, tmp_path):
    for name in ("a.png", "a.jpg"):
        Image.new("RGB", (9, 9)).save(tmp_path / name)
    ran = run(model, tmp_path, "--out", tmp_path / "o")
    assert ran.code == 0
    assert sorted(path.name for path in (tmp_path / "o").glob("*.png")) == ["a.png", "a.png.png"]


def test_a_mask_never_replaces_its_image(model, image):
    path, _ = image
    ran = run(model, path, "--out", path.parent)
    assert ran.code == 2
    assert "would write over" in ran.err


def test_classes(model, image):
    path, truth = image
    only = json.loads(run(model, path, "--json", "--classes", "red").out)["classes"]
    assert [item["label"] for item in only] == ["red"]
    without = json.loads(run(model, path, "--json", "--exclude-classes", "1,blue").out)["classes"]
    assert [item["label"] for item in without] == ["green"]
    large = json.loads(run(model, path, "--json", "--min-share", "0.3").out)["classes"]
    assert [item["class_id"] for item in large] == [c for c in (1, 2, 3) if (truth == c).mean() > 0.3]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--classes", "rde"], 2, "no class rde; did you mean red?"),
        (["--classes", "red", "--exclude-classes", "blue"], 2, "do not go together"),
        (["--model", "coco"], 2, "expected a model for segment, got one for detect"),
        (["--model", "gone.onnx"], 4, "where there is none"),
        (["--save", "index"], 2, "needs --out DIR"),
        (["--min-share", "2"], 2, "--min-share"),
    ],
)
def test_what_is_refused(model, arguments, code, words):
    ran = run(model, "sample_data/cat.jpg", *arguments)
    assert ran.code == code
    assert words in ran.err
    assert ran.out == ""


def test_another_networks_outputs(tmp_path):
    ran = run(write_color_model(tmp_path / "other.onnx", output="scores"), "sample_data/cat.jpg")
    assert ran.code == 5
    assert "expected its outputs to be logits, got scores" in ran.err


def test_tiles_find_what_is_small(model, tmp_path):
    pixels, truth = blocks(500, 600, 20)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    found = {}
    for way in ([], ["--tile", "--tile-size", "64"], ["--tile", "--tile-size", "64", "--pre", "resize(400)"]):
        assert run(model, tmp_path / "a.png", "--out", tmp_path / "o", "--overwrite", "-q", *way).code == 0
        found[len(way)] = (np.array(Image.open(tmp_path / "o" / "a.png")) == truth).mean()
    assert found[0] < 0.6
    assert found[3] > 0.8
    assert found[5] > 0.7


def test_people_see_shares(model, image):
    ran = run(model, image[0])
    assert ran.out.startswith(f"{image[0]}: ")
    assert re.search(r"[0-9]%", ran.out)


def test_nothing_heavy_but_what_is_needed(model):
    code, loaded = loaded_modules("segment", "sample_data/cat.jpg", "--model", model, "--json")
    assert code == 0
    assert "torch" not in loaded
    assert "rich" not in loaded
