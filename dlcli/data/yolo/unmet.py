"""Label files of YOLO that belong to no image, for their names or because it is gone: never taken for background."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from dlcli.data.dataset import Problem
from dlcli.data.folders import files_in
from dlcli.data.yolo.files import NO_LABELS
from dlcli.frozen import dataclass
from dlcli.imaging.extensions import looks_like_image
from dlcli.messages import listed, plural

SHOWN = 5
Pair = tuple[Path, Path, str]  # image, label file, name


@dataclass(frozen=True)
class Unmet:
    """problems: label files without an image. left_out: images that they may be of. notes: images without a file."""

    problems: tuple[Problem, ...] = ()
    left_out: frozenset[Path] = frozenset()
    notes: tuple[str, ...] = ()


def unmet_labels(place: Path, pairs: Sequence[Pair]) -> Unmet:
    """Label files in the folders of the pairs' label files that are of no image there.

    One whose name an image has in another spelling (capitals, Unicode's composed or decomposed letters, "a.jpg.txt")
    leaves that image out; any other leaves out every image without a label file, since it may be of one of them.
    """
    bare = [image for image, label, _ in pairs if not label.is_file()]
    folders = sorted({label.parent for _, label, _ in pairs})
    root = place if place.is_dir() else place.parent
    partners: dict[Path, Path | None] = {}
    for folder in folders:
        images = _images_of(folder, root)
        partners |= {path: _partner(path, images) for path in _orphans(folder, images)}
    problems = [Problem(path, _message(path, partner), partner) for path, partner in partners.items()]
    lost = sum(partner is None for partner in partners.values())
    doubtful = [image for image in bare if image not in set(partners.values())] if lost else []
    if doubtful:
        names = listed((image.name for image in doubtful), SHOWN)
        what = f"{plural(lost, 'label file')} may be of the images without one, which are left out: {names}"
        problems.append(Problem(folders[0], what))
    background = len(bare) - len(doubtful)
    count = f"{plural(background, 'image')} of {len(pairs):,}"
    note = f"{place}: {count} without a label file: taken for images without an object"
    notes = (*((note,) if background else ()), *_shared(place, pairs))
    return Unmet(tuple(problems), frozenset({*doubtful, *filter(None, partners.values())}), notes)


def _shared(place: Path, pairs: Sequence[Pair]) -> tuple[str, ...]:
    """On label files that are of several images, a.jpg and a.png, each of which gets all their lines."""
    counts = Counter(label for _, label, _ in pairs)
    several = [image.name for image, label, _ in pairs if counts[label] > 1 and label.is_file()]
    what = (
        f"{plural(len(several), 'image')} whose label file is of another too, by their names: {listed(several, SHOWN)}"
    )
    return (f"{place}: {what}",) if several else ()


def _orphans(folder: Path, images: Sequence[Path]) -> Iterator[Path]:
    """Label files right in the folder that no image has."""
    stems = {path.stem for path in images}
    for path in files_in(folder):
        is_label = path.suffix.lower() == ".txt" and path.stem.casefold() not in NO_LABELS and not _is_readme(path)
        if is_label and (path.stem not in stems or path.suffix != ".txt"):
            yield path


def _is_readme(path: Path) -> bool:
    return path.stem.casefold().startswith(("readme", "license", "licence", "requirements"))


def _images_of(folder: Path, root: Path) -> list[Path]:
    """The images whose label files would lie in the folder: images/ in place of the last labels/ below the set's own
    folder, or right there.
    """
    start, parts = (
        (root, list(folder.relative_to(root).parts)) if folder.is_relative_to(root) else (Path(), list(folder.parts))
    )
    if "labels" in parts:
        parts[len(parts) - 1 - parts[::-1].index("labels")] = "images"
    return [path for path in files_in(start.joinpath(*parts)) if looks_like_image(path)]


def _partner(label: Path, images: Sequence[Path]) -> Path | None:
    """The image whose name is the label file's in another spelling, if there is one only."""
    alike = [path for path in images if _plainly(path.stem) == _plainly(label.stem)]
    alike = alike or [path for path in images if _plainly(path.name) == _plainly(label.stem)]  # a.jpg.txt
    return alike[0] if len(alike) == 1 else None


def _plainly(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().strip()


def _message(label: Path, partner: Path | None) -> str:
    if partner is None:
        return "is of no image: none there has this name"
    return f"is of no image; {partner.name} is spelled otherwise; call it {partner.stem}.txt"
