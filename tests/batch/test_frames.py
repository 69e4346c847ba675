"""A video as a source: its frames, their records, and the video that is made again."""

import json
import shutil

import cv2
import numpy as np
import pytest

from tests.program import CAT, dlcli

RATE, COUNT, STEP = 10, 100, 1.8  # frames a second, frames of ten seconds, pixels that the cat moves in a frame


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A cat that moves to the right for ten seconds."""
    path = tmp_path_factory.mktemp("video") / "clip.mp4"
    cat = cv2.imread(str(CAT))
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), RATE, (640, 400))
    for index in range(COUNT):
        frame = np.full((400, 640, 3), 60, np.uint8)
        left = int(index * STEP)
        frame[50:350, left : left + 451] = cat
        video.write(frame)
    video.release()
    return path


def records(ran):
    return [json.loads(line) for line in ran.lines]


def test_every_so_many_frames_with_their_time(clip):
    ran = dlcli("detect", clip, "--every", "20", "--json")
    assert ran.code == 0
    got = records(ran)
    assert [(record["frame"], record["time_s"]) for record in got] == [(0, 0), (20, 2), (40, 4), (60, 6), (80, 8)]
    for record in got:
        (cat,) = record["detections"]
        left = record["frame"] * STEP
        assert cat["label"] == "cat"
        assert abs(cat["box"][0] - left) < 20
    assert len(records(dlcli("detect", clip, "--json"))) == COUNT


def test_the_annotated_video_has_the_frames_and_the_time_of_the_first(clip, tmp_path):
    out = tmp_path / "out"
    assert dlcli("detect", clip, CAT, "--every", "25", "--out", out).code == 0
    (made,) = out.rglob("*.mp4")
    video = cv2.VideoCapture(str(made))
    assert (video.get(cv2.CAP_PROP_FRAME_COUNT), video.get(cv2.CAP_PROP_FPS)) == (4, RATE / 25)
    for number in (0, 25, 50, 75):
        read, shown = video.read()
        assert read
        still = cv2.imread(str(made.with_suffix("") / f"{number:06d}.jpg"))
        assert np.abs(shown.astype(int) - still).mean() < 6


def test_it_is_resumed_frame_by_frame(clip, tmp_path):
    shutil.copy(clip, tmp_path)
    arguments = ("detect", "clip.mp4", "--every", "25", "--out", "out", "--json")
    first = dlcli(*arguments, cwd=tmp_path)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "clip").iterdir()}
    (tmp_path / "out" / "clip" / "000050.jpg").unlink()
    assert dlcli(*arguments, "--resume", cwd=tmp_path).out == first.out
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "clip").iterdir()}
    assert {path.name for path in after if after[path] != before[path]} == {"000050.jpg"}


@pytest.mark.parametrize("task", [("segment", "--save", "overlay"), ("preprocess", "--gamma", "0.8"), ("classify",)])
def test_other_tasks_make_videos_too(clip, tmp_path, task):
    ran = dlcli(*task, clip, "--every", "50", "--out", tmp_path / "out", "--json")
    assert ran.code == 0, ran.err
    assert [record["frame"] for record in records(ran)] == [0, 50]
    assert (tmp_path / "out" / "clip.mp4").stat().st_size > 1000


def test_a_video_that_cannot_be_read_is_a_failure(clip, tmp_path):
    (tmp_path / "cut.mp4").write_bytes(clip.read_bytes()[:3000])
    ran = dlcli("detect", "cut.mp4", "gone.mp4", CAT, "--json", cwd=tmp_path)
    assert ran.code == 3
    assert [record.get("error", {}).get("kind") for record in records(ran)] == ["not-a-video", "missing", None]


def test_where_videos_have_no_place(clip, tmp_path):
    for arguments in (["--shard", "1/2"], ["--plan"]):
        ran = dlcli("detect", clip, *arguments)
        assert ran.code == 2
        assert "does not work with a video" in ran.err
    shutil.copy(clip, tmp_path / "clip.avi")
    shutil.copy(clip, tmp_path / "clip.mp4")
    ran = dlcli("detect", tmp_path / "clip.mp4", tmp_path / "clip.avi", "--out", tmp_path / "o2")
    assert ran.code == 2
    assert "would both be written to clip.mp4" in ran.err


def test_gates_and_reports_name_and_show_the_frames(clip, tmp_path):
    page, table = tmp_path / "page.html", tmp_path / "table.csv"
    reports = ("--report", f"html={page}", "--report", f"csv={table}")
    ran = dlcli("detect", "clip.mp4", "--every", "40", "--fail-if", "count(cat) > 0", *reports, cwd=clip.parent)
    assert ran.code == 1
    assert [line.partition(":")[0] for line in ran.reported[-3:]] == [
        *("  clip.mp4 frame 0", "  clip.mp4 frame 40", "  clip.mp4 frame 80")
    ]
    assert page.read_text().count("data:image/jpeg") == 3
    assert "cannot be read" not in page.read_text()
    assert [line.split(",")[2] for line in table.read_text().splitlines()] == ["frame", "0", "40", "80"]


def test_what_has_no_place_for_frames_is_refused(clip, tmp_path):
    for arguments in (["detect", clip, "--out", tmp_path / "o", "--save", "coco"], ["preprocess", clip, "--check"]):
        ran = dlcli(*arguments)
        assert (ran.code, ran.out) == (2, "")
    found = dlcli("detect", clip, "--every", "50", "--json")
    piped = dlcli("classify", "--from-jsonl", "-", stdin=found.out.encode())
    assert piped.code == 2
    assert "write what you need of its frames as images first" in piped.err


def test_no_video_is_made_of_crops(clip, tmp_path):
    assert dlcli("detect", clip, "--every", "50", "--out", tmp_path / "o", "--save", "crops").code == 0
    assert list((tmp_path / "o").rglob("*cat.jpg"))
    assert not list((tmp_path / "o").rglob("*.mp4"))


def test_max_errors_stops_at_the_first_frame(clip):
    ran = dlcli("detect", clip, "--every", "20", "--max-pixels", "100", "--max-errors", "1", "--threads", "1")
    assert ran.code == 3
    assert ran.reported[-1] == "stopped by --max-errors 1 after 1 images"


def test_a_glob_takes_videos_too(clip):
    assert len(dlcli("detect", f"{clip.parent}/*", "--every", "50", "--json").lines) == 2
