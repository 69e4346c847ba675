"""What is read of files, lists and standard input is bounded before it is read, and what cannot be is refused."""

import io
import json
import os
import threading
import time
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dlcli.batch.frames import with_frames
from dlcli.batch.memory.budget import PixelBudget
from dlcli.batch.sources.standard_input import LONGEST_NAME, Room, read_list
from dlcli.errors import ImageError, UsageError
from dlcli.imaging.file_bytes import FileBytes
from dlcli.imaging.formats.header import read_header
from dlcli.imaging.formats.jpeg_scans import MOST, count_scans
from dlcli.imaging.reader import read_image
from dlcli.records import Frame, Source
from dlcli.runtime.parallel import Barrier, in_order
from tests.hostile.memory.kinds import KINDS, huge_tile, jpeg, of_scans, plain_tags, tiff, video
from tests.hostile.memory.test_kinds import peak_of
from tests.program import CAT, dlcli


def test_an_image_of_a_gigabyte_and_a_half_is_refused_unread(tmp_path: Path):
    """As a file with a hole, which takes no place."""
    padded = tmp_path / "padded.jpg"
    padded.write_bytes(CAT.read_bytes())
    with padded.open("ab") as file:
        file.truncate(1_500_000_000)
        file.seek(0, os.SEEK_END)
        file.write(b"end")
    ran = peak_of(tmp_path, "detect", padded, CAT, "--json", "--max-memory", "400MB", "--threads", 2)
    assert ran.code == 3, ran.err
    first, second = map(json.loads, ran.out.splitlines())
    assert (first["error"]["kind"], second["ok"]) == ("memory", True)
    assert "most of it for the 1.5 GB of its file, more than --max-memory 400 MB; save it again" in ran.err
    assert ran.peak <= 400_000_000


def test_a_file_is_read_once_and_not_copied(tmp_path: Path):
    """120 MB of other bytes behind an image fit where they fit once."""
    padded = tmp_path / "padded.jpg"
    padded.write_bytes(jpeg((300, 200)) + bytes([7]) * 120_000_000)
    ran = peak_of(tmp_path, "detect", padded, "--json", "--max-memory", "320MB", "--threads", 1)
    assert '"ok":true' in ran.out, ran.err
    assert ran.peak <= 320_000_000


def read(data: bytes) -> np.ndarray:
    return read_image(Source("a", None, PurePosixPath("a"), data)).pixels


@pytest.mark.parametrize("count", [MOST, 2000])
def test_more_scans_than_any_encoder_makes(count: int):
    with pytest.raises(ImageError, match=f"its JPEG data has more than {MOST} scans, which no encoder makes") as caught:
        read(of_scans(count))
    assert caught.value.kind == "damaged"


def test_many_scans_are_read_as_before():
    assert read(of_scans(40)).shape == (256, 256, 3)


def test_large_images_may_have_fewer_scans():
    with pytest.raises(ImageError, match="more than 62 scans"):
        read(of_scans(80, (4000, 4000)))


@given(st.integers(0, 12), st.integers(1, 60), st.binary(max_size=40))
def test_scans_in_comments_and_behind_the_end_do_not_count(more: int, fake: int, tail: bytes):
    data = of_scans(more, (16, 16))
    body = b"\xff\xda" * fake + tail
    comment = b"\xff\xfe" + (len(body) + 2).to_bytes(2, "big") + body
    known = count_scans(data, 1000)
    assert count_scans(data[:2] + comment + data[2:] + b"\xff\xda\0\2" * fake, 1000) == known
    assert known == more + count_scans(of_scans(0, (16, 16)), 1000)


def test_scans_within_a_tiff_count_too():
    body = of_scans(2000, (64, 64))
    tags = plain_tags((64, 64), 400, len(body)) | {259: (3, 1, 7), 262: (3, 1, 6), 277: (3, 1, 3)}
    with pytest.raises(ImageError, match="more than 100 scans"):
        read(tiff(tags).ljust(400, b"\0") + body)


def test_a_tile_counts_like_an_image():
    with pytest.raises(ImageError, match="30,000 x 30,000 is 900,000,000 pixels, over the limit") as caught:
        read(huge_tile(30_000))
    assert caught.value.kind == "too-large"


@pytest.mark.filterwarnings("ignore::UserWarning")  # of Pillow's
@pytest.mark.parametrize("name", [name for name in KINDS if name not in ("video", "jpeg-zeros-behind", "webp-padded")])
def test_headers_tell_what_pillow_finds(tmp_path: Path, name: str):
    """And the same of a file, of which only slices are read, as of its bytes."""
    ending, make = KINDS[name]
    path = tmp_path / f"a{ending}"
    path.write_bytes(make(tmp_path, (120, 80)))
    data = path.read_bytes()
    header = read_header(data)
    with path.open("rb") as file:
        assert read_header(FileBytes(file.fileno(), len(data))) == header
    try:
        with Image.open(io.BytesIO(data)) as image:
            size = image.size
    except Exception:  # a bomb that Pillow refuses
        return
    if name not in ("ico", "bigtiff-count"):  # which has no name of a format, and more entries than can be counted
        assert header is not None
        assert (header.width, header.height) == size


@given(
    st.sampled_from(["rgb", "tiff", "webp", "jpeg", "gif", "bmp", "tiff16"]), st.integers(0, 400), st.binary(max_size=9)
)
def test_a_damaged_header_is_none_or_some(kind: str, at: int, other: bytes):
    data = SMALL[kind]
    header = read_header(data[:at] + other + data[at + len(other) :])
    assert header is None or header.pixels >= 0
    assert read_header(data[:at]) is None or at > 20


