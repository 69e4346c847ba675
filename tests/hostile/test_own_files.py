"""Files that no run made are never lost: --out over photographs, labels, links, states written by somebody else."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from tests.program import CAT, ROOT, dlcli

DETECT = ("detect", "in", "--out", "out")
MODES = ([], ["--overwrite"], ["--resume"], ["--shard", "1/1"])


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("1.jpg", "2.jpg"):
        shutil.copy(CAT, tmp_path / "in" / name)
    return tmp_path


def mine(folder: Path, name: str) -> Path:
    path = folder / "out" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"made by hand")
    return path


@pytest.mark.parametrize("more", MODES)
@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("2.jpg", DETECT),
        ("labels/1.txt", (*DETECT, "--save", "yolo")),
        ("classes.txt", (*DETECT, "--save", "yolo")),
        ("coco.json", (*DETECT, "--save", "coco")),
        ("crops/1_jpg/000-cat.jpg", (*DETECT, "--save", "crops")),
        ("legend.json", ("segment", "in", "--out", "out")),
        ("1.png", ("segment", "in", "--out", "out")),
        ("1.jpg", ("preprocess", "in", "--gamma", "0.8", "--out", "out")),
        ("preview/1_jpg.png", ("preprocess", "in", "--gamma", "0.8", "--preview", "--out", "out")),
        ("1.jpg", ("style-transfer", "in", "--style", "starry-night", "--out", "out")),
    ],
)
def test_a_file_that_no_run_made_is_refused_in_every_mode(folder, name, command, more):
    if "coco" in command and "--shard" in more:
        pytest.skip("a shard makes no coco.json")
    path = mine(folder, name)
    ran = dlcli(*command, *more, cwd=folder)
    assert ran.code == 2, ran
    assert f"{name} is there already" in ran.err
    assert path.read_bytes() == b"made by hand"
    there = [found for found in sorted(os.listdir(folder / "out")) if not found.startswith(".results.1-of-1.")]
    assert there == [name.partition("/")[0]], "before any work"


def test_overwrite_means_of_an_earlier_run(folder):
    assert dlcli(*DETECT, cwd=folder).code == 0
    notes = mine(folder, "notes.txt")
    assert dlcli(*DETECT, "--overwrite", cwd=folder).code == 0
    mine(folder, "2.jpg")
    for more in ("--overwrite", "--resume"):
        ran = dlcli(*DETECT, more, cwd=folder)
        assert (ran.code, "2.jpg is there already" in ran.err) == (2, True), ran
    assert (folder / "out" / "2.jpg").read_bytes() == notes.read_bytes() == b"made by hand"


def test_results_that_were_changed_are_not_overwritten(folder):
    assert dlcli(*DETECT, cwd=folder).code == 0
    results = folder / "out" / "results.jsonl"
    results.write_bytes(results.read_bytes() + b"\n")
    ran = dlcli(*DETECT, "--overwrite", cwd=folder)
    assert (ran.code, "no run wrote its results.jsonl, or it was changed since" in ran.err) == (2, True)


def test_overwrite_leaves_what_the_run_no_longer_makes_only_where_it_was_edited(folder):
    assert dlcli(*DETECT, "--save", "annotated,yolo", cwd=folder).code == 0
    (folder / "out" / "labels" / "1.txt").write_text("corrected by hand")
    assert dlcli(*DETECT, "--overwrite", cwd=folder).code == 0
    assert [str(p.relative_to(folder / "out")) for p in (folder / "out").rglob("*.txt")] == ["labels/1.txt"]


def test_the_plan_lists_what_would_be_replaced(folder):
    assert dlcli(*DETECT, cwd=folder).code == 0
    told = dlcli(*DETECT, "--overwrite", "--plan", cwd=folder).lines
    assert [line for line in told if line.startswith("replaces")] == [
        "replaces 1.jpg", "replaces 2.jpg", "replaces results.jsonl"
    ]  # fmt: skip
    as_json = json.loads(dlcli(*DETECT, "--resume", "--plan", "--json", cwd=folder).out)
    assert as_json["replaces"] == []
    mine(folder, "2.jpg")
    assert dlcli(*DETECT, "--overwrite", "--plan", cwd=folder).code == 2


def test_outputs_do_not_leave_out_through_a_linked_folder(folder):
    (folder / "elsewhere").mkdir()
    (folder / "out").mkdir()
    (folder / "out" / "crops").symlink_to(folder / "elsewhere")
    ran = dlcli(*DETECT, "--save", "crops", cwd=folder)
    assert (ran.code, "crops in it is a link" in ran.err) == (2, True), ran
    assert os.listdir(folder / "elsewhere") == []


@pytest.mark.parametrize("more", ["--overwrite", "--resume"])
def test_a_state_of_others_deletes_nothing(folder, more):
    """It names files of the user, with their true sizes, by every way that leads to them."""
    assert dlcli(*DETECT, "--save", "annotated", cwd=folder).code == 0
    outside = folder / "outside"
    outside.mkdir()
    (outside / "thesis.txt").write_text("years")
    (folder / "out" / "way").symlink_to(outside)
    (folder / "out" / "thesis").symlink_to(outside / "thesis.txt")
    names = ["way/thesis.txt", "../outside/thesis.txt", str(outside / "thesis.txt"), "thesis", "../in/1.jpg"]
    state = folder / "out" / "results.state.jsonl"
    lines = state.read_text().splitlines()
    lines.append(json.dumps({"files": dict.fromkeys(names, 5)}))
    lines.append(json.dumps({"source": "gone.jpg", "files": dict.fromkeys(names, 5)}))
    state.write_text("\n".join(lines) + "\n")
    dlcli(*DETECT, more, cwd=folder)
    assert (outside / "thesis.txt").read_text() == "years"
    assert (folder / "out" / "thesis").is_symlink()
    assert (folder / "in" / "1.jpg").read_bytes() == CAT.read_bytes()


def test_a_killed_overwrite_leaves_no_orphans(folder):
    for i in range(3, 30):
        shutil.copy(CAT, folder / "in" / f"{i}.jpg")
    assert dlcli(*DETECT, "--save", "annotated,yolo", cwd=folder).code == 0
    (folder / "out" / ".dlcli-0123456789abcdef.tmp").write_bytes(b"half")
    command = [sys.executable, "-m", "dlcli", *DETECT, "--overwrite", "--save", "annotated", "--json", "--threads", "1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}
    ) as run:
        run.stdout.readline()
        run.send_signal(signal.SIGKILL)
        run.communicate()
    assert not (folder / "out" / "results.state.jsonl").exists()
    assert list((folder / "out" / "labels").iterdir())
    assert dlcli(*DETECT, "--resume", "--save", "annotated", cwd=folder).code == 0
    whole = {str(p.relative_to(folder / "out")) for p in (folder / "out").rglob("*")}
    assert whole == {"results.jsonl", "results.state.jsonl", *(f"{i}.jpg" for i in range(1, 30))}


def test_the_frames_of_a_video_go_over_nothing(folder):
    clip = folder / "in" / "clip.mp4"
    video = cv2.VideoWriter(str(clip), cv2.VideoWriter.fourcc(*"mp4v"), 10, (451, 300))
    for _ in range(30):
        video.write(cv2.imread(str(CAT)))
    video.release()
    path = mine(folder, "clip/000000.jpg")
    ran = dlcli("detect", clip, "--every", "20", "--out", "out", cwd=folder)
    assert (ran.code, path.read_bytes()) == (2, b"made by hand")
    shutil.rmtree(folder / "out")
    film = mine(folder, "clip.mp4")
    assert dlcli("detect", clip, "--every", "20", "--out", "out", cwd=folder).code == 2
    film.unlink()
    assert dlcli("detect", clip, "--every", "20", "--out", "out", cwd=folder).code == 0
    assert dlcli("detect", clip, "--every", "20", "--out", "out", "--overwrite", cwd=folder).code == 0
    film.write_bytes(b"made by hand")
    assert dlcli("detect", clip, "--every", "20", "--out", "out", "--overwrite", cwd=folder).code == 2
    assert film.read_bytes() == b"made by hand"


def test_two_runs_that_begin_together_lose_nothing(folder):
    """The slower one has looked at --out before the faster one wrote there."""
    from dlcli.batch.files.ownership import Ownership
    from dlcli.batch.files.run_files import Names
    from dlcli.batch.writers import RunFiles
    from dlcli.errors import UsageError

    slower = Ownership.of_run(folder / "out")
    assert dlcli(*DETECT, cwd=folder).code == 0
    before = contents(folder / "out")
    with pytest.raises(UsageError, match="another run has just ended there"):
        RunFiles(Names.of(None), {}, "new", slower, {})
    assert contents(folder / "out") == before


def contents(where: Path) -> dict[str, bytes]:
    return {str(path.relative_to(where)): path.read_bytes() for path in where.rglob("*") if path.is_file()}


@pytest.mark.parametrize("link", ["symlink", "hard link"])
def test_nothing_is_written_through_a_link_that_waits_in_out(folder, link):
    (folder / "out").mkdir()
    notes = folder / "notes"
    notes.write_text("mine")
    for name in (".results.state.jsonl.new", ".results.jsonl.new", "x"):
        where = folder / "out" / name
        where.symlink_to(notes) if link == "symlink" else where.hardlink_to(notes)
    assert dlcli(*DETECT, cwd=folder).code == 0
    assert notes.read_text() == "mine"


def test_a_hard_link_of_a_growing_file_stays_as_it_is(folder):
    (folder / "out").mkdir()
    snapshot = folder / "snapshot"
    snapshot.write_text("mine, without an end of line")
    (folder / "out" / ".results.jsonl.part").hardlink_to(snapshot)
    (folder / "out" / "results.state.jsonl").write_text("")
    for more in ("--resume", "--overwrite"):
        dlcli(*DETECT, more, cwd=folder)
        assert snapshot.read_text() == "mine, without an end of line"


@pytest.mark.parametrize("more", ["--resume", "--overwrite"])
def test_a_results_jsonl_of_the_user_s_own_stays(folder, more):
    assert dlcli(*DETECT, cwd=folder).code == 0
    results = folder / "out" / "results.jsonl"
    results.write_text(results.read_text() + '{"my":"notes"}\n')
    assert dlcli(*DETECT, more, cwd=folder).code == 2
    assert results.read_text().endswith('{"my":"notes"}\n')


def test_another_run_s_files_are_not_ours(folder):
    first = ("preprocess", "in", "--pre", "gamma(0.8)", "--out", "out")
    other = ("preprocess", "in", "--pre", "gamma(3)", "--shard", "1/1", "--out", "out")
    assert dlcli(*first, cwd=folder).code == 0
    before = contents(folder / "out")
    assert dlcli(*other, cwd=folder).code == 2
    assert contents(folder / "out") == before
    for name in ("results.jsonl", "results.state.jsonl"):
        (folder / "out" / name).rename(folder / "out" / name.replace("results", "results-monday"))
    assert dlcli("preprocess", "in", "--pre", "gamma(3)", "--out", "out", cwd=folder).code == 2


def test_an_output_that_is_an_input_now_is_not_removed(folder):
    assert dlcli("preprocess", "in", "--pre", "gamma(0.8)", "--out", "out", cwd=folder).code == 0
    ran = dlcli("preprocess", "out/1.jpg", "--format", "png", "--out", "out", "--overwrite", cwd=folder)
    assert (ran.code, "is an output of the earlier run there, and an input now" in ran.err) == (2, True)
    assert (folder / "out" / "1.jpg").exists()


def test_files_that_only_look_like_leftovers_stay(folder):
    assert dlcli(*DETECT, cwd=folder).code == 0
    kept = [mine(folder, ".dlcli-notes.tmp.txt"), mine(folder, "deep/.dlcli-settings.tmpl")]
    assert dlcli(*DETECT, "--resume", cwd=folder).code == 0
    assert all(path.exists() for path in kept)


def test_merge_replaces_records_alone(folder):
    (folder / "r.jsonl").write_text(dlcli("detect", "in", "--json", cwd=folder).out)
    photo = folder / "in" / "1.jpg"
    assert dlcli("merge", "r.jsonl", "--out", photo, "--overwrite", cwd=folder).code == 2
    assert dlcli("merge", "r.jsonl", "--out", "r.jsonl", "--overwrite", cwd=folder).code == 2
    assert photo.read_bytes() == CAT.read_bytes()
    for _ in range(2):
        assert dlcli("merge", "r.jsonl", "--out", "m.jsonl", "--overwrite", cwd=folder).code == 0


def test_a_folder_of_crops_and_an_image_do_not_meet(folder):
    (folder / "in" / "crops" / "1_jpg").mkdir(parents=True)
    shutil.copy(CAT, folder / "in" / "crops" / "1_jpg" / "000-cat.jpg")
    ran = dlcli("detect", "in", "-r", "--out", "out", "--save", "annotated,crops", cwd=folder)
    assert (ran.code, "would both write into crops/1_jpg" in ran.err) == (2, True)


def watch_once(folder: Path, *more: str) -> None:
    """Until one image has been taken, then SIGTERM."""
    command = [sys.executable, "-m", "dlcli", "detect", "in", "--watch", "--out", "out", "--json", *more]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=folder, env=env) as run:
        run.stdout.readline()
        run.send_signal(signal.SIGTERM)
        run.communicate()
    assert run.returncode == 0


def test_an_emptied_inbox_takes_nothing_from_what_was_watched(folder):
    (folder / "in" / "2.jpg").unlink()
    watch_once(folder)
    (folder / "in" / "1.jpg").rename(folder / "in" / "new.jpg")
    watch_once(folder, "--resume")
    records = (folder / "out" / "results.jsonl").read_text().splitlines()
    assert [json.loads(line)["source"] for line in records] == ["in/1.jpg", "in/new.jpg"]
    assert (folder / "out" / "1.jpg").exists()
    assert (folder / "out" / "new.jpg").exists()
    assert dlcli(*DETECT, "--overwrite", cwd=folder).code == 0, "all of it is still known to be ours"
    assert sorted(contents(folder / "out")) == ["new.jpg", "results.jsonl", "results.state.jsonl"]
