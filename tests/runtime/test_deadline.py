"""The clock of an image: what is stopped, what is waited out, and that nobody else is harmed."""

import json
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from dlcli.errors import DataError, ImageError
from dlcli.imaging.reader import read_image
from dlcli.imaging.writer import write_image
from dlcli.records import Source
from dlcli.runtime import deadline
from dlcli.runtime.deadline import TIMEOUT, check, current, pause, time_limit, watch
from dlcli.runtime.session import Session, open_session
from dlcli.tasks.detect.options import DetectOptions
from dlcli.tasks.detect.predictor import load as load_detector
from dlcli.tasks.segment.options import SegmentOptions
from dlcli.tasks.segment.predictor import load as load_segmenter
from tests.program import CAT, dlcli
from tests.runtime.networks import failing_network, looping_network

LATE = 1.0  # seconds after its time that a network may end on a busy machine; 0.01 s were measured on an idle one
SHORT = np.full((1, 1), 20, np.float32)
LONG = np.full((1, 1), 3e6, np.float32)  # rounds: half a minute


@pytest.fixture(scope="module")
def session() -> Session:
    return open_session(looping_network(), threads=1, device="cpu", workers=4)


def test_without_a_limit_nothing_is_watched(session: Session):
    before = threading.active_count()
    with time_limit(0, "a.jpg"):
        assert current() is None
        check("never late")
        assert session.run(SHORT)[0] == 20
    assert threading.active_count() == before


def test_a_network_that_runs_too_long_is_stopped(session: Session):
    began = time.monotonic()
    with time_limit(0.3, "a.jpg"), pytest.raises(ImageError) as caught:
        session.run(LONG)
    assert 0.3 <= time.monotonic() - began < 0.3 + LATE
    assert caught.value.kind == TIMEOUT
    assert str(caught.value).startswith(
        "a.jpg: took longer than the 0.3 s of --timeout-per-image (while the network ran; stopped after "
    )
    assert str(caught.value).endswith(" s); raise the limit, or make the image smaller")


def test_the_session_goes_on_to_work_after_a_timeout(session: Session):
    for _ in range(3):
        with time_limit(0.05, "a.jpg"), pytest.raises(ImageError, match=r"0\.05 s"):
            session.run(LONG)
        assert session.run(SHORT)[0] == 20
        with time_limit(60, "b.jpg"):
            assert session.run(SHORT)[0] == 20


def test_only_the_late_run_ends(session: Session):
    """Late and punctual images in turn, four at a time in one session."""

    def go(number: int) -> str:
        late = number % 3 == 0
        with time_limit(0.2 if late else 60, f"{number}.jpg"):
            try:
                return f"{session.run(LONG if late else SHORT + number)[0]:g}"
            except ImageError as error:
                return str(error).partition(":")[0]

    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(go, range(24)))
    assert got == [f"{n}.jpg" if n % 3 == 0 else f"{20 + n}" for n in range(24)]


def test_one_thread_watches_and_nothing_is_kept(session: Session):
    with time_limit(0.01, "a.jpg"), pytest.raises(ImageError):
        session.run(LONG)
    before = threading.active_count()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: _timed_out(session, 0.01 * (n + 1)), range(12)))
    assert threading.active_count() == before
    assert [thread.name for thread in threading.enumerate()].count("dlcli-deadline") == 1
    assert deadline._watchdog._runs == {}


def test_a_later_run_may_have_the_earlier_end(session: Session):
    """The watchdog, asleep until the first run's time, is woken for the second."""
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(_timed_out, session, 1.5)
        time.sleep(0.1)
        began = time.monotonic()
        _timed_out(session, 0.1)
        assert time.monotonic() - began < 1.2
        slow.result()


def test_a_run_that_is_done_is_left_alone():
    options = _Options()
    with time_limit(0.05, "a.jpg"):
        with watch(options, "while it ran"):
            pass
        time.sleep(0.15)
    assert not options.terminate


def test_a_run_that_ends_well_after_it_was_told_to_stop_is_kept():
    with time_limit(0.02, "a.jpg"), watch(options := _Options(), "while it ran"):
        assert options.told.wait(10)
    assert options.terminate


def test_a_time_that_is_over_starts_no_network(session: Session):
    with time_limit(0.01, "a.jpg"):
        time.sleep(0.02)
        with pytest.raises(ImageError, match=r"while the network ran; stopped after 0\.0"):
            session.run(LONG)


