"""A sound set has no finding; each harm done to it has its own, and names the file."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from dlcli.doctor import dataset
from dlcli.doctor.dataset import examine_set
from dlcli.doctor.finding import Finding, State
from dlcli.doctor.labeled_set import read_set, usual_splits
from dlcli.errors import DataError, UsageError
from tests.data.masks import save_index
from tests.data.sets import voc_object, voc_xml
from tests.program import SAMPLES

SIZE = 96
TRAIN, VAL = ("a", "b", "c", "d"), ("e", "f")


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    monkeypatch.setattr(dataset, "FEW", 2)


@pytest.fixture
def voc(tmp_path: Path) -> Path:
    """Six images, each with a cat and a dog."""
    folder = tmp_path / "voc"
    for name in TRAIN + VAL:
        save(folder / "JPEGImages" / f"{name}.png", scene(name))
        annotate(folder, name, voc_object("cat", 5, 5, 40, 40), voc_object("dog", 50, 10, 90, 80))
    lists(folder, {"train": TRAIN, "val": VAL, "trainval": TRAIN + VAL})
    return folder


def scene(name: str) -> np.ndarray:
    """uint8 [SIDE, SIDE, 3]: coarse noise, enlarged, so that each is like no other."""
    coarse = np.random.default_rng(ord(name[0])).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return cv2.resize(coarse, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)


def save(path: Path, pixels: np.ndarray, **more: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **more)


def annotate(folder: Path, name: str, *objects: str, size: tuple[int, int] = (SIZE, SIZE)) -> None:
    path = folder / "Annotations" / f"{name}.xml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(voc_xml(*size, objects))


def lists(folder: Path, splits: dict[str, tuple[str, ...]]) -> None:
    for split, names in splits.items():
        path = folder / "ImageSets" / "Main" / f"{split}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{name}\n" for name in names))


def odd(place: Path, *more: object) -> dict[str, Finding]:
    """The findings that are not ok, by check."""
    return {found.check: found for found in examine_set(read_set(place, *more)) if found.state is not State.OK}


def test_a_sound_set_is_sound(voc: Path):
    assert odd(voc) == {}
    described = next(examine_set(read_set(voc)))
    assert described.facts == {
        "task": "detect",
        "layout": "voc",
        "splits": {"train": 4, "val": 2},
        "unread": ["trainval"],
    }


def test_copies_in_a_split_and_across(voc: Path):
    images = voc / "JPEGImages"
    shutil.copy(images / "a.png", images / "b.png")
    shutil.copy(images / "c.png", images / "e.png")
    found = odd(voc)
    assert found.keys() == {"duplicates", "leaks"}
    assert found["duplicates"].items == (f"{images}/a.png = {images}/b.png",)
    assert found["leaks"].items == (f"{images}/c.png (train) = {images}/e.png (val)",)


def test_an_image_in_both_lists_is_a_leak_and_no_duplicate(voc: Path):
    lists(voc, {"val": ("a", "e")})
    found = odd(voc)
    assert found.keys() == {"leaks"}
    assert found["leaks"].items == (f"{voc}/JPEGImages/a.png (train) = {voc}/JPEGImages/a.png (val)",)


def test_an_image_saved_again_smaller_and_brighter_is_a_near_leak(voc: Path):
    pixels = cv2.resize(scene("b"), (80, 80), interpolation=cv2.INTER_AREA)
    save(voc / "JPEGImages" / "f.jpg", np.clip(pixels.astype(int) + 3, 0, 255).astype(np.uint8), quality=80)
    (voc / "JPEGImages" / "f.png").unlink()
    annotate(voc, "f", voc_object("cat", 5, 5, 40, 40), voc_object("dog", 50, 10, 70, 70), size=(80, 80))
    found = odd(voc)
    assert found.keys() == {"near-leaks"}
    assert "/b.png (train) ~ " in found["near-leaks"].items[0]
    assert "/f.jpg (val)" in found["near-leaks"].items[0]


@pytest.mark.parametrize("gain", [0.5, 0.8, 1.25])
def test_a_brighter_or_darker_copy_is_a_near_leak(voc: Path, gain: float):
    pixels = np.clip(scene("b") * gain, 0, 255).astype(np.uint8)
    save(voc / "JPEGImages" / "f.jpg", pixels, quality=90)
    (voc / "JPEGImages" / "f.png").unlink()
    sides = pixels.shape[1], pixels.shape[0]
    annotate(voc, "f", voc_object("cat", 5, 5, 40, 40), voc_object("dog", 50, 10, 70, 70), size=sides)
    assert odd(voc).keys() == {"near-leaks"}


def test_the_same_image_labeled_otherwise_is_a_contradiction(voc: Path):
    shutil.copy(voc / "JPEGImages" / "a.png", voc / "JPEGImages" / "b.png")
    annotate(voc, "b", voc_object("dog", 5, 5, 40, 40), voc_object("cat", 50, 10, 90, 80))
    assert odd(voc).keys() == {"duplicates", "contradictions"}


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        ("empty", "the file is empty (0 bytes)"),
        ("cut", "ends too early"),
        ("gone", "no such file"),
        ("outside", "outside the image"),
        ("size", "annotated as 90x96, the image is 96x96"),
        ("xml", "not valid XML"),
    ],
)
def test_bad_files_are_a_fault(voc: Path, harm: str, words: str):
    image, xml = voc / "JPEGImages" / "a.png", voc / "Annotations" / "a.xml"
    if harm == "empty":
        image.write_bytes(b"")
    elif harm == "cut":
        save(image, scene("a"), format="JPEG")  # its header is whole: only decoding tells
        image.write_bytes(image.read_bytes()[:-500])
    elif harm == "gone":
        image.unlink()
    elif harm == "outside":
        annotate(voc, "a", voc_object("cat", 5, 5, 140, 40))
    elif harm == "size":
        annotate(voc, "a", voc_object("cat", 5, 5, 40, 40), size=(90, 96))
    else:
        xml.write_text("<annotation>")
    found = odd(voc)["files"]
    assert found.state is State.FAULT
    (item,) = found.items
    assert item.startswith((f"{image.with_suffix('')}.", str(xml)))
    assert words in item
    assert found.facts == {"usable": 5}


def test_turned_and_blank_images(voc: Path):
    exif = Image.Exif()
    exif[0x0112] = 6
    save(voc / "JPEGImages" / "a.png", scene("a"), exif=exif)
    save(voc / "JPEGImages" / "b.png", np.full((SIZE, SIZE, 3), 7, np.uint8))
    found = odd(voc)
    assert found.keys() == {"exif", "blank"}
    assert found["exif"].items == (f"{voc}/JPEGImages/a.png",)
    assert found["blank"].items == (f"{voc}/JPEGImages/b.png",)


def test_blank_images_are_no_near_leaks(voc: Path):
    save(voc / "JPEGImages" / "a.png", np.full((SIZE, SIZE, 3), 7, np.uint8))
    save(voc / "JPEGImages" / "e.png", np.full((SIZE, SIZE, 3), 8, np.uint8))
    assert odd(voc).keys() == {"blank"}


def test_classes_with_few_examples_and_those_that_a_split_lacks(voc: Path):
    annotate(voc, "a", voc_object("owl", 5, 5, 40, 40))
    found = odd(voc)
    assert found.keys() == {"classes"}
    assert found["classes"].items == ("owl: 1 in train", "owl: none in val")
    assert found["classes"].facts["examples"]["train"] == {"cat": 3, "dog": 3, "owl": 1}


def test_images_without_boxes(voc: Path):
    for name in "abce":
        annotate(voc, name)
    found = odd(voc)
    assert found.keys() == {"background", "classes"}
    assert len(found["background"].items) == 4


def test_splits_are_chosen(voc: Path):
    assert usual_splits(["cat_train", "official_test", "train", "trainval", "valid"]) == ("train", "valid")
    assert usual_splits(["cat_train", "day", "night", "trainval"]) == ("day", "night")
    assert odd(voc, "", ("train", "trainval")).keys() == {"leaks"}
    with pytest.raises(DataError, match="nope"):
        read_set(voc, "", ("train", "nope"))
    with pytest.raises(UsageError, match="once"):
        read_set(voc, "", ("train", "train"))
    with pytest.raises(DataError, match="found no masks"):
        read_set(voc, "segment")


def test_folders_of_classes(tmp_path: Path):
    for split, names in (("train", "abcd"), ("val", "ef")):
        for number, name in enumerate(names):
            save(tmp_path / split / ("cat", "dog")[number % 2] / f"{name}.png", scene(name))
    assert odd(tmp_path) == {}
    shutil.copy(tmp_path / "train/cat/a.png", tmp_path / "train/dog/a.png")
    found = odd(tmp_path)
    assert found.keys() == {"duplicates", "contradictions"}
    assert found["contradictions"].items == (f"{tmp_path}/train/cat/a.png = {tmp_path}/train/dog/a.png",)


def test_masks(tmp_path: Path):
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "classes.txt").write_text("background\ncat\n")
    (tmp_path / "classes.txt").write_text("background\ncat\n")
    for name in "abcd":
        save(tmp_path / "images" / f"{name}.png", scene(name))
        mask = np.zeros((SIZE, SIZE), np.uint8)
        mask[10:50, 10 : 20 + ord(name) - ord("a")] = 1
        save_index(tmp_path / "masks" / f"{name}.png", mask)
    assert odd(tmp_path, "segment") == {}
    shutil.copy(tmp_path / "images" / "a.png", tmp_path / "images" / "b.png")
    mask[0, 0] = 9
    save_index(tmp_path / "masks" / "c.png", mask)
    found = odd(tmp_path, "segment")
    assert found.keys() == {"files", "duplicates", "contradictions"}
    assert "value 9 is outside the class list" in found["files"].items[0]


def test_the_sample_set():
    found = odd(SAMPLES / "shapes")
    assert found == {}


def test_near_leaks_against_a_slow_loop():
    from dlcli.doctor.duplicates import alike_in_two_parts
    from dlcli.doctor.fingerprint import Fingerprint
    from dlcli.imaging.look import BITS, LIKENESS

    rng = np.random.default_rng(5)
    base = [int(value) for value in rng.integers(0, 1 << 63, 8)]
    scenes = rng.integers(40, 200, (8, 16, 16, 3)).astype(np.uint8)
    seen = []
    for number in range(120):
        which = int(rng.integers(8))
        flips = sum(1 << int(bit) for bit in rng.choice(63, int(rng.integers(8)), replace=False))
        small = scenes[int(rng.integers(8)) if rng.random() < 0.2 else which] + np.uint8(rng.integers(0, 50))
        look = {"digest": bytes([number]), "looks": base[which] ^ flips, "small": small, "blank": False}
        place = {"part": "xyz"[number // 40], "path": Path(str(number))}
        seen.append(Fingerprint(**place, classes=(), truth=None, turned=False, **look))
    slow = {}
    for later in range(120):
        for part in range(later // 40):
            near = [
                (bin(seen[later].looks ^ seen[earlier].looks).count("1"), earlier)
                for earlier in range(40 * part, 40 * part + 40)
                if np.corrcoef(seen[later].small.ravel(), seen[earlier].small.ravel())[0, 1] >= LIKENESS
            ]
            if near and min(near)[0] <= BITS:
                slow[later, part] = min(near)
    fast = {(int(b.path.name), "xyz".index(a.part)): (n, int(a.path.name)) for a, b, n in alike_in_two_parts(seen)}
    assert fast == slow
    assert len(slow) > 20
