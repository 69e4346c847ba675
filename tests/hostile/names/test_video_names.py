"""Videos whose names are addresses or patterns to FFmpeg, and lists under a video's name: no socket, no other file."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.program import dlcli

FRAMES = 4


@pytest.fixture
def clip(tmp_path) -> bytes:
    """A gray video."""
    path = tmp_path / "made.mp4"
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, (64, 48))
    for shade in range(FRAMES):
        video.write(np.full((48, 64, 3), 40 * shade, np.uint8))
    video.release()
    data = path.read_bytes()
    path.unlink()
    return data


@pytest.fixture
def server() -> Iterator[tuple[int, list[bytes]]]:
    """A port of this machine, and what was sent there."""
    got: list[bytes] = []

    def serve(door: socket.socket) -> None:
        while True:
            try:
                line, _ = door.accept()
            except OSError:
                return
            with line:
                line.settimeout(2)
                got.append(line.recv(200))

    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=serve, args=(door,), daemon=True)
        thread.start()
        yield door.getsockname()[1], got
        door.shutdown(socket.SHUT_RDWR)
    thread.join()


def frames_of(ran) -> dict[str, int]:
    """How many frames each source gave."""
    found: dict[str, int] = {}
    for line in ran.lines:
        record = json.loads(line)
        assert record["ok"], record
        found[record["source"]] = found.get(record["source"], 0) + 1
    return found


def test_names_that_are_addresses_are_files(tmp_path, clip, server):
    """By a glob, which finds relative names, and as they are given; read, and a video made of them again."""
    port, got = server
    here = f"127.0.0.1:{port}"
    names = [f"http:/{here}/x.mp4", f"tcp:/{here}/x.mp4", f"rtmp:/{here}/x.mp4", "12:30:00.mp4", "concat:a|b.mp4"]
    names += ["frame%03d.mp4", "file:x.mp4", "data:,x.mp4", "a\\b.mp4"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(clip)
    for inputs in (["*.mp4", "*/*/*.mp4"], names):
        ran = dlcli("preprocess", *inputs, "--gamma", "0.9", "--json", "--out", "out", "--overwrite", cwd=tmp_path)
        assert ran.code == 0, ran.err
        assert frames_of(ran) == dict.fromkeys(names, FRAMES)
        assert sorted(path.name for path in (tmp_path / "out").rglob("*.mp4")) == sorted(Path(n).name for n in names)
    assert got == []


def test_a_folder_that_is_an_address_is_written_to(tmp_path, clip, server):
    port, got = server
    (tmp_path / "x.mp4").write_bytes(clip)
    out = f"ftp:/127.0.0.1:{port}"
    assert dlcli("preprocess", "x.mp4", "--gamma", "0.9", "--out", out, cwd=tmp_path).code == 0
    assert cv2.VideoCapture(f"file:{tmp_path / out / 'x.mp4'}").get(cv2.CAP_PROP_FRAME_COUNT) == FRAMES
    assert got == []


def test_a_name_that_is_not_utf_8(tmp_path, clip):
    """It is read like any other, and its folder is written to."""
    folder = os.fsencode(tmp_path) + b"/\xff"
    os.mkdir(folder)
    Path(os.fsdecode(folder + b"/\xfe.mp4")).write_bytes(clip)
    ran = dlcli("preprocess", folder + b"/\xfe.mp4", "--gamma", "0.9", "--json", "--out", folder + b"/out")
    assert (ran.code, len(ran.lines)) == (0, FRAMES), ran.err
    assert os.path.getsize(folder + b"/out/\xfe.mp4") > 100


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:PORT/x.ts\n#EXTINF:10,\nsecret.mp4\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile secret.mp4\n",
        "ffconcat version 1.0\nfile http://127.0.0.1:PORT/x.mp4\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        '<?xml version="1.0"?><MPD><Period><BaseURL>http://127.0.0.1:PORT/</BaseURL></Period></MPD>',
    ],
)
def test_a_list_is_no_video(tmp_path, clip, server, text):
    """Not one frame of the video that it names is told."""
    port, got = server
    (tmp_path / "secret.mp4").write_bytes(clip)
    (tmp_path / "list.mp4").write_text(text.replace("PORT", str(port)))
    ran = dlcli("detect", "list.mp4", "--json", cwd=tmp_path)
    (record,) = map(json.loads, ran.lines)
    assert (ran.code, record["error"]["kind"], got) == (3, "unsupported", [])
    assert "list.mp4: this is a list of other files" in ran.err


def test_a_list_behind_the_head_of_an_image(tmp_path, server):
    """SDP is found by FFmpeg in any line."""
    (tmp_path / "x.mp4").write_bytes(b"\xff\xd8\xff\nv=0\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n")
    ran = dlcli("detect", "x.mp4", "--json", cwd=tmp_path)
    assert (ran.code, json.loads(ran.out)["error"]["kind"], server[1]) == (3, "not-a-video", [])
