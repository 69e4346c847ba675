"""A folder beside the target that looks like the left-over of a killed conversion, and that somebody has packed."""

import json
import os

import pytest

from dlcli.data.conversion import left_over
from tests.hostile.convert.folders import tree
from tests.hostile.inside import outcome

JOURNAL = '{"files": {"o.json": null}}'


@pytest.fixture
def holder(folder):
    """With a journal that a conversion might have written, and its file."""
    place = folder / ".o.json.dlcli-convert"
    (place / "files").mkdir(parents=True)
    (place / "journal").write_text(JOURNAL)
    (place / "files" / "o.json").write_text("packed")
    (folder / "secret").write_text("private")
    return place


def refused(folder, told):
    before = tree(folder)
    ran = outcome(["convert", "a", "o.json", "--to", "coco", "--overwrite"])
    assert ran.code == 2, ran
    assert ".o.json.dlcli-convert: is not followed" in ran.err, ran.err
    assert told in ran.err, ran.err
    assert "remove it" in ran.err
    assert tree(folder) == before


def test_nothing_is_written_through_a_link(folder, holder):
    (folder / "o.json").symlink_to("bash_aliases")
    refused(folder, "o.json is a link")


def test_nothing_waits_for_a_goal_that_is_a_fifo(folder, holder):
    os.mkfifo(folder / "o.json")
    refused(folder, "o.json is no regular file")


@pytest.mark.parametrize("name", ["files/o.json", "journal", "lock", "new", "old", "files"])
def test_no_link_in_it_is_followed(folder, holder, name):
    if name == "files":
        (holder / "files/o.json").unlink()
        (holder / "files").rmdir()
    else:
        (holder / name).unlink(missing_ok=True)
    (holder / name).symlink_to(folder / "secret")
    refused(folder, f"{name} is a link")


@pytest.mark.parametrize("name", ["files/o.json", "journal", "lock", "new"])
def test_no_fifo_in_it_is_read(folder, holder, name):
    (holder / name).unlink(missing_ok=True)
    os.mkfifo(holder / name)
    refused(folder, f"{name} is no ")


def test_a_journal_of_any_length_is_not_read(folder, holder):
    os.truncate(holder / "journal", 1 << 40)
    ran = outcome(["convert", "a", "o.json", "--to", "coco"])
    assert (ran.code, "has more than 1,048,576 bytes" in ran.err) == (2, True), ran


@pytest.mark.parametrize("name", ["", "journal", "files", "files/o.json"])
def test_nobody_elses_is_followed(folder, holder, monkeypatch, name):
    plain, strange = os.lstat, holder / name

    def of_another(path, **more):
        found = plain(path, **more)
        if os.fspath(path) != os.fspath(strange):
            return found
        values = list(found)
        values[4] += 1
        return os.stat_result(values)

    monkeypatch.setattr(left_over.os, "lstat", of_another)
    before = tree(folder)
    ran = outcome(["convert", "a", "o.json", "--to", "coco"])
    monkeypatch.undo()
    assert (ran.code, f"{strange.name} is another user's" in ran.err) == (2, True), ran
    assert tree(folder) == before


def test_a_journal_that_lists_names_is_damaged(folder, holder):
    (holder / "journal").write_text(json.dumps({"files": ["o.json"]}))
    ran = outcome(["convert", "a", "o.json", "--to", "coco"])
    assert (ran.code, "is left from a conversion that was killed" in ran.err) == (5, True), ran


def test_what_is_all_ours_is_still_put_in_place(folder, holder):
    ran = outcome(["convert", "a", "o.json", "--to", "coco"])
    assert (ran.code, "o.json: is there already" in ran.err) == (2, True), ran
    assert (folder / "o.json").read_text() == "packed"
    assert not holder.exists()
