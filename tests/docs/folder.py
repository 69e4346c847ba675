"""A folder with everything that the commands in the docs name; a clone alone for pages to walk through."""

import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import tifffile

from tests.models import foreign_networks
from tests.program import ROOT, SAMPLES, dlcli

PHOTOS = ("photos", "night", "scans", "inbox", "assets", "cars", "beach", "cups", "farm", "lot")


def make_clone(folder: Path) -> Path:
    """No more than a clone has: the sample images. The folder of the program to put before PATH."""
    (folder / "sample_data").symlink_to(SAMPLES)
    return make_program(folder / "bin")


def make_folder(folder: Path) -> Path:
    """What names in the pages stand for, beside the clone."""
    program = make_clone(folder)
    for name in PHOTOS:
        (folder / name / "more").mkdir(parents=True)
        shutil.copy(SAMPLES / "cat.jpg", folder / name / "cat.jpg")
        shutil.copy(SAMPLES / "coffee.jpg", folder / name / "more" / "coffee.jpg")
    for name in ("cat.jpg", "photo.jpg", "me.jpg", "any.jpg"):
        shutil.copy(SAMPLES / "cat.jpg", folder / name)
    cv2.imwrite(str(folder / "aerial.tif"), cv2.resize(cv2.imread(str(SAMPLES / "rocket.jpg")), (900, 700)))
    make_video(folder / "clip.mp4")
    make_deep_images(folder)
    make_sets(folder)
    (folder / "cars.onnx").write_bytes(foreign_networks.yolo(classes=2))
    (folder / "cars.txt").write_text("car\nbus\n")
    (folder / "rooms.onnx").write_bytes(foreign_networks.classifier())
    (folder / "runs").mkdir()
    make_branch(folder)
    return program


def make_deep_images(folder: Path) -> None:
    """scan.tif and thermal/ of floating point numbers, stacks/ of pages of 16 bits."""
    gray = cv2.resize(cv2.imread(str(SAMPLES / "rocket.jpg"), cv2.IMREAD_GRAYSCALE), (96, 64))
    for name in ("thermal", "stacks"):
        (folder / name).mkdir()
    for path in (folder / "scan.tif", folder / "thermal" / "a.tif"):
        tifffile.imwrite(path, gray.astype(np.float32) * 15)
    tifffile.imwrite(
        folder / "stacks" / "a.tif", np.stack([gray, gray // 2]).astype(np.uint16) * 200, photometric="minisblack"
    )


def make_branch(folder: Path) -> None:
    """A repository whose branch has an image more than main."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (
        ["init", "-q", "-b", "main"],
        ["add", "night"],
        ["commit", "-qm", "night"],
        ["checkout", "-qb", "more"],
    ):
        subprocess.run([*git, *words], cwd=folder, check=True)
    for words in (["add", "photo.jpg"], ["commit", "-qm", "more"]):
        subprocess.run([*git, *words], cwd=folder, check=True)


def make_video(path: Path) -> None:
    image = cv2.imread(str(SAMPLES / "cat.jpg"))
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 25, (image.shape[1], image.shape[0]))
    for _ in range(30):
        video.write(image)
    video.release()


def make_sets(folder: Path) -> None:
    """voc2007, labeled by the bundled models; my-data, shapes; my-classes and imagenette, a folder a class."""
    shutil.copytree(SAMPLES / "shapes", folder / "my-data")
    for split in ("train", "val"):
        for number, name in enumerate(("cat", "coffee")):
            (folder / "my-classes" / split / name).mkdir(parents=True)
            for copy in range(3):
                image = cv2.imread(str(SAMPLES / f"{name}.jpg"))
                place = folder / "my-classes" / split / name / f"{copy}.jpg"
                cv2.imwrite(str(place), image[copy * 20 + number :, (split == "val") * 30 :])
    (folder / "imagenette/val/espresso").mkdir(parents=True)
    shutil.copy(SAMPLES / "coffee.jpg", folder / "imagenette/val/espresso")
    records = folder / "voc2007.jsonl"
    records.write_text(dlcli("detect", SAMPLES / "cat.jpg", SAMPLES / "astronaut.jpg", "--json").out)
    assert dlcli("convert", records, folder / "voc2007", "--to", "voc", "--allow-loss").code == 0
    masks = dlcli("segment", SAMPLES / "cat.jpg", SAMPLES / "astronaut.jpg", "--out", folder / "index")
    assert masks.code == 0
    shutil.copytree(folder / "index", folder / "voc2007/SegmentationClass", ignore=shutil.ignore_patterns("*.json*"))
    for kind in ("Main", "Segmentation"):
        (folder / "voc2007/ImageSets" / kind).mkdir(parents=True, exist_ok=True)
        for split in ("train", "val", "test"):
            (folder / f"voc2007/ImageSets/{kind}/{split}.txt").write_text("cat\nastronaut\n")


def make_program(place: Path) -> Path:
    place.mkdir()
    program = place / "dlcli"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m dlcli "$@"\n')
    program.chmod(0o755)
    return place
