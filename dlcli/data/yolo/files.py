"""Where the files of a YOLO data set lie: class names, the images of each split, the label file of an image."""

import os
import re
from pathlib import Path

from dlcli.data.files import images_below, images_by_stem, no_split, read_text
from dlcli.data.folders import files_below, files_in
from dlcli.data.splits.names import SPLIT_FOLDERS
from dlcli.data.yolo.data_yaml import Value, read_keys
from dlcli.data.yolo.lists import ends_below, split_lists
from dlcli.errors import DataError
from dlcli.messages import listed, short_repr

SPLIT_KEYS = ("train", "val", "test")
NAME_FILES = ("classes.txt", "labels/classes.txt", "obj.names")
NAMES_OF_SPLITS = ("*/classes.txt", "labels/*/classes.txt")  # as labelImg writes one in each folder
NO_LABELS = frozenset({"classes", "labels", "labelmap", "predefined_classes", "notes", *SPLIT_FOLDERS})
LOOKED_AT = 20  # files of a folder, to learn whether it holds label files
LOOKED_FOR = "data.yaml or classes.txt, with images/SPLIT and labels/SPLIT, SPLIT/images and SPLIT/labels, or SPLIT.txt"
_LINE = re.compile(r"\s*\d+(\.0*)?(e[+-]?0+)?(\s+[-+]?[\d.]+(e[-+]?\d+)?){4,}\s*", re.IGNORECASE)


def yolo_yaml(place: Path) -> Path | None:
    """The YAML file: the place itself, data.yaml, dataset.yaml, or the folder's only one; None where there is none."""
    if place.is_file():
        return place
    found = files_in(place, ".yaml", ".yml")
    named = [path for path in found if path.stem in ("data", "dataset")]
    return named[0] if named else found[0] if len(found) == 1 else None


def is_data_yaml(place: Path) -> bool:
    """Whether the YAML file names classes or splits; one that cannot be read is taken for it, to say what is wrong."""
    config = yolo_yaml(place)
    try:
        return config is not None and bool(read_keys(config, ("names", "nc", *SPLIT_KEYS)))
    except DataError:
        return True


def yolo_names(place: Path) -> tuple[str, ...]:
    """The class names in the order of their numbers. DataError where none are found or two are alike."""
    config = yolo_yaml(place)
    if config is not None:
        names = _names_of(config, read_keys(config, ("names",)).get("names"))
    else:
        config = _name_file(place)
        names = [line.strip() for line in read_text(config).splitlines() if line.strip()]
    if not names or len(set(names)) < len(names):
        again = sorted({name for name in names if names.count(name) > 1})
        raise DataError(f"{config}: expected each class name once, got {listed(again) if names else 'no names'}")
    return tuple(names)


def yolo_splits(place: Path) -> list[str]:
    """The names of the splits that are there; a folder that the YAML gives another name goes by that alone."""
    root = _root(place)
    named = [key for key, value in _config(place).items() if key in SPLIT_KEYS and value]
    named = [key for key in named if key != "test" or _is_there(place, key)]
    taken = {os.path.realpath(at) for key in named for at in _split_places(place, key)}
    below = [path.name for path in _folders(root / "images") if os.path.realpath(path) not in taken]
    beside = [
        path.name
        for path in _folders(root)
        if (path / "images").is_dir() and os.path.realpath(path / "images") not in taken
    ]
    lists = [name for name, path in split_lists(root).items() if os.path.realpath(path) not in taken]
    flat = [path.name for path in _folders(root) if path.name in SPLIT_FOLDERS and labeled_beside(path)]
    flat = [name for name in flat if os.path.realpath(root / name) not in taken]
    return sorted({*named, *below, *beside, *lists, *flat})


def lacks_test(place: Path) -> bool:
    """Whether the YAML names a split test that is not there, as exports do that have none."""
    return bool(_config(place).get("test")) and not _is_there(place, "test")


def labeled_beside(folder: Path) -> bool:
    """Whether an image right in the folder has its label file beside it."""
    stems = images_by_stem(folder)
    return any(path.stem in stems and is_label_file(path) for path in files_in(folder, ".txt"))


