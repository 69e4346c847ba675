"""Where files of an image go below --out, and in which formats images are written. Light."""

from collections.abc import Callable
from functools import partial
from pathlib import PurePosixPath

COCO, CLASSES = PurePosixPath("coco.json"), PurePosixPath("classes.txt")
WRITTEN = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"})  # suffixes
ANNOTATIONS = {"yolo": ("labels", ".txt"), "voc": ("Annotations", ".xml"), "labelme": ("labelme", ".json")}


def image_name(place: PurePosixPath) -> PurePosixPath:
    """An image that is drawn keeps its name; formats that are not written become PNG."""
    return place if place.suffix.lower() in WRITTEN else place.with_name(place.name + ".png")


def redacted_name(place: PurePosixPath) -> PurePosixPath:
    """redacted/<tree>/<name>."""
    return PurePosixPath("redacted") / image_name(place)


def folder_below(kind: str, place: PurePosixPath) -> PurePosixPath:
    """kind/<tree>/<name>/ holds several files of one image; its name is not one of an image: cat_jpg for cat.jpg."""
    return PurePosixPath(kind) / place.with_name(plain_word(place.name))


def plain_word(name: str) -> str:
    """The name of a file as one that no pattern such as *.jpg takes for an image, and that tells a.jpg from a.png."""
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}_{suffix}" if dot else name


def annotation_name(save: str, place: PurePosixPath) -> PurePosixPath:
    """An image's file of a format, by the word for --save, in the folder where the format's tools look for it."""
    folder, ending = ANNOTATIONS[save]
    return PurePosixPath(folder) / place.with_name(place.stem + ending)


Naming = Callable[[PurePosixPath], PurePosixPath]
ANNOTATION_NAMES: dict[str, Naming] = {
    save: partial(annotation_name, save) for save in ANNOTATIONS
}  # by the word: the name for a place
