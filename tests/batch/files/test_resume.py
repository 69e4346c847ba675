"""--resume does only what is missing, failed or changed, and ends as an uninterrupted run does."""

import json
import os
import re
import shutil

import pytest

from tests.program import CAT, SAMPLES, dlcli


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in ("a.jpg", "b.jpg", "deep/c.jpg"):
        shutil.copy(CAT, tmp_path / "in" / name)
    (tmp_path / "in" / "bad.jpg").write_bytes(b"")
    return tmp_path


def run(folder, *more):
    return dlcli("detect", "in", "-r", "--out", "out", "--json", "--save", "annotated,crops", *more, cwd=folder)


def files(folder):
    return {str(p.relative_to(folder / "out")): p.read_bytes() for p in (folder / "out").rglob("*") if p.is_file()}


def written(folder):
    """Images that were written after the mark."""
    mark = (folder / "mark").stat().st_mtime_ns
    out = (folder / "out").rglob("*.jpg")
    return sorted(str(p.relative_to(folder / "out")) for p in out if p.is_file() and p.stat().st_mtime_ns > mark)


def mark(folder):
    (folder / "mark").touch()
    os.utime(folder / "mark", ns=((folder / "mark").stat().st_mtime_ns,) * 2)


def test_nothing_to_do(folder):
    first = run(folder)
    before = files(folder)
    mark(folder)
    second = run(folder, "--resume")
    assert (second.code, second.out) == (3, first.out)
    assert second.reported == [first.reported[0], "--resume: 3 of 4 images were done before", first.reported[1]]
    assert files(folder) == before
    assert written(folder) == []


def test_what_people_see_is_the_same(folder):
    arguments = ("detect", "in", "-r", "--out", "out")
    first, second = dlcli(*arguments, cwd=folder), dlcli(*arguments, "--resume", cwd=folder)
    assert first.out == second.out
    assert [line for line in second.reported if "--resume" not in line] == first.reported


def test_only_what_is_missing_failed_or_changed_is_done(folder):
    first = run(folder)
    mark(folder)
    shutil.copy(SAMPLES / "rocket.jpg", folder / "in" / "b.jpg")  # another content
    (folder / "out" / "deep" / "c.jpg").unlink()  # an output is gone
    shutil.copy(SAMPLES / "coffee.jpg", folder / "in" / "bad.jpg")  # failed, and is good now
    shutil.copy(CAT, folder / "in" / "new.jpg")
    second = run(folder, "--resume")
    assert second.code == 0
    assert {name for name in written(folder) if "crops" not in name} == {"b.jpg", "bad.jpg", "deep/c.jpg", "new.jpg"}
    resumed = files(folder)
    assert len(second.lines) == 5
    assert second.lines[0] == first.lines[0]
    shutil.rmtree(folder / "out")
    assert run(folder).out == second.out
    whole = files(folder)
    assert whole == {name: resumed[name] for name in whole}  # crops of what b.jpg was may be left over


def test_a_new_time_alone_does_nothing(folder):
    run(folder)
    before = files(folder)
    mark(folder)
    for path in (folder / "in").rglob("*.jpg"):
        os.utime(path, (1, 1))  # as in a fresh clone
    run(folder, "--resume")
    assert written(folder) == []
    after = files(folder)
    assert after.pop("results.state.jsonl") != before.pop("results.state.jsonl")  # which learns the new time
    assert after == before