def test_a_network_that_fails_in_time_is_still_a_data_error():
    with time_limit(60, "a.jpg"), pytest.raises(DataError, match="the network failed in ONNX Runtime"):
        open_session(failing_network(), threads=1).run(np.full((1, 3, 5, 7), 9e5, np.float32))


def test_what_cannot_be_stopped_is_waited_out_and_told():
    with time_limit(0.02, "a.jpg"):
        check("while reading it")
        time.sleep(0.05)
        with pytest.raises(ImageError) as caught:
            check("while reading it")
    assert f"{caught.value}".startswith(
        "a.jpg: took longer than the 0.02 s of --timeout-per-image (while reading it, which had to be waited out: 0.0"
    )


def test_waiting_for_others_does_not_count():
    with time_limit(0.1, "a.jpg"):
        with pause():
            time.sleep(0.2)
        check("while waiting")
        time.sleep(0.15)
        with pytest.raises(ImageError, match=r"0\.1"):
            check("while working")
    with pause():
        assert current() is None


def test_each_thread_has_its_own_and_the_one_before_comes_back():
    with time_limit(5, "a.jpg"):
        outer = current()
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(current).result() is None
        with time_limit(1, "b.jpg"):
            assert current() is not outer
        with time_limit(0, "c.jpg"):
            assert current() is outer
        assert current() is outer
    with pytest.raises(KeyError), time_limit(1, "a.jpg"):
        raise KeyError
    assert current() is None


@pytest.mark.parametrize("seconds", [-1, math.nan, math.inf])
def test_seconds_must_be_some(seconds: float):
    with pytest.raises(ValueError, match="expected 0 or more, got"), time_limit(seconds, "a.jpg"):
        pass


@pytest.mark.parametrize(
    ("load", "options"),
    [
        (load_detector, DetectOptions(tile=True, tile_size=64, tile_overlap=0.9)),
        (load_segmenter, SegmentOptions(tile=True, tile_size=64, tile_overlap=0.9)),
    ],
)
def test_an_image_of_many_tiles_ends_in_time(load: Callable, options: DetectOptions | SegmentOptions):
    """The bundled networks on thousands of tiles, then on one."""
    worker = load(options, 1, 1)
    pixels = np.random.default_rng(0).integers(0, 256, (900, 1200, 3), dtype=np.uint8)
    began = time.monotonic()
    with time_limit(0.5, "large.jpg"), pytest.raises(ImageError, match=r"large\.jpg: took longer than the 0\.5 s"):
        worker.predict(pixels, None)
    assert time.monotonic() - began < 0.5 + LATE
    assert worker.predict(pixels[:64, :64], None).fields()


def test_what_the_reader_asks_for_may_refuse(tmp_path: Path):
    """A ImageError of `admit` comes through the decoders as it is: not as damage."""

    def refuse(pixels: int) -> None:
        raise ImageError("memory", f"{pixels} are too many")

    write_image(tmp_path / "a.png", np.zeros((4, 5, 3), np.uint8))
    for path in (CAT, tmp_path / "a.png"):
        with pytest.raises(ImageError, match="are too many") as caught:
            read_image(Source.of_file(path), admit=refuse)
        assert caught.value.kind == "memory"


def test_a_batch_goes_on_after_an_image_that_took_too_long(tmp_path: Path):
    """Of three images the middle one, cut into thousands of tiles, is a failure record; exit code 3."""
    for name, size in (("a", 90), ("b", 2500), ("c", 90)):
        write_image(tmp_path / f"{name}.png", np.zeros((size, size, 3), np.uint8))
    tiles = ("--tile", "--tile-size", 100, "--tile-overlap", 0.9)
    done = dlcli("detect", tmp_path, *tiles, "--threads", 1, "--json", "--timeout-per-image", 3)
    assert done.code == 3
    records = [json.loads(line) for line in done.lines]
    assert [record["ok"] for record in records] == [True, False, True]
    assert records[1]["error"]["kind"] == TIMEOUT
    message = records[1]["error"]["message"]
    assert message.count("b.png") == 1
    assert "took longer than the 3 s of --timeout-per-image (" in message
    assert "stopped after 3." in message


class _Options:
    """Like RunOptions, and tells when it is asked to stop."""

    def __init__(self) -> None:
        self.told = threading.Event()

    @property
    def terminate(self) -> bool:
        return self.told.is_set()

    @terminate.setter
    def terminate(self, value: bool) -> None:
        assert value
        self.told.set()


def _timed_out(session: Session, seconds: float) -> None:
    with time_limit(seconds, "a.jpg"), pytest.raises(ImageError):
        session.run(LONG)
