"""`--check` finds what is there, groups what looks alike, writes nothing, and its exit code can be trusted."""

import shutil

import numpy as np
import pytest
from PIL import Image

from tests.imaging.images import gradient
from tests.program import CAT, SAMPLES, dlcli
from tests.tasks.preprocess.running import preprocess, records, save

BROKEN = SAMPLES / "broken"


def kinds(record) -> list[str]:
    return [found["kind"] for found in record["findings"]]


def test_the_broken_folder_by_the_program():
    ran = dlcli("preprocess", "--check", BROKEN, "--json")
    assert ran.code == 3
    got = {r["source"].rpartition("/")[2]: r for r in records(ran)}
    assert {name for name, r in got.items() if not r["ok"]} == {"damaged.jpg", "empty.jpg", "text.jpg", "truncated.jpg"}
    assert kinds(got["cmyk.jpg"]) == ["cmyk"]
    assert kinds(got["exif-turned.jpg"]) == ["exif-turned", "near-duplicate"]
    assert kinds(got["grey-alpha.png"]) == ["alpha"]
    assert kinds(got["sixteen-bit.png"]) == ["16-bit", "near-duplicate"]
    assert got["palette.gif"]["findings"][0]["of"].endswith("cmyk.jpg")
    assert got["sixteen-bit.png"]["bits"] == 16
    last = ran.reported[-1]
    assert last.startswith("9 images: 4 unusable, 5 with warnings (1 16-bit, 1 alpha, 1 cmyk, 1 exif-turned, 3 near-")
    people = dlcli("preprocess", "--check", BROKEN)
    assert people.code == 3
    assert people.reported == [last]  # the unusable files are in the table
    assert [line.partition(": ")[2] for line in people.lines[:2]] == [
        "CMYK, colors for print",
        "the JPEG data is damaged in the middle (bad Huffman code); re-export the file or pass --skip-bad",
    ]
    assert dlcli("preprocess", "--check", BROKEN, "--skip-bad", "--quiet").err == ""


def test_clean_warned_and_strict(tmp_path):
    shutil.copy(CAT, tmp_path / "a.jpg")
    clean = preprocess("--check", "--strict", tmp_path)
    assert (clean.code, clean.out, clean.reported) == (0, "", ["1 image: no fault found"])
    shutil.copy(CAT, tmp_path / "b.png")
    assert preprocess("--check", tmp_path).code == 0
    warned = preprocess("--check", "--strict", tmp_path)
    assert warned.code == 1
    assert warned.lines == [
        f"{tmp_path}/b.png: the content is JPEG, the name ends with .png",
        f"{tmp_path}/b.png: looks like {tmp_path}/a.jpg (0 of 64 bits differ)",
    ]
    (tmp_path / "c.jpg").write_bytes(b"")
    assert preprocess("--check", "--strict", tmp_path).code == 3  # wins: the answer is incomplete
    assert {p.name for p in tmp_path.iterdir()} == {"a.jpg", "b.png", "c.jpg"}


def test_animations_and_pages(tmp_path):
    frames = [Image.new("RGB", (16, 16), color) for color in ("red", "blue", "white")]
    for name in ("a.gif", "b.webp", "c.png", "d.tif"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    got = records(preprocess("--check", tmp_path, "--json", "--duplicate-bits", -1))
    assert [(r["frames"], kinds(r)) for r in got] == [(3, ["animated"])] * 4
    assert "3 pages" in got[3]["findings"][0]["message"]


def test_results_go_to_out_and_no_image_does(tmp_path):
    ran = preprocess("--check", CAT, "--out", tmp_path / "o", "--json")
    assert {p.name for p in (tmp_path / "o").iterdir()} == {"results.jsonl", "results.state.jsonl"}
    assert (tmp_path / "o" / "results.jsonl").read_text() == ran.out


def test_groups_by_likeness(tmp_path):
    """Smaller, brighter and rewritten ones join; another image and the mirrored one do not."""
    cat = Image.open(CAT)
    shutil.copy(CAT, tmp_path / "1.jpg")
    cat.resize((226, 150)).save(tmp_path / "2.webp", quality=40)
    save(tmp_path / "3.png", np.clip(np.asarray(cat) * 1.15 + 5, 0, 255).astype(np.uint8))
    cat.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / "4.jpg")
    shutil.copy(SAMPLES / "coffee.jpg", tmp_path / "5.jpg")
    shutil.copy(SAMPLES / "coffee.jpg", tmp_path / "6.jpg")
    got = records(preprocess("--check", tmp_path, "--json"))
    firsts = [next((f["of"] for f in r["findings"]), "") for r in got]
    assert [first.rpartition("/")[2] for first in firsts] == ["", "1.jpg", "1.jpg", "", "", "5.jpg"]
    table = preprocess("--check", tmp_path).lines
    assert [line.split(": looks")[0].rpartition("/")[2] for line in table] == ["2.webp", "3.png", "6.jpg"]


def test_the_same_whatever_the_threads():
    one = preprocess("--check", SAMPLES, SAMPLES / "shapes", "-r", "--json", "--threads", 1).lines
    assert preprocess("--check", SAMPLES, SAMPLES / "shapes", "-r", "--json", "--threads", 3).lines == one


@pytest.mark.parametrize(("limit", "groups"), [(-1, 0), (0, 1), (31, 1)])
def test_the_limit(tmp_path, limit, groups):
    for name in ("a.png", "b.png"):
        save(tmp_path / name, gradient())
    got = records(preprocess("--check", tmp_path, "--json", "--duplicate-bits", limit))
    assert sum("near-duplicate" in kinds(r) for r in got) == groups


def test_a_missing_file_is_unusable():
    ran = preprocess("--check", "gone.jpg")
    assert (ran.code, ran.out.startswith("gone.jpg: no such file")) == (3, True)
