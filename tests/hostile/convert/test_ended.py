"""`dlcli convert --overwrite` that ends at any line, or meets what appears meanwhile: a set is whole."""

import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from dlcli.data.conversion import place as place_module
from dlcli.data.conversion.run import Conversion, convert
from dlcli.errors import DlcliError, UsageError
from tests.hostile.convert.folders import again, fewer, one_way, tree

STEP = 61  # lines between the ends that are tried; 1 tries all


CODE = ("place.py", "left_over.py", "exchange.py", "replace_set.py", "manifest.py", "file_lock.py", "whole_file.py")


@pytest.mark.parametrize("at_once", [True, False])
def test_what_appears_while_the_set_is_replaced_goes_along_or_is_kept_and_told(folder, monkeypatch, at_once):
    plain = place_module.exchange

    def late(new, target, aside):
        (target / "late.txt").write_text("late")
        (target / "data.yaml").write_text("edited late")
        plain(new, target, aside)

    one_way(monkeypatch, at_once)
    monkeypatch.setattr(place_module, "exchange", late)
    for _ in range(2):
        with pytest.raises(DlcliError, match=r"data\.yaml changed while the set was replaced; .* is kept as") as error:
            again(folder)
        monkeypatch.setattr(place_module, "exchange", plain)
    kept = Path(str(error.value).split("kept as ")[1].split(";")[0])
    assert kept.read_text() == "edited late"
    assert (folder / "b" / "late.txt").read_text() == "late"
    kept.unlink()
    again(folder)
    assert (folder / "b" / "late.txt").read_text() == "late"
    assert sorted(path.name for path in folder.iterdir()) == ["a", "b"]


def stopped_at(count: int, end, work) -> None:
    """Do the work, and `end` at the count-th line of what puts a set in place."""

    def trace(frame, _event, _argument):
        nonlocal count
        if frame.f_code.co_filename.endswith(CODE):
            count -= 1
            if not count:
                sys.settrace(None)
                end()
        return trace

    sys.settrace(trace)
    work()


def ended_at(count: int, how: str, work) -> bool:
    """Do the work in a process of its own that a `kill` or an `interrupt` ends at the count-th line; whether it did."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0
    code = 1
    try:
        stopped_at(count, interrupt if how == "interrupt" else lambda: os.kill(os.getpid(), signal.SIGKILL), work)
        code = 0
    finally:
        os._exit(code)


def interrupt():
    raise KeyboardInterrupt


def old_and_new(folder):
    """Trees of the target before and after a conversion to LabelMe, with a note of the user's in both."""
    (folder / "b" / "notes.txt").write_text("precious")
    shutil.copytree(folder / "b", folder / "kept", symlinks=True)
    again(folder, "labelme", "kept")
    old, new = tree(folder / "b"), tree(folder / "kept")
    shutil.rmtree(folder / "kept")
    return old, new


@pytest.mark.parametrize("at_once", [True, False])
def test_killed_at_any_line_a_set_is_whole_and_the_next_run_clears_up(folder, monkeypatch, at_once):
    old, new = old_and_new(folder)
    one_way(monkeypatch, at_once)
    line, killed, seen = 1, True, []
    while killed:
        killed = ended_at(line, "kill", lambda: again(folder, "labelme"))
        assert [path for path in folder.rglob("*") if path.is_dir() and kind_of(path, old, new)], line
        seen.append(kind_of(folder / "b", old, new))
        again(folder, "labelme")
        assert tree(folder / "b") == new
        again(folder)
        assert tree(folder / "b") == old
        assert sorted(path.name for path in folder.iterdir()) == ["a", "b"]
        line += STEP
    assert {"old", "new"} <= set(seen)


def kind_of(folder, old, new):
    """What of the two a folder holds, at least; None for neither."""
    found = tree(folder)
    return next((name for name, whole in (("old", old), ("new", new)) if whole.items() <= found.items()), None)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_signal_at_any_line_leaves_a_whole_set_in_its_place(folder, monkeypatch, at_once):
    old, new = old_and_new(folder)
    one_way(monkeypatch, at_once)
    line, stopped, seen = 1, True, []
    while stopped:
        stopped = ended_at(line, "interrupt", lambda: again(folder, "labelme"))
        seen.append(kind_of(folder / "b", old, new))
        assert seen[-1], line
        again(folder)
        assert tree(folder / "b") == old
        assert sorted(path.name for path in folder.iterdir()) == ["a", "b"]
        line += STEP
    assert {"old", "new"} == set(seen)


def test_a_file_and_its_ids_are_replaced_together_whatever_line_is_the_last(folder):
    convert(Conversion(folder / "a", folder / "c.json", "coco"))
    old = pair(folder)
    fewer(folder)
    again(folder, "coco", "c.json")
    new = pair(folder)
    line, killed, seen = 1, True, []
    while killed:
        for name, data in old.items():
            (folder / name).write_bytes(data)
        killed = ended_at(line, "kill", lambda: again(folder, "coco", "c.json"))
        holder = folder / ".c.json.dlcli-convert" / "files"
        beside = {path.name: path.read_bytes() for path in holder.iterdir()} if holder.is_dir() else {}
        assert pair(folder) in (old, new) or beside == new, line
        seen.append(pair(folder) == new)
        again(folder, "coco", "c.json")
        assert pair(folder) == new
        assert sorted(path.name for path in folder.iterdir()) == ["a", "b", "c.ids.json", "c.json"]
        line += STEP
    assert {True, False} == set(seen)


def pair(folder):
    return {name: (folder / name).read_bytes() for name in ("c.json", "c.ids.json")}


def test_what_is_left_of_a_killed_one_is_cleared_only_if_it_is_ours(folder):
    """A link in its place, or a journal that somebody wrote."""
    (folder / "other" / "new").mkdir(parents=True)
    (folder / "other" / "new" / "x").write_text("precious")
    (folder / ".b.dlcli-convert").symlink_to("other")
    with pytest.raises(UsageError, match="is a link"):
        again(folder)
    (folder / ".b.dlcli-convert").unlink()
    for journal in ('{"new": 1, "old": 2}', "[]", '{"files": {"../a/instances.json": null}}', "{"):
        (folder / ".b.dlcli-convert" / "new").mkdir(parents=True)
        (folder / ".b.dlcli-convert" / "new" / "x").write_text("precious")
        (folder / ".b.dlcli-convert" / "journal").write_text(journal)
        before = tree(folder)
        with pytest.raises(DlcliError, match="is left from a conversion that was killed"):
            again(folder)
        assert tree(folder) == before
        shutil.rmtree(folder / ".b.dlcli-convert")
    assert (folder / "other/new/x").read_text() == "precious"
