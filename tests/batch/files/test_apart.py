"""a.gif beside a.png: each has its own files, whatever is saved, and the same ones in every order and shard."""

import shutil
from pathlib import Path, PurePosixPath

import pytest
from PIL import Image

from dlcli.batch.files.apart import kept_apart
from dlcli.records import Source
from tests.program import dlcli


def places(*names: str) -> dict[str, str]:
    sources = [Source(name, Path(name), PurePosixPath(name)) for name in names]
    found = kept_apart(sources, lambda place: [place.with_suffix(".txt")])
    return {source.name: str(source.place) for source in found}


def test_the_first_kind_keeps_its_name_and_their_order_does_not_matter():
    expected = {"a.jpg": "a.jpg", "a.png": "a.png.png", "a.gif": "a.gif.png", "b.gif": "b.gif"}
    assert places("a.gif", "a.jpg", "a.png", "b.gif") == places("b.gif", "a.png", "a.jpg", "a.gif") == expected


@pytest.mark.parametrize("save", ["annotated,yolo,voc,labelme", "crops"])
def test_files_of_both(tmp_path: Path, save: str):
    for name in ("a.gif", "a.png", "a.jpg"):
        Image.new("RGB", (90, 60), (90, 20, 20)).save(tmp_path / name)
    assert dlcli("detect", tmp_path, "--out", tmp_path / "o", "--save", save).code == 0
    if "yolo" in save:
        for folder, count in (("labels", 3), ("Annotations", 3), ("labelme", 3)):
            assert len(list((tmp_path / "o" / folder).iterdir())) == count
        assert sorted(path.name for path in (tmp_path / "o").glob("a.*")) == ["a.gif.png", "a.jpg", "a.png.png"]


def test_preprocess_to_one_format(tmp_path: Path):
    for name, color in (("a.gif", 0), ("a.png", 90), ("a.jpg", 200)):
        Image.new("RGB", (8, 8), (color, color, color)).save(tmp_path / name)
    words = ("preprocess", tmp_path, "--gamma", "1", "--format", "png", "--out", tmp_path / "o")
    assert dlcli(*words).code == 0
    colors = {path.name: Image.open(path).getpixel((0, 0))[0] for path in (tmp_path / "o").glob("*.png")}
    assert colors == {"a.png": 200, "a.gif.png": 0, "a.png.png": 90}
    shutil.rmtree(tmp_path / "o")
    for number in (1, 2):
        assert dlcli(*words, "--shard", f"{number}/2").code in (0, 2)
    assert {path.name for path in (tmp_path / "o").glob("*.png")} == set(colors)
