"""The image of a VOC annotation: the one of its name, or the one that its <filename> names."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from dlcli.data.dataset import Problem
from dlcli.data.files import images_by_stem, same_stems, stays_below
from dlcli.errors import DataError
from dlcli.imaging.extensions import looks_like_image
from dlcli.messages import listed, plural

SHOWN = 5  # names in a note


class VocImages:
    """The images of a folder, and which annotation took which."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.by_stem = images_by_stem(folder)
        self.taken: dict[Path, list[Path]] = {}
        self.stale: list[str] = []

    def of(self, annotation: Path, root: Element) -> Path:
        """The image; where none is there, the path where it was expected.

        DataError: the annotation's own name and its <filename> are those of two images that are both there.
        """
        image = self._of(annotation, root)
        self.taken.setdefault(image, []).append(annotation)
        return image

    def _of(self, annotation: Path, root: Element) -> Path:
        stated = root.findtext("filename", "").strip().replace("\\", "/").rpartition("/")[2]
        stated = stated if stays_below(stated) else ""
        stem = Path(stated).stem if looks_like_image(stated) else stated
        own, named = self.by_stem.get(annotation.stem), self._named(stated, stem)
        if own is not None and named is not None and own.stem != named.stem:
            raise DataError(
                f"is the annotation of {own.name} by its own name and of {named.name} by its <filename>, and both are "
                "there; rename one, or fix <filename>"
            )
        if own is not None:
            if stem not in ("", annotation.stem):
                self.stale.append(annotation.name)
            return named if named is not None else own  # a.png of a.jpg and a.png
        return named or self.folder / (stated if looks_like_image(stated) else f"{annotation.stem}.jpg")

    def _named(self, stated: str, stem: str) -> Path | None:
        exact = self.folder / stated
        return exact if stated and looks_like_image(stated) and exact.is_file() else self.by_stem.get(stem)

    def shared(self) -> Iterator[Problem]:
        """Images that several annotations took, each of which has a part of the boxes at best."""
        for image, annotations in self.taken.items():
            if len(annotations) > 1:
                names = listed(path.name for path in annotations)
                yield Problem(annotations[0], f"is not the only one of {image.name}: {names}; join them", image)

    def notes(self, whole: bool) -> tuple[str, ...]:
        """What is to be said. whole: every annotation of the folder was looked at, so the other images have none."""
        bare = [path.name for path in self.by_stem.values() if path not in self.taken] if whole else []
        again = [path.name for path in same_stems(self.folder) if path not in self.taken]
        found = (
            (self.stale, "whose <filename> is of no image there; the one of the same name is taken", "XML file"),
            (bare, "without an XML file, left out", "image"),
            (again, "of the name of another in another format, left out", "image"),
        )
        return tuple(
            f"{self.folder}: {plural(len(names), noun)} {what}: {listed(names, SHOWN)}"
            for names, what, noun in found
            if names
        )