def test_the_same_time_and_size_is_not_looked_into(folder):
    run(folder)
    image = folder / "in" / "a.jpg"
    stat = image.stat()
    image.write_bytes(bytes(stat.st_size))
    os.utime(image, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert run(folder, "--resume").reported[-1].startswith("4 images: 3 objects")
    os.utime(image)
    assert run(folder, "--resume").reported[-1].endswith("2 failed")


def test_changed_options_are_refused_and_shown(folder):
    run(folder)
    before = files(folder)
    ran = run(folder, "--resume", "--conf", "0.4", "--pre", "gamma(0.8)")
    assert ran.code == 2
    assert "--conf was 0.25 and is 0.4" in ran.err
    assert "--pre was not given and is gamma(0.8)" in ran.err
    assert files(folder) == before
    other = dlcli("segment", "in", "-r", "--out", "out", "--resume", cwd=folder)
    assert other.code == 2
    assert "task was detect and is segment" in other.err


@pytest.mark.parametrize("more", [["--threads", "1"], ["--max-pixels", "9999999"], ["--fail-if", "count(dog) > 0"]])
def test_what_does_not_change_records_may_change(folder, more):
    first = run(folder)
    mark(folder)
    assert run(folder, "--resume", *more).out == first.out
    assert written(folder) == []


def test_a_run_that_stopped_goes_on(folder):
    whole = run(folder).out
    shutil.rmtree(folder / "out")
    stopped = run(folder, "--fail-fast", "--threads", "1")
    assert stopped.code == 3
    assert stopped.reported[-1] == "stopped by --fail-fast after 3 of 4 images; --resume goes on"
    assert not (folder / "out" / "results.jsonl").exists()
    mark(folder)
    resumed = run(folder, "--resume")
    assert resumed.out == whole
    assert written(folder) == ["crops/deep/c_jpg/000-cat.jpg", "deep/c.jpg"]
    assert (folder / "out" / "results.jsonl").read_text() == whole
    assert not list((folder / "out").glob(".results*"))


def test_what_had_failed_before_does_not_stop_it_again(folder):
    (folder / "in" / "bad2.jpg").write_bytes(b"")
    assert (
        run(folder, "--max-errors", "1", "--threads", "1")
        .reported[-1]
        .startswith("stopped by --max-errors 1 after 3 of 5")
    )
    assert (
        run(folder, "--max-errors", "1", "--threads", "1", "--resume")
        .reported[-1]
        .startswith("stopped by --max-errors 1 after 4")
    )
    assert run(folder, "--max-errors", "1", "--threads", "1", "--resume").reported[-1].endswith("2 failed")


def test_outputs_that_were_emptied_are_made_again(folder):
    run(folder)
    before = files(folder)
    (folder / "out" / "a.jpg").write_bytes(b"")
    run(folder, "--resume")
    assert files(folder) == before


@pytest.mark.parametrize("how", ["--resume", "--overwrite"])
def test_files_of_images_that_are_gone_go_too(folder, how):
    run(folder)
    (folder / "out" / "mine.txt").touch()
    (folder / "in" / "deep" / "c.jpg").unlink()
    ran = run(folder, how)
    assert len(ran.lines) == 3
    assert not (folder / "out" / "deep").exists()
    assert not (folder / "out" / "crops" / "deep").exists()
    assert (folder / "out" / "mine.txt").exists()


def test_a_state_that_names_other_files_removes_none(folder):
    run(folder)
    (folder / "precious").touch()
    state = folder / "out" / "results.state.jsonl"
    state.write_text(state.read_text().replace('"files":{"a.jpg"', '"files":{"../precious":0,"/tmp/x":1,"a.jpg"'))
    assert run(folder, "--overwrite").code == 3
    assert (folder / "precious").exists()


def test_a_list_without_any_earlier_image_is_refused(folder):
    run(folder)
    before = files(folder)
    (folder / "list").touch()
    for arguments in (["--files-from", "list"], [CAT]):
        ran = dlcli("detect", *arguments, "--out", "out", "--save", "annotated,crops", "--resume", cwd=folder)
        assert ran.code == 2
        assert "none of the 4 images of the run in out is in this one" in ran.err
    assert files(folder) == before


def test_max_errors_counts(folder):
    (folder / "in" / "bad2.jpg").write_bytes(b"")
    assert run(folder, "--max-errors", "3", "--threads", "1").reported[-1].endswith("2 failed")
    ran = dlcli("detect", "in", "-r", "--max-errors", "2", "--skip-bad", cwd=folder)
    assert ran.code == 3
    assert ran.reported[-1] == "stopped by --max-errors 2 after 4 of 5 images"


def test_without_an_earlier_run_it_begins(folder):
    assert run(folder, "--resume").out == run(folder, "--overwrite").out


def test_where_there_is_nothing_to_go_on_from(folder):
    run(folder)
    (folder / "out" / "results.state.jsonl").unlink()
    ran = run(folder, "--resume")
    assert ran.code == 2
    assert "holds results.jsonl but no results.state.jsonl to go on from; pass --overwrite" in ran.err
    assert dlcli("detect", CAT, "--resume").code == 2
    assert run(folder, "--resume", "--overwrite").code == 2
    assert dlcli("preprocess", "in", "--check", "--out", "out2", "--resume", cwd=folder).code == 2


def test_sorting_again_where_a_sorted_file_is_gone(folder):
    def sort(*more):
        return dlcli("classify", "in", "-r", "--out", "out", "--sort-into", "sorted", "--json", *more, cwd=folder)

    first = sort()
    gone = json.loads(first.lines[0])["sorted_to"]
    (folder / gone).unlink()
    assert sort("--resume").out == first.out
    assert (folder / gone).exists()
    assert sort("--resume", "--move").code == 2


def test_shards_resume_by_themselves(folder):
    first = run(folder, "--shard", "1/2")
    mark(folder)
    assert run(folder, "--shard", "1/2", "--resume").out == first.out
    assert run(folder, "--shard", "2/2").code in (0, 3)
    shutil.copy(CAT, folder / "in" / "z.jpg")  # the list is another: records learn it, images are not done again
    again = run(folder, "--shard", "1/2", "--resume")
    assert {json.loads(line)["shard"]["of"] for line in again.lines} == {5}
    assert "a.jpg" not in written(folder)


def test_parts_of_images_resume(folder):
    (folder / "found.jsonl").write_text(dlcli("detect", "in", "-r", "--json", cwd=folder).out)
    arguments = ("classify", "--from-jsonl", "found.jsonl", "--out", "out", "--json", "--skip-bad")
    first = dlcli(*arguments, cwd=folder)
    mark(folder)
    assert dlcli(*arguments, "--resume", cwd=folder).out == first.out
    assert written(folder) == []
    moved = re.sub(r'"box":\[[\d.]+', '"box":[40', (folder / "found.jsonl").read_text(), count=1)
    (folder / "found.jsonl").write_text(moved)
    second = dlcli(*arguments, "--resume", cwd=folder)
    assert second.lines[0] != first.lines[0]
    assert second.lines[1:] == first.lines[1:]
    assert written(folder) == ["a-000.jpg"]
