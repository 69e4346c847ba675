"""Videos: their images one after the other, and a video made of images. OpenCV's FFmpeg does the work.

FFmpeg is given no name that it could take for an address or a pattern, and opens nothing but that one file.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np

from dlcli.errors import DlcliError, ImageError
from dlcli.imaging.fault import is_web_address
from dlcli.whole_file import new_temporary

CODEC = "mp4v"  # MPEG-4 part 2: in every build of OpenCV, and played everywhere
PLAIN_RATE = 25.0  # frames a second where the file does not say
PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"v=0", b"<?xml", b"<MPD")  # how lists of other files and addresses begin
# FFmpeg's names of the containers that hold their frames themselves. Playlists, concat, SDP and numbered images, which
# make it open other files or sockets, are none of them.
CONTAINERS = (
    *("mov", "matroska", "avi", "mpeg", "mpegts", "mpegvideo", "asf", "flv", "ogg", "mxf", "dv", "ivf", "nut", "rm"),
    *("m4v", "h264", "hevc", "av1", "obu", "vc1", "mjpeg", "yuv4mpegpipe", "gif", "apng"),
)
# Read by OpenCV each time that it opens a video.
os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = f"protocol_whitelist;file|format_whitelist;{','.join(CONTAINERS)}"


def read_frames(
    path: Path,
    name: str,
    every: int = 1,
    opened: Callable[[int, int], None] | None = None,
    before: Callable[[], None] | None = None,
    thrifty: bool = False,
) -> Iterator[tuple[int, float, np.ndarray]]:
    """(number from 0, seconds from the start, uint8 [H, W, 3] RGB) of every so many frames, upright.

    opened: called with width and height as the header has them. before: called before the pixels of each frame are
    made. thrifty: one thread decodes, which keeps fewer frames than many do.
    ImageError: it is no video that can be read, or ends well before the end that its header names.
    """
    video = _opened(path, name, thrifty)
    try:
        if opened is not None:
            opened(*frame_size(video))
        rate, announced = frame_rate(video), video.get(cv2.CAP_PROP_FRAME_COUNT)
        index = 0
        while video.grab():
            if index % every == 0:
                if before is not None:
                    before()
                retrieved = _retrieved(video)
                if not retrieved:
                    break
                yield index, index / rate, retrieved.pop()  # which is not held on to here
            index += 1
        if index == 0 or index < 0.9 * announced:  # some containers only estimate it
            raise ImageError("truncated", f"{name}: the video ends after {index} of {announced:.0f} frames")
    finally:
        video.release()


def _retrieved(video: cv2.VideoCapture) -> list[np.ndarray]:
    """The pixels of the frame that was grabbed; nothing where they cannot be had."""
    read, pixels = video.retrieve()
    return [cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)] if read else []


def read_frame(path: Path, name: str, index: int) -> np.ndarray:
    """One frame, uint8 [H, W, 3] RGB, found by its number. ImageError: there is none."""
    video = _opened(path, name)
    try:
        video.set(cv2.CAP_PROP_POS_FRAMES, index)
        read, pixels = video.read()
    finally:
        video.release()
    if not read:
        raise ImageError("truncated", f"{name}: has no frame {index}")
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)


def rate_of(path: Path, name: str) -> float:
    """Frames a second. ImageError: it is no video."""
    video = _opened(path, name)
    rate = frame_rate(video)
    video.release()
    return rate


def frames_of(path: Path, name: str) -> int:
    """How many frames its header announces; 0 where it does not say. ImageError: it is no video."""
    video = _opened(path, name, thrifty=True)
    announced = video.get(cv2.CAP_PROP_FRAME_COUNT)
    video.release()
    return int(announced) if 0 < announced < 1e9 else 0


def size_of(path: Path, name: str) -> tuple[int, int]:
    """Width and height of its frames. ImageError: it is no video."""
    video = _opened(path, name, thrifty=True)
    size = frame_size(video)
    video.release()
    return size


def frame_size(video: cv2.VideoCapture) -> tuple[int, int]:
    width, height = (video.get(name) for name in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
    return max(0, int(width)), max(0, int(height))


def frame_rate(video: cv2.VideoCapture) -> float:
    rate = video.get(cv2.CAP_PROP_FPS)
    return rate if 0 < rate < 1000 else PLAIN_RATE


def _opened(path: Path, name: str, thrifty: bool = False) -> cv2.VideoCapture:
    if not os.path.isfile(path):
        kind, what = ("not-a-file", "it is not a file") if os.path.lexists(path) else ("missing", "no such file")
        advice = "; dlcli downloads nothing; download it first, such as by curl -O URL" if is_web_address(name) else ""
        raise ImageError(kind, f"{name}: {what}{advice}")
    if not os.access(path, os.R_OK):
        raise ImageError("unreadable", f"{name}: you have no permission to read it")
    try:
        with path.open("rb") as file:
            head = file.read(16)
            threads = [cv2.CAP_PROP_N_THREADS, 1] if thrifty else []
            video = cv2.VideoCapture(_address(path, file.fileno()), cv2.CAP_FFMPEG, threads)
    except OSError as error:
        raise ImageError("unreadable", f"{name}: cannot be read: {error.strerror}; copy it again") from error
    if not video.isOpened():
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(PLAYLISTS):
            message = f"{name}: this is a list of other files or addresses, which are not opened; give the videos"
            raise ImageError("unsupported", message)
        raise ImageError("not-a-video", f"{name}: not a video that OpenCV can read; convert it to MP4")
    return video


def _address(path: Path, handle: int) -> str:
    """The file or folder as FFmpeg takes it for nothing else: a name alone may be a protocol.

    handle: it, opened; stands for a name that is not UTF-8, of which OpenCV dies.
    """
    whole = str(path.absolute())
    try:
        whole.encode()
    except UnicodeEncodeError:
        whole = f"/dev/fd/{handle}"
    return f"file:{whole}"


class VideoFile:
    """A video that appears whole, at `path`, when it is closed. DlcliError: it cannot be written."""

    def __init__(self, path: Path, rate: float):
        self.path, self.rate = path, rate
        self._writer: cv2.VideoWriter | None = None
        self._size = (0, 0)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._handle, self._temporary = new_temporary(path.parent, ".mp4")

    def add(self, pixels: np.ndarray) -> None:
        """uint8 [H, W, 3] RGB; the first one's size is the video's, others are scaled to it."""
        if self._writer is None:
            self._size = pixels.shape[1], pixels.shape[0]
            code = cv2.VideoWriter.fourcc(*CODEC)
            folder = os.open(self._temporary.parent, os.O_RDONLY)
            place = f"{_address(self._temporary.parent, folder)}/{self._temporary.name}"
            self._writer = cv2.VideoWriter(place, cv2.CAP_FFMPEG, code, self.rate, self._size)
            os.close(folder)
        if pixels.shape[1::-1] != self._size:
            pixels = cv2.resize(pixels, self._size, interpolation=cv2.INTER_AREA)
        self._writer.write(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))

    def close(self, keep: bool) -> None:
        """keep: False throws it away."""
        if self._writer is not None:
            self._writer.release()
        try:
            if keep and self._temporary.stat().st_size > 0:
                os.replace(self._temporary, self.path)
        except OSError as error:
            raise DlcliError(f"{self.path}: cannot be written: {error.strerror}") from error
        finally:
            os.close(self._handle)
            with suppress(OSError):
                self._temporary.unlink()
