"""Equal sets have equal fingerprints, wherever they are; other images, sizes or labels another."""

import shutil
from dataclasses import replace

from dlcli.data.formats import read_dataset
from dlcli.data.kinds import BOXES
from dlcli.training.runs.fingerprint import fingerprint_of
from tests.training.sets import write_squares


def test_it_is_of_names_sizes_and_targets(tmp_path):
    write_squares(tmp_path / "one", 3, 1)
    shutil.copytree(tmp_path / "one", tmp_path / "moved")
    one, moved = (read_dataset(BOXES, tmp_path / name, "train") for name in ("one", "moved"))
    found = fingerprint_of(one)
    assert found == fingerprint_of(moved)
    assert len(found) == len("sha256:") + 16
    first, *others = one.items
    boxes = first.target
    shifted = replace(first, target=replace(boxes, xyxy=boxes.xyxy + 1))
    changed = [
        replace(one, labels=tuple(f"{label}s" for label in one.labels)),
        replace(one, items=(*others, first)),
        replace(one, items=tuple(others)),
        replace(one, items=(shifted, *others)),
    ]
    first.path.write_bytes(first.path.read_bytes() + b"\n")
    found_of_all = {found, fingerprint_of(one), *map(fingerprint_of, changed), fingerprint_of(moved, moved)}
    assert len(found_of_all) == 7
