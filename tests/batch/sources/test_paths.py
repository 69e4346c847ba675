"""From what was typed to an ordered list of images."""

import glob
import io
import os
from pathlib import PurePosixPath
from types import SimpleNamespace

import pytest

from dlcli.batch.sources.paths import find_images, refuse_other_habits
from dlcli.batch.sources.standard_input import read_list
from dlcli.batch.sources.tree import common_folder
from dlcli.errors import UsageError


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name in ("b.jpg", "a.PNG", "notes.txt", "deep/c.webp", "deep/er/d.jpg", "other/a.PNG", "a[1].jpg"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(sources):
    return [source.name for source in sources]


def places(sources):
    return [str(source.place) for source in sources]


def test_a_folder_means_its_own_images_in_order(tree):
    assert names(find_images(["in"])) == ["in/a.PNG", "in/a[1].jpg", "in/b.jpg"]
    assert names(find_images(["in/"])) == ["in/a.PNG", "in/a[1].jpg", "in/b.jpg"]


def test_recursive_mirrors_the_tree(tree):
    found = find_images(["in"], recursive=True)
    assert places(found) == ["a.PNG", "a[1].jpg", "b.jpg", "deep/c.webp", "deep/er/d.jpg", "other/a.PNG"]


def test_what_systems_keep_in_a_folder_is_no_image_of_it(tree):
    """Unless it is named."""
    (tree / "in" / "._b.jpg").write_bytes(b"x")
    (tree / "in" / ".ipynb_checkpoints").mkdir()
    (tree / "in" / ".ipynb_checkpoints" / "b-checkpoint.jpg").write_bytes(b"x")
    assert names(find_images(["in"])) == ["in/a.PNG", "in/a[1].jpg", "in/b.jpg"]
    assert len(find_images(["in"], recursive=True)) == 6
    assert names(find_images(["in/._b.jpg"])) == ["in/._b.jpg"]


def test_an_existing_path_is_itself_before_it_is_a_glob(tree):
    assert names(find_images(["in/a[1].jpg"])) == ["in/a[1].jpg"]


def test_globs(tree):
    assert names(find_images(["in/*.jpg"])) == ["in/a[1].jpg", "in/b.jpg"]
    assert names(find_images(["in/**/*.jpg"])) == ["in/a[1].jpg", "in/b.jpg", "in/deep/er/d.jpg"]
    with pytest.raises(UsageError, match="matches no image"):
        find_images(["in/*.bmp"])


def test_nothing_twice_and_order_kept(tree):
    found = find_images(["in/b.jpg", "in", f"{tree}/in/b.jpg", "./in/b.jpg"])
    assert names(found) == ["in/b.jpg", "in/a.PNG", "in/a[1].jpg"]


def test_a_missing_file_stays_in_the_list(tree):
    assert names(find_images(["in/b.jpg", "nope.jpg"])) == ["in/b.jpg", "nope.jpg"]


def test_a_named_file_needs_no_image_ending(tree):
    assert names(find_images(["in/notes.txt"])) == ["in/notes.txt"]


@pytest.mark.parametrize("inputs", [[], ["empty"], ["in/deep/er/none*"]])
def test_nothing_to_do_is_wrong_usage(tree, inputs):
    (tree / "empty").mkdir()
    with pytest.raises(UsageError):
        find_images(inputs)


def test_out_is_never_searched(tree):
    found = find_images(["in"], recursive=True, out=tree / "in" / "deep")
    assert places(found) == ["a.PNG", "a[1].jpg", "b.jpg", "other/a.PNG"]
    with pytest.raises(UsageError, match="never searched"):
        find_images(["in"], out=tree / "in")
    assert names(find_images(["in/**/*.jpg"], out=tree / "in" / "deep")) == ["in/a[1].jpg", "in/b.jpg"]


def test_links_to_folders_are_not_followed_so_loops_end(tree):
    (tree / "in" / "deep" / "loop").symlink_to(tree / "in")
    (tree / "in" / "dangling.jpg").symlink_to(tree / "gone.jpg")
    found = names(find_images(["in"], recursive=True))
    assert "in/dangling.jpg" in found
    assert len(found) == 7


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (["in/b.jpg"], ["b.jpg"]),
        (["in/b.jpg", "in/a.PNG"], ["b.jpg", "a.PNG"]),
        (["in/a.PNG", "in/other/a.PNG"], ["a.PNG", "other/a.PNG"]),
        (["in/deep", "in/other"], ["deep/c.webp", "other/a.PNG"]),
        (["in/deep/../b.jpg"], ["b.jpg"]),
    ],
)
def test_outputs_mirror_the_tree_below_the_deepest_common_folder(tree, inputs, expected):
    assert places(find_images(inputs)) == expected


