"""`dlcli convert --overwrite`: what the user has put into the target stays."""

import json
import os
import shutil
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlcli.data.conversion import place as place_module
from dlcli.data.conversion.manifest import NAME, read_manifest
from dlcli.data.conversion.run import Conversion, Transfer, convert
from dlcli.errors import UsageError
from tests.hostile.convert.folders import again, fewer, one_way, tree
from tests.hostile.inside import outcome


def test_notes_and_new_labels_stay(folder):
    (folder / "b" / "notes.txt").write_text("precious")
    (folder / "b" / "labels/all/new.txt").write_text("0 0.5 0.5 0.1 0.1\n")
    (folder / "b" / "mine" / "empty").mkdir(parents=True)
    (folder / "b" / "mine" / "link").symlink_to("../notes.txt")
    (folder / "b").chmod(0o750)
    number = (folder / "b" / "notes.txt").stat().st_ino
    fewer(folder)
    assert outcome(["convert", "a", "b", "--to", "yolo", "--overwrite"]).code == 0
    kept = tree(folder / "b")
    assert kept["notes.txt"] == b"precious"
    assert kept["labels/all/new.txt"] == b"0 0.5 0.5 0.1 0.1\n"
    assert (kept["mine/link"], kept["mine/empty"]) == ("../notes.txt", "")
    assert "labels/all/c.txt" not in kept
    assert "images/all/c.png" not in kept
    assert (folder / "b" / "notes.txt").stat().st_ino == number
    assert stat.S_IMODE((folder / "b").stat().st_mode) == 0o750
    assert sorted(path.name for path in folder.iterdir()) == ["a", "b"]
    assert set(read_manifest(folder / "b")) == set(kept) - {
        *("notes.txt", "labels/all/new.txt", "mine", "mine/link", "mine/empty", NAME),
        *(name for name in kept if (folder / "b" / name).is_dir()),
    }


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("labels/all/c.txt", "0 0.1 0.1 0.1 0.1\n", "labels/all/c.txt (edited since)"),
        ("data.yaml", "mine", "data.yaml (edited since)"),
        ("labels.txt", "mine", "labels.txt"),
        ("deep", "mine", "deep"),
    ],
)
def test_what_would_be_lost_is_refused(folder, name, text, told):
    """labels.txt and deep/ are of LabelMe, into which the YOLO set is converted."""
    shutil.rmtree(folder / "b" / "deep", ignore_errors=True)
    (folder / "b" / name).write_text(text)
    before = tree(folder)
    ran = outcome(["convert", "a", "b", "--to", "labelme", "--overwrite"])
    assert ran.code == 2
    assert f"--overwrite would lose what dlcli convert did not write: {told};" in ran.err
    assert tree(folder) == before


def test_many_are_counted(folder):
    for path in (folder / "b").rglob("*.*"):
        path.unlink()
        path.write_text("mine")
    convert(Conversion(folder / "a", folder / "c", "yolo"))
    shutil.copy(folder / "c" / NAME, folder / "b" / NAME)
    with pytest.raises(UsageError, match=r"edited since\) and 1 more; move it away"):
        again(folder)


def test_images_that_were_edited_in_the_source_are_no_loss(folder):
    """They are hard links of it, so that the target's changed too."""
    with (folder / "a/images/c.png").open("ab") as file:
        file.write(b"trailing")
    again(folder)
    assert (folder / "b/images/all/c.png").samefile(folder / "a/images/c.png")


def test_a_folder_without_a_list_is_left_alone(folder):
    for text in (None, "[]", "{", '{"schema": "dlcli.converted/1", "files": 5}'):
        (folder / "b" / NAME).unlink()
        if text is not None:
            (folder / "b" / NAME).write_text(text)
        before = tree(folder)
        with pytest.raises(UsageError, match="was not written by dlcli convert"):
            again(folder)
        assert tree(folder) == before
        (folder / "b" / NAME).touch()


def test_a_list_that_names_files_elsewhere_moves_none_of_them(folder):
    """Neither upwards nor through a link."""
    (folder / "other").mkdir()
    (folder / "other" / "x").write_text("precious")
    (folder / "b" / "link").symlink_to("../other")
    content = json.loads((folder / "b" / NAME).read_text())
    entry = {"size": 8, "sha256": "e4e7d8e2ed9a2a93e8e7e9a9d0a9ab6b"}
    content["files"] |= dict.fromkeys(("../other/x", "link/x", str(folder / "other/x")), entry)
    (folder / "b" / NAME).write_text(json.dumps(content))
    again(folder)
    assert (folder / "other" / "x").read_text() == "precious"
    assert os.readlink(folder / "b" / "link") == "../other"


def test_a_target_that_is_a_link_stays_one(folder):
    (folder / "b").rename(folder / "real")
    (folder / "b").symlink_to("real")
    (folder / "real" / "notes.txt").write_text("precious")
    again(folder, "labelme")
    assert (folder / "b").is_symlink()
    assert {"labels.txt", "notes.txt"} <= set(tree(folder / "real"))
    assert "data.yaml" not in tree(folder / "real")
    assert sorted(path.name for path in folder.iterdir()) == ["a", "b", "real"]


def test_images_of_the_source_are_not_replaced(folder):
    """Records of images that an earlier conversion has copied."""
    convert(Conversion(folder / "a", folder / "c", "yolo", transfer=Transfer.COPY))
    convert(Conversion(folder / "c", folder / "r.jsonl", "jsonl"))
    before = tree(folder)
    with pytest.raises(UsageError, match=r"c: holds .*c\.png, an image of the source"):
        convert(Conversion(folder / "r.jsonl", folder / "c", "coco", overwrite=True, transfer=Transfer.NONE))
    assert tree(folder) == before


