"""Lists of images of a split beside a YOLO set: SPLIT.txt, or what Darknet's obj.data names, as CVAT writes both."""

import re
from pathlib import Path

from dlcli.data.files import read_text

USUAL = ("train", "val", "valid", "test")
OBJ_DATA = "obj.data"
_LINE = re.compile(r"\s*(train|valid|val|test)\s*=\s*(\S.*?)\s*")


def split_lists(root: Path) -> dict[str, Path]:
    """The list of each split that has one and is there, by the split's name.

    A path of obj.data is looked for by as much of its end as is there: data/valid.txt is valid.txt.
    """
    found = {name: root / f"{name}.txt" for name in USUAL if (root / f"{name}.txt").is_file()}
    if (root / OBJ_DATA).is_file():
        matches = map(_LINE.fullmatch, read_text(root / OBJ_DATA).splitlines())
        named = {match[1]: match[2] for match in matches if match}
        found |= {name: path for name, text in named.items() if (path := _place(root, text))}
    return found


def ends_below(root: Path, name: str) -> list[Path]:
    """A path of any system below the root, by all of it and by ever less of its beginning."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return [root.joinpath(*parts[start:]) for start in range(len(parts))]


def _place(root: Path, text: str) -> Path | None:
    return next((path for path in ends_below(root, text) if path.is_file()), None)