def small(kind: str) -> bytes:
    mode, name = {"tiff16": ("I;16", "TIFF")}.get(kind, ("RGB", {"rgb": "PNG"}.get(kind, kind.upper())))
    buffer = io.BytesIO()
    Image.new(mode, (30, 20)).save(buffer, name)
    return buffer.getvalue()


SMALL = {kind: small(kind) for kind in ("rgb", "tiff", "webp", "jpeg", "gif", "bmp", "tiff16")}


@given(st.lists(st.binary(min_size=1, max_size=12)), st.booleans(), st.integers(1, 9), st.booleans())
def test_lists_read_in_parts_are_as_whole_ones(
    tmp_path_factory, names: list[bytes], null: bool, part: int, ended: bool
):
    end = b"\0" if null else b"\n"
    names = [name.replace(b"\0", b"a").replace(b"\n", b"b").replace(b"\r", b"c") for name in names]
    file = tmp_path_factory.mktemp("list") / "list"
    file.write_bytes(end.join(names) + (end if ended else b""))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dlcli.batch.sources.standard_input.PART", part + 2)
        read = read_list(str(file), null)
    first = [names[0].removeprefix(b"\xef\xbb\xbf"), *names[1:]] if names else []
    assert read == [os.fsdecode(name) for name in first if name]


def test_a_line_without_an_end_is_no_list():
    ran = dlcli("detect", "--files-from", "-", stdin=b"x" * (LONGEST_NAME + 70_000))
    assert (ran.code, f"--files-from -: has a name of more than {LONGEST_NAME:,} bytes" in ran.err) == (2, True)


def test_a_list_that_would_fill_the_limit_is_refused():
    listed = b"".join(b"photos/image-%06d.jpg\n" % number for number in range(300_000))
    ran = dlcli("detect", "--files-from", "-", "--max-memory", "200MB", stdin=listed)
    assert ran.code == 2, ran.err
    assert "--max-memory: the names of the first" in ran.err
    assert "images alone would fill it; name fewer at a time" in ran.err


def test_a_folder_that_would_fill_the_limit_is_refused():
    room = Room(1_700)
    for _ in range(5):
        room.add("a.jpg")
    with pytest.raises(UsageError, match="the names of the first 6 images"):
        room.add("a.jpg")


def test_standard_input_that_is_too_long_is_an_image_that_failed():
    ran = dlcli("detect", "-", CAT, "--json", "--max-memory", "230MB", stdin=jpeg((64, 64)) + bytes(90_000_000))
    assert ran.code == 3, ran.err
    first, second = map(json.loads, ran.lines)
    assert (first["source"], first["error"]["kind"], second["ok"]) == ("-", "memory", True)
    assert "-: standard input holds more than 73 MB, which is all that there is room for within --max-memory" in ran.err


def test_records_that_would_fill_the_limit_are_refused():
    line = json.dumps({"schema": "dlcli.detect/1", "source": "a.jpg", "ok": True, "pad": "x" * 5000}).encode() + b"\n"
    ran = dlcli("classify", "--from-jsonl", "-", "--max-memory", "200MB", stdin=line * 1000)
    assert (ran.code, "--from-jsonl -: its records alone would fill --max-memory" in ran.err) == (2, True)


def test_frames_take_their_share_before_they_are_made(tmp_path: Path):
    """With room for three, the fourth is not made until one is closed, however long the queue is."""
    path = tmp_path / "a.mp4"
    path.write_bytes(video(tmp_path, (320, 200), 12))
    budget = PixelBudget(3 * 320 * 200)
    given: list[Frame] = []

    def take() -> None:
        for item in with_frames([Source.of_file(path)], 1, budget):
            if isinstance(item, Source):
                assert item.frame is not None
                given.append(item.frame)

    taker = threading.Thread(target=take, daemon=True)
    taker.start()
    for number in range(12):
        while len(given) <= number:  # the rest comes only as some are closed
            assert taker.is_alive()
            time.sleep(0.001)
        assert sum(frame.pixels is not None for frame in given) <= 3
        given[number].close()
    taker.join(60)
    assert not taker.is_alive()
    assert budget._used == 0


def test_what_comes_before_a_barrier_is_done_before_what_comes_after():
    done: list[int] = []

    def things():
        yield from range(5)
        yield Barrier.HERE
        assert sorted(done) == [0, 1, 2, 3, 4]
        yield 5

    assert [thing for thing, _ in in_order(done.append, things(), 3)] == [0, 1, 2, 3, 4, 5]
    done.clear()
    assert [thing for thing, _ in in_order(done.append, things(), 1)] == [0, 1, 2, 3, 4, 5]


def test_images_and_videos_of_one_run_do_not_wait_for_each_other(tmp_path: Path):
    (tmp_path / "v.mp4").write_bytes(video(tmp_path, (640, 400), 12))
    for name in ("a", "b", "x", "y"):
        (tmp_path / f"{name}.jpg").write_bytes(jpeg((1300, 800)))
    words = ["a.jpg", "b.jpg", "v.mp4", "x.jpg", "y.jpg"]
    limits = [(), ("--max-memory", "240MB")]
    runs = [dlcli("detect", *words, "--json", "--threads", 3, *limit, cwd=tmp_path) for limit in limits]
    assert [ran.code for ran in runs] == [0, 0], runs[1].err
    assert runs[0].out == runs[1].out
    assert len(runs[0].lines) == 16
