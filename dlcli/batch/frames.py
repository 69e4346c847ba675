"""A video among the sources: its frames become images of their own, and what is drawn on them a video again."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from dlcli.batch.files.frame_names import frame_place, video_name
from dlcli.batch.files.ownership import Ownership
from dlcli.batch.image import Outcome
from dlcli.batch.memory.budget import PixelBudget
from dlcli.batch.memory.limit import MemoryLimit
from dlcli.errors import ImageError, UsageError
from dlcli.imaging.extensions import is_video
from dlcli.imaging.reader import read_image
from dlcli.imaging.video import VideoFile, frames_of, rate_of, read_frames
from dlcli.records import Failure, Frame, Source
from dlcli.runtime.parallel import Barrier


def with_frames(
    sources: Iterable[Source], every: int, budget: PixelBudget, memory: MemoryLimit | None = None
) -> Iterator[Source | Barrier]:
    """The sources, each video replaced by every so many of its frames, which are read as they are asked for.

    A frame takes its share of the budget before its pixels are made, and holds it until it is closed, so that those
    that wait for their turn count too. What comes before a video is done before its first frame is taken: images
    take their share in their own turn, and would wait for frames behind them. A video that cannot be read, or ends too
    early, is a source that fails, after the frames that it gave.
    """
    for source in sources:
        if not is_video(source):
            yield source
            continue
        yield Barrier.HERE
        try:
            yield from _frames(source, every, budget, memory)
        except ImageError as error:
            yield replace(source, failure=Failure(error.kind, str(error)))


def announced(sources: Iterable[Source], every: int) -> int | None:
    """How many images `with_frames` will make of these, by the videos' headers; None where one does not say."""
    total = 0
    for source in sources:
        frames = _announced(source) if is_video(source) else 1
        if not frames:
            return None
        total += -(-frames // every) if is_video(source) else 1
    return total


def _announced(source: Source) -> int:
    """Frames of a video, 0 where its header does not say; 1 where it cannot be read and fails."""
    assert source.path is not None
    try:
        return frames_of(source.path, source.text)
    except ImageError:
        return 1


def _frames(source: Source, every: int, budget: PixelBudget, memory: MemoryLimit | None) -> Iterator[Source]:
    assert source.path is not None
    share = pixels = 0
    held: list[Callable[[], None]] = []

    def opened(width: int, height: int) -> None:
        nonlocal share, pixels
        pixels = width * height
        share = pixels if memory is None else memory.share_of_frame(source, width, height)

    def before() -> None:
        held.append(budget.take(share))

    try:
        for index, time_s, array in read_frames(
            source.path, source.text, every, opened, before, thrifty=memory is not None
        ):
            if memory is not None and array.shape[0] * array.shape[1] > pixels:
                raise ImageError("damaged", f"{source.text}: frame {index} is larger than the video's header says")
            frame = Frame(index, time_s, array, held.pop())
            del array
            yield replace(source, frame=frame, place=frame_place(source.place, index))
    finally:
        for give_back in held:  # of a frame that could not be read
            give_back()


class FrameVideos:
    """A writer: for each video one of the images that its frames were given, where they are whole and JPEGs."""

    def __init__(self, files: Ownership, every: int):
        self.files, self.every = files, every
        self.video: VideoFile | None = None
        self.of: Path | None = None
        self.place = PurePosixPath()

    def write(self, done: Outcome) -> None:
        if done.source.path != self.of or done.source.frame is None:
            self._finish(keep=True)
        image = _whole_image(done)
        if image is None:
            return
        if self.video is None:
            assert done.source.path is not None
            self.place = video_name(done.source.place.parent)
            self.video = VideoFile(
                self.files.out / self.place, rate_of(done.source.path, done.source.text) / self.every
            )
            self.of = done.source.path
        self.video.add(read_image(Source.of_file(self.files.out / image)).pixels)

    def close(self, complete: bool) -> None:
        self._finish(complete)

    def _finish(self, keep: bool) -> None:
        if self.video is not None:
            try:
                self.files.refuse_foreign([self.place])
            except UsageError:
                self.video.close(False)
                raise
            self.video.close(keep)
            if keep:
                self.files.add_of_run(self.place)
        self.video = self.of = None


def _whole_image(done: Outcome) -> str | None:
    """The file of a frame that shows all of it, and no crop."""
    if done.source.frame is None or done.state is None:
        return None
    wanted = frame_place(done.source.place, done.source.frame.index).name
    return next((name for name in done.state["files"] if name.rpartition("/")[2] == wanted), None)
