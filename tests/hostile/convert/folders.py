"""Folders that conversions are tried with, and what they hold."""

import json
import os

from dlcli.data.conversion import exchange as exchange_module
from dlcli.data.conversion.run import Conversion, convert
from tests.data.conversion.sets import simple


def again(folder, to="yolo", target="b", **more):
    return convert(Conversion(folder / "a", folder / target, to, overwrite=True, **more))


def tree(folder):
    """Every name below, with what it holds; folders and links too."""
    found = {}
    for path in sorted(folder.rglob("*")):
        kept = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else ""
        found[str(path.relative_to(folder))] = kept
    return found


def fewer(folder):
    """The source with one image less, so that files of the target are of no use any more."""
    content = simple()
    content["images"] = content["images"][:1]
    (folder / "a" / "instances.json").write_text(json.dumps(content))


def one_way(monkeypatch, at_once):
    if not at_once:
        monkeypatch.setattr(exchange_module, "exchanged_at_once", lambda *_: False)
