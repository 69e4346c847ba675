"""`dlcli convert --overwrite` into a folder in which a volume is mounted: nothing on it is removed."""

import os
import shutil
import subprocess

import pytest

from dlcli.data.conversion import mounts
from tests.hostile.convert.folders import tree
from tests.hostile.inside import outcome

ASKED = ["convert", "a", "b", "--to", "yolo", "--overwrite"]


@pytest.fixture
def listed(folder, monkeypatch):
    """A function that writes the system's list of what is mounted."""
    table = folder.parent / f"{folder.name}-mounts"
    monkeypatch.setattr(mounts, "LIST", table)

    def write(*places):
        line = b"36 35 98:0 /vol %s rw - ext4 /dev/sda rw\n"
        table.write_bytes(b"".join(line % os.fsencode(place).replace(b" ", b"\\040") for place in places))

    return write


def refused(folder, place):
    before = tree(folder)
    ran = outcome(ASKED)
    assert (ran.code, f"b: a volume is mounted at {place}" in ran.err) == (2, True), ran
    assert tree(folder) == before


@pytest.mark.parametrize("name", ["notes", "notes/my disk", "file.txt", ""])
def test_a_place_of_the_systems_list_is_refused(folder, listed, name):
    (folder / "b" / "notes" / "my disk").mkdir(parents=True)
    (folder / "b" / "file.txt").write_text("precious")
    listed("/", folder / "bb", folder / "b" / name)
    refused(folder, folder / "b" / name)


def test_what_is_mounted_elsewhere_is_no_matter(folder, listed):
    listed("/", folder, folder / "a", folder / "bb", folder / "b2/x")
    assert outcome(ASKED).code == 0


def test_another_device_is_refused_where_there_is_no_list(folder, listed, monkeypatch):
    place = folder / "b" / "deep" / "notes"
    place.mkdir(parents=True)
    monkeypatch.setattr(os.path, "ismount", lambda path: os.fspath(path) == os.fspath(place))
    refused(folder, place)


def test_a_left_over_with_a_volume_is_not_cleared(folder, listed):
    place = folder / ".b.dlcli-convert" / "new" / "notes"
    place.mkdir(parents=True)
    (place / "diary.txt").write_text("precious")
    listed(place)
    before = tree(folder)
    ran = outcome(ASKED)
    assert (ran.code, f"a file system is mounted at {place}" in ran.err) == (2, True), ran
    assert tree(folder) == before


def test_a_volume_itself(folder):
    """Mounted for the test where the system lets us."""
    (folder / "b" / "notes").mkdir()
    (folder / "vol").mkdir()
    (folder / "vol" / "diary.txt").write_text("precious")
    if not shutil.which("mount"):
        pytest.skip("no mount here")
    if subprocess.run(["mount", "--bind", folder / "vol", folder / "b/notes"], capture_output=True).returncode:
        pytest.skip("not allowed to mount")
    try:
        refused(folder, folder / "b/notes")
    finally:
        subprocess.run(["umount", folder / "b/notes"], check=True)
    assert (folder / "vol" / "diary.txt").read_text() == "precious"
