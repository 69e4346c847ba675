"""--match with --copy-matching and --link-matching, --failed-to and --group, in real runs over three images."""

import os
import shutil

import pytest

from tests.program import SAMPLES, dlcli, unscored


@pytest.fixture
def photos(tmp_path):
    """photos/a/cat.jpg, photos/b/cat.jpg, photos/rocket.jpg; a cat is found in two of them."""
    for name, place in (("cat.jpg", "a/cat.jpg"), ("cat.jpg", "b/cat.jpg"), ("rocket.jpg", "rocket.jpg")):
        goal = tmp_path / "photos" / place
        goal.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLES / name, goal)
    return tmp_path


def tree(folder) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_copies_keep_the_tree_and_the_exit_code(photos):
    words = ("detect", "photos", "-r", "--match", "count(cat) > 0", "--copy-matching", "cats")
    ran = dlcli(*words, cwd=photos)
    assert ran.code == 0
    assert tree(photos / "cats") == ["a/cat.jpg", "b/cat.jpg"]
    assert (photos / "cats/a/cat.jpg").read_bytes() == (SAMPLES / "cat.jpg").read_bytes()
    assert f"2 matching images copied -> cats{os.sep}" in ran.err.splitlines()
    assert dlcli(*words, cwd=photos).code == 0  # what is there already stays
    (photos / "cats/a/cat.jpg").write_bytes(b"mine")
    refused = dlcli(*words, cwd=photos)
    assert refused.code == 2
    assert "cats/a/cat.jpg is there already, and is no photos/a/cat.jpg" in refused.err
    assert (photos / "cats/a/cat.jpg").read_bytes() == b"mine"


def test_links_of_a_group_and_the_names_that_failed(photos):
    group = ("--group", "animals=cat,dog", "--fail-if", "count(animals) > 0", "--failed-to", "failed.txt")
    ran = dlcli("detect", "photos", "-r", *group, "--match", "no(animals)", "--link-matching", "none", cwd=photos)
    assert ran.code == 1
    assert tree(photos / "none") == ["rocket.jpg"]
    assert (photos / "none/rocket.jpg").samefile(photos / "photos/rocket.jpg")
    assert (photos / "failed.txt").read_text() == "photos/a/cat.jpg\nphotos/b/cat.jpg\n"
    assert "3 images: 2 objects in 2 of them (2 animals)" in ran.reported
    at = ran.reported.index("FAIL  --fail-if 'count(animals) > 0': 2 of 3 images match:")
    said = [unscored(line) for line in ran.reported[at + 1 : at + 3]]
    assert said == ["  photos/a/cat.jpg: cat S", "  photos/b/cat.jpg: cat S"]
    again = dlcli("detect", "--files-from", "failed.txt", "--json", cwd=photos)
    assert len(again.lines) == 2


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--match", "count(cat) > 0"], "needs --copy-matching DIR or --link-matching DIR"),
        (["--copy-matching", "x"], "say which images by --match CONDITION"),
        (["--copy-matching", "x", "--link-matching", "y", "--match", "count(cat) > 0"], "give one of them"),
        (["--copy-matching", "x", "--match", "all: count(cat) > 0"], "is asked of each image by itself"),
        (["--copy-matching", "x", "--match", "count(cta) > 0"], "no label cta; did you mean cat?"),
        (["--copy-matching", "photos", "--match", "count(cat) > 0"], "is an input, and lies there"),
        (["--failed-to", "x"], "needs a gate; give --fail-if or --require"),
        (["--failed-to", "photos/rocket.jpg", "--fail-if", "count(cat) > 0"], "is there already"),
        (["--group", "animals=cat,dgo"], "no label dgo; did you mean dog?"),
    ],
)
def test_what_is_refused_before_any_work(photos, words, reason):
    ran = dlcli("detect", "photos", "-r", *words, cwd=photos)
    assert (ran.code, ran.out) == (2, "")
    assert reason in ran.err
    assert len(tree(photos)) == 3


def test_sorting_puts_a_group_into_one_folder(photos):
    cats = "animals=Egyptian cat,tiger cat,tabby"
    ran = dlcli("classify", "photos", "-r", "--sort-into", "sorted", "--group", cats, cwd=photos)
    assert ran.code == 0, ran.err
    assert tree(photos / "sorted")[:2] == ["animals/a/cat.jpg", "animals/b/cat.jpg"]
