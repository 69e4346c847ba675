"""Where the files of a COCO data set lie: the JSON of each split, and the folders of its images."""

from pathlib import Path

from dlcli.data.files import no_split
from dlcli.data.folders import files_in

LOOKED_FOR = "annotations/instances_SPLIT.json, SPLIT/_annotations.coco.json or instances.json"
WHOLE = "all"  # stands for the one file of a set that has no splits


def coco_files(folder: Path) -> dict[str, Path]:
    """The JSON file of each split, by the split's name; `all` is a file for the whole set."""
    files = {WHOLE: folder / "instances.json"} if (folder / "instances.json").is_file() else {}
    for parent in (folder / "annotations", folder):
        for path in files_in(parent, ".json"):
            if path.name.startswith("instances_"):
                files.setdefault(path.stem.removeprefix("instances_"), path)
    for path in sorted(folder.glob("*/_annotations.coco.json")):  # Roboflow
        files.setdefault(path.parent.name, path)
    for path in files_in(folder / "annotations", ".json"):
        if path.stem in ("train", "val", "test", "valid"):
            files.setdefault(path.stem, path)
    return files


def coco_file(place: Path, split: str | None) -> Path:
    """The JSON file to read: the place itself, or the split's; split None: the only one. DataError names the splits."""
    if place.is_file():
        return place
    files = coco_files(place)
    if split is None and len(files) == 1:
        return next(iter(files.values()))
    if split is None and WHOLE in files:
        return files[WHOLE]
    if split not in files:
        raise no_split(place, split, (name for name in files if name != WHOLE), LOOKED_FOR)
    return files[split]


def image_folders(place: Path, path: Path, split: str | None) -> list[Path]:
    """The folders in which a file_name may lie, the likeliest first; at least one, whether it is there or not."""
    root = place if place.is_dir() else path.parent.parent if path.parent.name == "annotations" else path.parent
    name = split or path.stem.removeprefix("instances_")
    folders = [root / "images" / name, root / name, root / "images", path.parent, root]
    return [folder for folder in dict.fromkeys(folders) if folder.is_dir()]