def has_label_files(place: Path) -> bool:
    """Whether there are label files in any of the usual places; the first few of each folder are looked into."""
    root = _root(place)
    folders = [root / "labels", *_folders(root / "labels"), *(path / "labels" for path in _folders(root))]
    for folder in folders:
        some = [path for path in files_in(folder, ".txt") if path.stem not in NO_LABELS and path.is_file()]
        if any(is_label_file(path) for path in some[:LOOKED_AT]) or (some and not any(p.stat().st_size for p in some)):
            return True
    flat = (root, root / "obj_train_data", *(path for path in _folders(root) if path.name in SPLIT_FOLDERS))
    return any(labeled_beside(folder) for folder in flat)


def is_label_file(path: Path) -> bool:
    """Whether the first line that holds something is a class and four numbers or more."""
    if path.stem in NO_LABELS or not path.is_file():
        return False
    try:
        with path.open(encoding="utf-8-sig") as lines:
            first = next((line for line in lines if line.strip()), "")
    except (OSError, UnicodeDecodeError):
        return False
    return _LINE.fullmatch(first) is not None


def yolo_images(place: Path, split: str | None) -> list[Path]:
    """The images of a split, in order; split None: of a set without splits. DataError where there are none."""
    splits = yolo_splits(place)
    if (split not in splits) if splits else (split is not None):
        raise no_split(place, split, splits, LOOKED_FOR)
    places = [_whole_place(_root(place))] if split is None else _split_places(place, split)
    images = [path for found in places for path in _images_at(found, _root(place))]
    if not images:
        raise DataError(f"{listed(map(str, places))}: expected images, found none")
    return list(dict.fromkeys(images))


def label_file(image: Path, place: Path) -> Path:
    """labels/ in place of the last images/ below the set's folder, .txt in place of the ending."""
    root = _root(place)
    try:
        start, parts = root, list(image.relative_to(root).parts)
    except ValueError:
        start, parts = Path(), list(image.parts)
    if "images" in parts[:-1]:
        last = len(parts) - 2 - parts[-2::-1].index("images")
        parts[last] = "labels"
    return start.joinpath(*parts).with_suffix(".txt")


def yolo_pairs(place: Path, split: str | None, image_dir: Path | None = None) -> list[tuple[Path, Path, str]]:
    """(image, label file, name below the folder of images) of a split. image_dir: see labeled_elsewhere."""
    if image_dir is not None:
        return labeled_elsewhere(place, split, image_dir)
    images = yolo_images(place, split)
    return [(path, label_file(path, place), image_name(path, place, split)) for path in images]


def labeled_elsewhere(place: Path, split: str | None, image_dir: Path) -> list[tuple[Path, Path, str]]:
    """(image, label file, name) of every label file of a split, where the images lie in a folder of their own.

    An image is that of the same folders and name below `image_dir`, else the one of that name; where there is none, the
    path says which was expected. An image without a label file is not in the set. DataError: no label file.
    """
    root = _root(place)
    usual = [root / "labels"] if split is None else [root / "labels" / split, root / split / "labels"]
    folder = next((path for path in usual if path.is_dir()), usual[0])
    found = [path for path in files_below(folder, ".txt") if path.name != "classes.txt"]
    if not found:
        raise DataError(f"{folder}: expected label files, found none")
    images = images_below(image_dir)
    by_place = {str(path.relative_to(image_dir).with_suffix("")): path for path in reversed(images)}
    by_stem = {path.stem: path for path in reversed(images)}
    pairs = []
    for label in found:
        stem = label.relative_to(folder).with_suffix("")
        image = by_place.get(str(stem)) or by_stem.get(stem.name) or image_dir / stem.with_name(f"{stem.name}.jpg")
        pairs.append((image, label, stem.with_name(stem.name + image.suffix).as_posix()))
    return pairs


def image_name(image: Path, place: Path, split: str | None) -> str:
    """The image as seen from the folder of its split, "tree/a.jpg"; its own name where it lies elsewhere."""
    root = _root(place)
    folders = [root / "images", root] if split is None else [root / "images" / split, root / split / "images"]
    return next((image.relative_to(f).as_posix() for f in folders if image.is_relative_to(f)), image.name)