def test_a_walked_folder_is_its_own_root_whatever_it_holds(tree):
    assert places(find_images(["in/deep"], recursive=True)) == ["c.webp", "er/d.jpg"]
    (tree / "in" / "deep" / "c.webp").unlink()
    assert places(find_images(["in/deep"], recursive=True)) == ["er/d.jpg"]
    assert places(find_images(["in/**/d.jpg"])) == ["deep/er/d.jpg"]


def test_globs_through_links_give_each_image_once(tree):
    (tree / "in" / "self").symlink_to(".")
    assert len(find_images(["in/**/*.jpg"])) == 3


def test_a_link_to_itself_is_a_file_that_fails_later(tree):
    (tree / "in" / "loop.jpg").symlink_to("loop.jpg")
    assert "in/loop.jpg" in names(find_images(["in"]))


def test_a_list_with_nuls_asks_for_the_option(tmp_path):
    (tmp_path / "list").write_bytes(b"a.jpg\0b.jpg\0")
    with pytest.raises(UsageError, match="pass -0"):
        read_list(str(tmp_path / "list"), False)


def test_places_never_climb(tree):
    for source in find_images(["in/deep/../../in/b.jpg", f"{tree}/in/other"]):
        assert ".." not in source.place.parts
        assert not source.place.is_absolute()


def test_common_folder_of_one_and_none():
    assert common_folder(["/a/b"]) == "/a/b"
    assert common_folder([]) == ""


def test_standard_input_is_one_image(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"bytes")))
    (source,) = find_images(["-"])
    assert (source.name, source.path, source.data) == ("-", None, b"bytes")
    assert source.place == PurePosixPath("stdin.png")


@pytest.mark.parametrize(
    ("data", "null", "expected"),
    [
        (b"a.jpg\nb c.jpg\n\n", False, ["a.jpg", "b c.jpg"]),
        (b"a.jpg\r\nb.jpg", False, ["a.jpg", "b.jpg"]),
        (b"a\nb.jpg\0c.jpg\0", True, ["a\nb.jpg", "c.jpg"]),
        (b"\xff.jpg\n", False, [os.fsdecode(b"\xff.jpg")]),
    ],
)
def test_lists_of_files(tmp_path, data, null, expected):
    path = tmp_path / "list"
    path.write_bytes(data)
    assert read_list(str(path), null) == expected


def test_a_list_that_is_not_there():
    with pytest.raises(UsageError, match="--files-from gone"):
        read_list("gone", False)


def test_names_that_are_not_utf8(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open(b"caf\xe9.jpg", "wb") as file:
        file.write(b"x")
    (source,) = find_images(["."])
    assert source.text == "./caf\ufffd.jpg"
    assert source.lost_bytes == "Li9jYWbpLmpwZw=="


@pytest.mark.parametrize(
    ("text", "hint"),
    [("conf=0.25", "--conf 0.25"), ("max_det=9", "--max-det 9"), ("source=x.jpg", "sources stand alone")],
)
def test_other_tools_habits_are_understood(text, hint):
    with pytest.raises(UsageError, match=hint):
        refuse_other_habits([text], ["conf", "max-det"])


def test_a_file_of_that_name_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf=0.25").write_bytes(b"x")
    refuse_other_habits(["conf=0.25", "size=3.jpg"], ["conf"])


@pytest.mark.parametrize(
    "pattern", ["**", "**/*.jpg", "*/**/*.jpg", "a/**/b/**", "**/**/b.jpg", "**/.h/*", "[[]x]/**/*"]
)
def test_two_stars_match_as_the_librarys_own(tmp_path, monkeypatch, pattern):
    monkeypatch.chdir(tmp_path)
    for name in (
        "b.jpg",
        "a/b.jpg",
        "a/b/c.jpg",
        "a/b/a/b/c.jpg",
        ".h/a.jpg",
        "a/.h/a.jpg",
        "[x]/b.jpg",
        "[x]/c/.d.jpg",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    expected = sorted({name for name in glob.glob(pattern, recursive=True) if name.endswith(".jpg")})
    assert [source.name for source in find_images([pattern])] == expected


def test_two_stars_do_not_go_into_links(tmp_path):
    """Two links to their own folder would be 2^40 ways to each file."""
    (tmp_path / "b.jpg").write_bytes(b"")
    for name in "xy":
        (tmp_path / name).symlink_to(".")
    assert [source.name for source in find_images([f"{tmp_path}/**/*.jpg"])] == [f"{tmp_path}/b.jpg"]
