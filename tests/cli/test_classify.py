"""`dlcli classify` on real files: records, files, sorting, exit codes."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from dlcli.card import write_card
from tests.program import CAT, SAMPLES, dlcli
from tests.tasks.classify.networks import yes_no_model

BROKEN = SAMPLES / "broken"
CATS = ("tabby", "Egyptian cat", "tiger cat")


def records(ran):
    return [json.loads(line) for line in ran.lines]


def classes(ran):
    return records(ran)[0]["classes"]


def test_what_the_samples_show():
    ran = dlcli("classify", *(f"sample_data/{name}.jpg" for name in ("cat", "coffee", "rocket")), "--json", "--quiet")
    assert (ran.code, ran.err) == (0, "")
    got = records(ran)
    assert list(got[0]) == ["schema", "source", "ok", "width", "height", "exif_orientation", "model", "classes"]
    names = [record["classes"][0]["label"] for record in got]
    assert names[0] in CATS
    assert names[1] in ("espresso", "cup")
    assert names[2] in ("missile", "projectile")
    for record in got:
        scores = [item["score"] for item in record["classes"]]
        assert len(scores) == 5
        assert scores == sorted(scores, reverse=True)


def test_good_and_broken_files_in_one_run():
    ran = dlcli("classify", "sample_data", "sample_data/broken", "--json")
    assert ran.code == 3
    failed = {record["source"] for record in records(ran) if not record["ok"]}
    assert failed == {f"sample_data/broken/{name}.jpg" for name in ("damaged", "empty", "text", "truncated")}
    turned = [BROKEN / name for name in ("exif-turned.jpg", "cmyk.jpg", "grey-alpha.png", "sixteen-bit.png")]
    for record in records(dlcli("classify", *turned, "--json")):
        assert record["classes"][0]["label"] in CATS


def test_probabilities_sum_to_one():
    every = classes(dlcli("classify", CAT, "--json", "--topk", "1000"))
    assert len(every) == 1000
    assert sum(item["score"] for item in every) == pytest.approx(1, abs=1e-9)
    assert {item["class_id"] for item in every} == set(range(1000))
    some = classes(dlcli("classify", CAT, "--json", "--classes", "tabby,285,Tiger Cat"))
    assert [item["label"] for item in some] == [i["label"] for i in every if i["class_id"] in (281, 282, 285)]
    assert sum(item["chosen_share"] for item in some) == pytest.approx(1, abs=1e-9)
    whole = {item["class_id"]: item["score"] for item in every}
    total = sum(whole[item["class_id"]] for item in some)
    for item in some:
        assert item["score"] == pytest.approx(whole[item["class_id"]], abs=2e-4)
        assert item["chosen_share"] == pytest.approx(whole[item["class_id"]] / total, abs=1e-3)


def test_a_cat_is_no_golden_retriever_because_only_dogs_are_asked_for():
    found = classes(dlcli("classify", CAT, "--json", "--classes", "golden retriever,Labrador retriever"))
    assert found[0]["score"] < 0.05
    assert found[0]["chosen_share"] > 0.5
    assert (
        dlcli("classify", CAT, "--classes", "golden retriever", "--fail-if", "score(golden retriever) > 0.5").code == 0
    )


def test_top_threshold_and_exclusion():
    assert len(classes(dlcli("classify", CAT, "--json", "--top", "2"))) == 2
    assert all(item["score"] >= 0.1 for item in classes(dlcli("classify", CAT, "--json", "--threshold", "0.1")))
    assert classes(dlcli("classify", CAT, "--json", "--threshold", "0.999")) == []
    first = classes(dlcli("classify", CAT, "--json"))[0]["label"]
    others = classes(dlcli("classify", CAT, "--json", "--exclude-classes", first))
    assert first not in [item["label"] for item in others]


def test_the_same_bytes_whatever_the_threads_and_the_neighbors():
    names = sorted(str(p.relative_to(SAMPLES.parent)) for p in SAMPLES.glob("*.jpg"))
    one = dlcli("classify", *names, "--json", "--threads", "1").lines
    assert dlcli("classify", *names, "--json", "--threads", "3").lines == one
    assert dlcli("classify", names[1], "--json").lines == one[1:2]


def test_both_runtimes_agree():
    ours, theirs = (records(dlcli("classify", CAT, "--json", "--runtime", name))[0] for name in ("onnx", "torch"))
    assert {item["label"] for item in ours["classes"][:3]} == {item["label"] for item in theirs["classes"][:3]}
    assert ours["model"] != theirs["model"]  # a digest each


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--classes", "tabby", "--exclude-classes", "lynx"], 2, "do not go together"),
        (["--classes", "tiger cta"], 2, "did you mean tiger cat?"),
        (["--link"], 2, "needs --sort-into"),
        (["--sort-into", "x", "--link", "--move"], 2, "do not go together"),
        (["--sort-into", CAT.parent], 2, "lies in it already"),
        (["--model", "coco"], 2, "bundled for classify: imagenet"),
        (["--model", "gone.onnx"], 4, "gone.onnx"),
        (["--top", "0"], 2, "--top"),
    ],
)
def test_refused(words, code, told):
    ran = dlcli("classify", CAT, *words)
    assert ran.code == code
    assert told in ran.err
    assert ran.out == ""


def test_annotated(tmp_path):
    Image.open(CAT).save(tmp_path / "c.gif")
    ran = dlcli("classify", tmp_path / "c.gif", CAT, "--out", tmp_path / "out", "--json")
    assert ran.code == 0
    drawn = next((tmp_path / "out").rglob("cat.jpg"))
    assert next((tmp_path / "out").rglob("c.gif.png")).is_file()
    changed = np.abs(np.asarray(Image.open(drawn), int) - np.asarray(Image.open(CAT), int)).max(2) > 60
    assert changed[-80:, :100].mean() > 0.3
    assert changed[:150].mean() < 0.01


def test_sorted_into_folders(tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    shutil.copy(CAT, tmp_path / "in" / "a.jpg")
    shutil.copy(SAMPLES / "coffee.jpg", tmp_path / "in" / "deep" / "b.jpg")
    shutil.copy(SAMPLES / "starry-night.jpg", tmp_path / "in" / "c.jpg")
    (tmp_path / "in" / "d.jpg").write_text("no image")
    command = ("classify", "in", "-r", "--json", "--sort-into", "sorted", "--threshold", "0.25")
    ran = dlcli(*command, cwd=tmp_path)
    assert ran.code == 3
    cat = records(ran)[0]["classes"][0]["label"].replace(" ", "-")
    places = {record["source"]: record.get("sorted_to") for record in records(ran)}
    assert places == {
        "in/a.jpg": f"sorted/{cat}/a.jpg",
        "in/c.jpg": "sorted/unsure/c.jpg",
        "in/d.jpg": None,
        "in/deep/b.jpg": "sorted/espresso/deep/b.jpg",
    }
    for name, place in places.items():
        assert place is None or (tmp_path / place).read_bytes() == (tmp_path / name).read_bytes()
    assert dlcli(*command, cwd=tmp_path).out == ran.out  # again: nothing changes
    assert dlcli(*command, "--move", "--skip-bad", cwd=tmp_path).code == 0
    assert [path.name for path in (tmp_path / "in").rglob("*.jpg")] == ["d.jpg"]


def test_another_threshold_moves_what_was_sorted(tmp_path):
    (tmp_path / "in").mkdir()
    shutil.copy(CAT, tmp_path / "in/a.jpg")
    words = ("classify", tmp_path / "in", "--json", "--sort-into", tmp_path / "sorted", "--threshold")
    ran = dlcli(*words, "0.999")
    (unsure,) = records(ran)
    assert unsure["sorted_to"].endswith("sorted/unsure/a.jpg")
    assert len(unsure["classes"]) == 5  # its record says of what it is unsure
    (sure,) = records(dlcli(*words, "0.01"))
    assert sure["classes"][0] == unsure["classes"][0]
    found = [str(path.relative_to(tmp_path / "sorted")) for path in (tmp_path / "sorted").rglob("*.jpg")]
    assert found == [f"{sure['classes'][0]['label'].replace(' ', '-')}/a.jpg"]
    assert not (tmp_path / "sorted/unsure").exists()
    (tmp_path / "sorted/unsure").mkdir()
    other = tmp_path / "sorted/unsure/a.jpg"
    other.write_bytes(b"another image of that name")
    assert dlcli(*words, "0.01").code == 0
    assert other.read_bytes() == b"another image of that name"


def test_sorting_inside_what_is_searched_is_refused(tmp_path):
    shutil.copy(CAT, tmp_path / "a.jpg")
    ran = dlcli("classify", ".", "-r", "--sort-into", "sorted", cwd=tmp_path)
    assert ran.code == 2
    assert "name a folder outside of it" in ran.err
    assert not (tmp_path / "sorted").exists()
    assert dlcli("classify", ".", "--sort-into", "sorted", cwd=tmp_path).code == 0


def test_standard_input_is_sorted_by_what_it_is(tmp_path):
    ran = dlcli("classify", "-", "--json", "--sort-into", tmp_path, stdin=CAT.read_bytes())
    (place,) = tmp_path.rglob("*.jpg")
    assert place.name == "stdin.jpg"
    assert place.read_bytes() == CAT.read_bytes()
    assert records(ran)[0]["sorted_to"] == str(place)


def test_a_model_of_several_classes_an_image(tmp_path):
    """One that answers bright or dark, and red or not, each by itself."""
    (tmp_path / "m.onnx").write_bytes(write_card(*yes_no_model()))
    for name, color in (("white", (255, 255, 255)), ("red", (255, 0, 0)), ("black", (0, 0, 0))):
        Image.new("RGB", (20, 20), color).save(tmp_path / f"{name}.png")
    ran = dlcli("classify", tmp_path, "--json", "--model", tmp_path / "m.onnx")
    got = [{item["label"] for item in record["classes"]} for record in records(ran)]
    assert got == [set(), {"red"}, {"red", "green", "blue"}]  # black, red, white
    assert "4 labels in 2 of them" in ran.err
    line = dlcli("classify", tmp_path / "black.png", "--model", tmp_path / "m.onnx").out
    assert "no class above the threshold" in line