def _names_of(config: Path, value: Value) -> list[str]:
    """Names from a list, or from a mapping whose keys are 0, 1, 2 ..."""
    if isinstance(value, dict):
        keys = [str(number) for number in range(len(value))]
        if set(keys) != set(value):
            raise DataError(f"{config}: names: expected the numbers 0 to {len(value) - 1}, got {listed(value)}")
        value = [value[key] for key in keys]
    if not isinstance(value, list):
        raise DataError(f"{config}: names: expected a list or a mapping of class names, got {short_repr(value)}")
    missing = [index for index, name in enumerate(value) if not name]
    if missing:
        raise DataError(f"{config}: names: expected a name for class {missing[0]}, got nothing")
    return [str(name).strip() for name in value]


def _config(place: Path) -> dict[str, Value]:
    config = yolo_yaml(place)
    return {} if config is None else read_keys(config, ("path", *SPLIT_KEYS))


def _root(place: Path) -> Path:
    return place.parent if place.is_file() else place


def _split_places(place: Path, split: str) -> list[Path]:
    """Folders and lists of a split: those that the YAML names, else the first usual place."""
    root, config = _root(place), _config(place)
    value = config.get(split)
    if value:
        base = root / str(config["path"]) if config.get("path") else root
        return [_settled(base, root, str(name)) for name in (value if isinstance(value, list) else [value])]
    lists = [path for name, path in split_lists(root).items() if name == split]
    usual = (root / "images" / split, root / split / "images", *lists, root / split)
    return [next(path for path in usual if path.exists())]


def _is_there(place: Path, split: str) -> bool:
    return any(os.path.exists(path) for path in _split_places(place, split))


def _settled(base: Path, root: Path, name: str) -> Path:
    """Where a name of the YAML points: below `path`, below the YAML's folder, or in it (Roboflow's ../train/images,
    which goes before a folder of that name beside the set); a path of another machine by as much of its end as is
    there below the set.

    `path` is often a folder of the machine that wrote the file, so a place that does not exist is no obstacle.
    """
    inside = [root / name.removeprefix("../")] if name.startswith("../") else []
    foreign = name.startswith("/") or "\\" in name
    tries = [*inside, base / name, root / name, *(ends_below(root, name) if foreign else ())]
    return next((Path(os.path.normpath(path)) for path in tries if os.path.exists(path)), base / name)


def _images_at(path: Path, root: Path) -> list[Path]:
    """The images below a folder, or those that a list names, one a line."""
    if os.path.isdir(path):  # unlike Path.is_dir it takes a name that is too long for no folder
        return images_below(path)
    if path.suffix != ".txt":
        raise DataError(f"{path}: expected a folder of images or a .txt list of them, found neither")
    lines = [line.strip() for line in read_text(path).splitlines()]
    return [_listed_image(path.parent, root, line) for line in lines if line and "\0" not in line]


def _listed_image(beside: Path, root: Path, line: str) -> Path:
    """Where a line of a list points; a path of another machine by as much of its end as is there below the set.

    CVAT, for one, writes data/obj_train_data/a.jpg for what lies in obj_train_data.
    """
    usual = Path(os.path.normpath(beside / line))
    if os.path.isfile(usual):
        return usual
    return next((path for path in ends_below(root, line) if os.path.isfile(path)), usual)


def _whole_place(root: Path) -> Path:
    """Where the images of a set without splits lie: images/, or beside their label files."""
    return root / "images" if (root / "images").is_dir() or not labeled_beside(root) else root


def _name_file(place: Path) -> Path:
    """The list of class names. DataError: there is none, or splits have different ones."""
    found = [place / name for name in NAME_FILES if (place / name).is_file()][:1]
    found = found or [path for pattern in NAMES_OF_SPLITS for path in sorted(place.glob(pattern))]
    if not found:
        raise DataError(
            f"{place}: holds label files of YOLO, and nothing that names the classes; expected data.yaml with "
            f"`names: [cat, dog]`, or {NAME_FILES[0]} with a name a line, in the order of the class numbers"
        )
    if len({read_text(path).strip() for path in found}) > 1:
        raise DataError(f"{listed(map(str, found))}: expected the same class names; make them alike")
    return found[0]


def _folders(path: Path) -> list[Path]:
    return [child for child in files_in(path) if child.is_dir()]
