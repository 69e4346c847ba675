"""Decoded images that are read once: in memory, or in a file that is gone when the training ends, however it ends.

Both are a mapping that data-loading workers share by fork. What a sample is made of is the same bytes as without.
"""

import mmap
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch

from dlcli.data.dataset import Dataset
from dlcli.errors import DataError, DlcliError, ImageError, UsageError
from dlcli.frozen import dataclass
from dlcli.imaging.reader import read_image
from dlcli.imaging.upright_size import upright_size
from dlcli.records import Source
from dlcli.runtime.parallel import in_order
from dlcli.runtime.threads import default_threads
from dlcli.training.cache.names import CacheName
from dlcli.training.cache.room import check_room, said
from dlcli.training.log import TrainLog
from dlcli.training.options import TrainingOptions

Decode = Callable[[Path], np.ndarray]  # of an image file -> RGB uint8 [H, W, 3]
Stamp = tuple[int, int, int]  # of a file: inode, bytes, nanoseconds of its last change


def decoded(path: Path) -> np.ndarray:
    """RGB uint8 [H, W, 3] of an image file. ImageError."""
    return read_image(Source.of_file(path)).pixels


@dataclass(frozen=True)
class Slot:
    """Where an image lies in the cache, and which state of its file that is."""

    start: int
    shape: tuple[int, int, int]
    stamp: Stamp

    @property
    def size(self) -> int:
        height, width, channels = self.shape
        return height * width * channels


class ImageCache:
    """path -> its decoded pixels, uint8 [H, W, 3], as `decoded`; a file that changed since is decoded again."""

    def __init__(self, memory: mmap.mmap, slots: dict[Path, Slot]):
        self.memory, self.slots = memory, slots

    def __call__(self, path: Path) -> np.ndarray:
        slot = self.slots.get(path)
        if slot is None or stamp_of(path) != slot.stamp:
            return decoded(path)
        flat = np.frombuffer(self.memory, np.uint8, slot.size, slot.start)
        return flat.reshape(slot.shape).copy()  # [H, W, 3]


def image_source(options: TrainingOptions, data: Dataset[Any], log: TrainLog) -> Decode:
    """What gives the pixels of the set's images, as --cache says. UsageError: they take more room than there is."""
    if options.cache is CacheName.NONE:
        return decoded
    if options.workers and torch.multiprocessing.get_start_method() != "fork":
        raise UsageError(f"--cache {options.cache}: workers cannot share it on this system; pass --workers 0")
    slots = _slots(list(dict.fromkeys(item.path for item in data.items)))
    total = sum(slot.size for slot in slots.values())
    if not total:
        return decoded
    options.out.mkdir(parents=True, exist_ok=True)
    check_room(options.cache, total, options.out)
    log.say(said(options.cache, len(slots), total))
    with log.bar("caching", len(slots)) as bar:
        return _filled(options.cache, slots, total, options.out, bar.step)


def stamp_of(path: Path) -> Stamp | None:
    """None: there is no such file any more."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _slots(paths: Sequence[Path]) -> dict[Path, Slot]:
    """One after the other; without those whose size cannot be read, which are told of where they are needed."""
    slots, start = {}, 0
    for path in paths:
        stamp = stamp_of(path)
        try:
            width, height = upright_size(path)
        except (ImageError, OSError):
            continue
        if stamp is not None:
            slots[path] = Slot(start, (height, width, 3), stamp)
            start += slots[path].size
    return slots


def _filled(
    kind: CacheName, slots: dict[Path, Slot], total: int, folder: Path, step: Callable[[], object]
) -> ImageCache:
    """DlcliError: the disk is full after all."""
    kept = dict(slots)
    try:
        with tempfile.TemporaryFile(dir=folder) as file:  # without a name, so that nothing stays behind
            memory = mmap.mmap(-1, total) if kind is CacheName.RAM else None
            for path, pixels in in_order(_decoded_or_none, list(slots), default_threads()):
                if pixels is None or pixels.shape != slots[path].shape or pixels.dtype != np.uint8:
                    pixels = np.zeros(slots[path].size, np.uint8)
                    del kept[path]
                _put(file if memory is None else memory, pixels)
                step()
            if memory is None:
                file.flush()
                memory = mmap.mmap(file.fileno(), total, access=mmap.ACCESS_READ)
    except OSError as error:
        raise DlcliError(f"--cache {kind}: {folder}: {os.strerror(error.errno or 0)}; leave --cache out") from error
    return ImageCache(memory, kept)


def _put(into: mmap.mmap | IO[bytes], pixels: np.ndarray) -> None:
    into.write(np.ascontiguousarray(pixels).tobytes())


def _decoded_or_none(path: Path) -> np.ndarray | None:
    try:
        return decoded(path)
    except (ImageError, DataError):
        return None
