"""--watch: 50 files that arrive, some slowly, each once; SIGTERM ends it as if all had been there."""

import json
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

from dlcli.batch.sources.watch import has_end
from tests.program import CAT, ROOT, SAMPLES, dlcli, validate_records

MANY, SLOW = 50, (7, 21, 40)


def arrive(folder):
    """50 images, three of them written in two halves with a pause longer than what counts as still."""
    shapes = sorted((SAMPLES / "shapes" / "images").iterdir())
    threads = []
    for number in range(MANY):
        source = CAT if number in SLOW else shapes[number % len(shapes)]
        goal = folder / f"{number:02d}{source.suffix}"
        if number in SLOW:
            threads.append(threading.Thread(target=slowly, args=(source, goal)))
            threads[-1].start()
        else:
            shutil.copy(source, goal)
        time.sleep(0.02)
    for thread in threads:
        thread.join()


def slowly(source, goal):
    data = source.read_bytes()
    with goal.open("wb") as file:
        file.write(data[: len(data) // 2])
        file.flush()
        time.sleep(1.5)
        file.write(data[len(data) // 2 :])


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    place = tmp_path_factory.mktemp("watch")
    folder = place / "in"
    folder.mkdir()
    command = [sys.executable, "-m", "dlcli", "detect", str(folder), "--watch", "--out", str(place / "out"), "--json"]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    arrive(folder)
    lines = [running.stdout.readline() for _ in range(MANY)]  # each comes without the program ending
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=60)
    return place, running.returncode, lines + out.splitlines(keepends=True), err


def test_each_image_is_told_once_and_whole(watched):
    place, code, lines, err = watched
    assert code == 0, err
    validate_records("".join(lines))
    got = [json.loads(line) for line in lines]
    assert sorted(record["source"] for record in got) == sorted(str(path) for path in (place / "in").iterdir())
    assert all(record["ok"] for record in got)
    cats = [record for record in got if record["detections"] and record["detections"][0]["label"] == "cat"]
    assert len(cats) >= len(SLOW)


def test_it_ends_as_a_run_does(watched):
    place, _, lines, err = watched
    assert (place / "out" / "results.jsonl").read_text() == "".join(lines)
    assert err.splitlines()[-1].startswith(f"{MANY} images: ")
    assert not list((place / "out").glob(".*"))
    whole = dlcli("detect", place / "in", "--json")
    assert sorted(whole.lines) == sorted(line.rstrip("\n") for line in lines)


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (CAT.read_bytes(), True),
        (CAT.read_bytes() + bytes(40), True),
        (CAT.read_bytes()[:-9], False),
        ((SAMPLES / "shapes" / "images" / "01.png").read_bytes(), True),
        ((SAMPLES / "shapes" / "images" / "01.png").read_bytes()[:-1], False),
        (b"GIF89a", False),
        (b"RIFF", True),  # its end cannot be told
        (b"", True),
    ],
)
def test_what_has_an_end(tmp_path, data, whole):
    (tmp_path / "x").write_bytes(data)
    assert has_end(str(tmp_path / "x")) is whole


def test_what_watching_does_not_go_with(tmp_path):
    for arguments in ([CAT], [tmp_path, tmp_path], [tmp_path, "--shard", "1/2"], [tmp_path, "--plan"], []):
        assert dlcli("detect", *arguments, "--watch").code == 2
    assert "is the folder that is watched" in dlcli("detect", tmp_path, "--watch", "--out", tmp_path).err


def test_what_is_not_whole_at_the_end_is_a_failure(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "part.jpg").write_bytes(CAT.read_bytes()[:3000])
    (tmp_path / "in" / "empty.jpg").touch()
    shutil.copy(CAT, tmp_path / "in" / "whole.jpg")
    command = [sys.executable, "-m", "dlcli", "detect", str(tmp_path / "in"), "--watch", "--json"]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert json.loads(running.stdout.readline())["ok"]  # it has looked at the folder
    running.send_signal(signal.SIGTERM)
    out, _ = running.communicate(timeout=60)
    assert running.returncode == 3
    assert [json.loads(line)["error"]["kind"] for line in out.splitlines()] == ["empty", "truncated"]


def test_a_folder_that_goes_away_ends_it(tmp_path):
    (tmp_path / "in").mkdir()
    shutil.copy(CAT, tmp_path / "in" / "whole.jpg")
    command = [sys.executable, "-m", "dlcli", "detect", str(tmp_path / "in"), "--watch", "--json"]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert json.loads(running.stdout.readline())["ok"]  # it has looked at the folder
    shutil.rmtree(tmp_path / "in")
    _, err = running.communicate(timeout=60)
    assert running.returncode == 5
    assert "the folder is gone" in err
