"""Where the files of a video's frames belong below --out. Light."""

from pathlib import PurePosixPath


def frame_place(place: PurePosixPath, index: int) -> PurePosixPath:
    """<tree>/<video's stem>/<number>.jpg."""
    return place.with_suffix("") / f"{index:06d}.jpg"


def video_name(place: PurePosixPath) -> PurePosixPath:
    """Of the video that is made again, <tree>/<stem>.mp4."""
    return place.with_suffix(".mp4")