def test_a_second_conversion_to_a_target_is_refused(folder):
    with place_module.beside(folder / "b"), pytest.raises(UsageError, match="another conversion is writing there"):
        again(folder)
    again(folder)


def test_where_hard_links_do_not_work_own_files_are_copied(folder, monkeypatch):
    def refuse(*_, **__):
        raise OSError(18, "Invalid cross-device link")

    (folder / "b" / "notes.txt").write_text("precious")
    os.utime(folder / "b" / "notes.txt", (1e9, 1e9))
    monkeypatch.setattr(os, "link", refuse)
    again(folder)
    assert (folder / "b/notes.txt").read_text() == "precious"
    assert (folder / "b/notes.txt").stat().st_mtime == 1e9
    assert (folder / "b/images/all/c.png").is_symlink()
    again(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["a", "b"]


NAMES = st.sampled_from(
    [
        *("notes.txt", "images/all/c.png", "labels/all/c.txt", "labels/all/new.txt", "labels", "deep/x.json"),
        *("c.json", "deep", "labels.txt", "ids.json", "images/all/deep", "deep/a b.json", "x/y/z"),
    ]
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    laid=st.dictionaries(NAMES, st.sampled_from(["text", "link", "folder", "gone"]), max_size=5),
    to=st.sampled_from(["yolo", "labelme", "coco"]),
    at_once=st.booleans(),
)
def test_nothing_of_the_users_is_lost_whatever_lies_there(folder, laid, to, at_once):
    """Files, links and folders, also in place of what was written: all is there afterwards, or nothing has changed."""
    place = Path(tempfile.mkdtemp(dir=folder))
    for name in ("a", "b"):
        shutil.copytree(folder / name, place / name, symlinks=True)
    own = {}
    for name, kind in laid.items():
        own |= lay(place / "b", name, kind)
    before = tree(place)
    with pytest.MonkeyPatch.context() as patch:
        one_way(patch, at_once)
        try:
            again(place, to)
        except UsageError:
            assert tree(place) == before
            return
    after = tree(place / "b")
    present = {name: kept for name, kept in own.items() if before.get(f"b/{name}") == kept}
    assert present.items() <= after.items()
    assert sorted(path.name for path in place.iterdir()) == ["a", "b"]


def lay(target, name, kind):
    """Put something there, in place of what there was; what is the user's own then."""
    path = target / name
    if any(os.path.lexists(above) and not above.is_dir() for above in path.parents):
        return {}
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    if kind == "gone":
        return {}
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "text":
        path.write_text(f"mine {name}")
        return {name: f"mine {name}".encode()}
    if kind == "link":
        path.symlink_to("nowhere")
        return {name: "nowhere"}
    (path / "inside").mkdir(parents=True)
    (path / "inside" / "file").write_text("mine")
    return {f"{name}/inside/file": b"mine"}


def test_one_file_is_replaced_only_as_it_was_written(folder):
    assert outcome(["convert", "a", "c.json", "--to", "coco"]).code == 0
    assert outcome(["convert", "a", "c.json", "--to", "coco"]).code == 2
    fewer(folder)
    assert outcome(["convert", "a", "c.json", "--to", "coco", "--overwrite"]).code == 0
    assert len(json.loads((folder / "c.json").read_text())["images"]) == 1
    written = (folder / "c.json").read_text()
    for name, text in (("c.json", written + " "), ("hand.json", written), ("c.ids.json", "mine")):
        (folder / name).write_text(text)
        before = tree(folder)
        target = "c.json" if name == "c.ids.json" else name
        ran = outcome(["convert", "a", target, "--to", "coco", "--overwrite"])
        assert ran.code == 2, name
        assert "dlcli convert" in ran.err
        assert tree(folder) == before
        (folder / "c.json").write_text(written)


def test_the_ids_beside_a_file_are_no_prey_either(folder):
    (folder / "c.ids.json").write_text("mine")
    ran = outcome(["convert", "a", "c.json", "--to", "coco"])
    assert ran.code == 2
    assert "c.ids.json: is there already" in ran.err
    assert (folder / "c.ids.json").read_text() == "mine"
    assert not (folder / "c.json").exists()


@pytest.mark.parametrize(("name", "to", "told"), [("c.json", "coco", "is a link to home/.profile"), ("c", "yolo", "")])
def test_nothing_is_made_where_a_link_points_at_nothing(folder, name, to, told):
    (folder / name).symlink_to("home/.profile")
    (folder / "home").mkdir()
    before = tree(folder)
    ran = outcome(["convert", "a", name, "--to", to, "--overwrite"])
    assert (ran.code, f"{name}: {told}" in ran.err) == (2, True), ran
    assert tree(folder) == before
    assert not list((folder / "home").iterdir())


def test_a_file_that_is_a_link_and_one_that_is_a_fifo(folder):
    (folder / "far").mkdir()
    again(folder, "coco", "c.json")
    (folder / "c.json").rename(folder / "far" / "c.json")
    (folder / "c.json").symlink_to("far/c.json")
    fewer(folder)
    again(folder, "coco", "c.json")
    assert len(json.loads((folder / "far/c.json").read_text())["images"]) == 1
    assert (folder / "c.json").is_symlink()
    assert (folder / "far" / "c.json").is_file()
    os.mkfifo(folder / "r.jsonl")
    reader = os.open(folder / "r.jsonl", os.O_RDONLY | os.O_NONBLOCK)
    convert(Conversion(folder / "a", folder / "r.jsonl", "jsonl", transfer=Transfer.NONE))
    assert os.read(reader, 1 << 16).startswith(b'{"schema":"dlcli.detect/1"')
    os.close(reader)
    assert stat.S_ISFIFO((folder / "r.jsonl").stat().st_mode)
