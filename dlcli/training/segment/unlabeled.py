"""A segmenter that also learns from images without masks: two views of one window, their colors moved apart.

The window and its mirroring are one for both, so that each pixel of one view is the same pixel of the other; what may
differ is color, as in the pixel-wise methods that G. French et al. compare (arXiv:1906.01916).
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import albumentations as A
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from dlcli.data.masks import VOID, MaskSet
from dlcli.errors import UsageError
from dlcli.imaging.reader import read_image
from dlcli.records import Source
from dlcli.training.augment import Pixels
from dlcli.training.augment import color as colors
from dlcli.training.data import reading_again
from dlcli.training.loaders import Draw
from dlcli.training.log import TrainLog
from dlcli.training.plan import Plan
from dlcli.training.segment import augment
from dlcli.training.segment.augment import MaskSample
from dlcli.training.segment.losses import MaskLoss
from dlcli.training.segment.options import SegmentTraining
from dlcli.training.unlabeled.adding import with_views
from dlcli.training.unlabeled.flags import Method
from dlcli.training.unlabeled.images import unlabeled_images


def with_unlabeled(
    plan: Plan,
    options: SegmentTraining,
    loss: MaskLoss,
    val_set: MaskSet,
    log: TrainLog,
    saved: Mapping[str, Any] | None,
) -> Plan:
    """The plan, which learns from --unlabeled too if that is given. loss: of labeled images.

    UsageError: a method that remembers whole answers. Errors as of unlabeled_images and with_views.
    """
    if options.unlabeled is None:
        return plan
    if options.method is Method.TEMPORAL_ENSEMBLING:
        raise UsageError(
            f"--method {options.method}: remembers an answer an image, and a segmenter's is of another window each "
            f"time; pass --method {Method.MEAN_TEACHER} or {Method.PI_MODEL}"
        )
    images = unlabeled_images(options.unlabeled, [item.path for item in val_set.items], options.skip_bad, log)
    log.say(f"{options.unlabeled}: {len(images)} images without masks, by {options.method}")
    views = WindowViews(images, options.seed, (options.zoom, options.expand), not options.no_flip)
    return with_views(plan, options, views, loss.normalized, partial(torch.softmax, dim=1), saved)


class WindowViews(Dataset[tuple[Tensor, Tensor, int]]):
    """Draw -> pixels uint8 [3, S, S] of two views of one window, and the image's number; see MaskSamples.

    Indexing raises DataError where an image can no longer be read.
    """

    def __init__(self, images: list[Path], seed: int, zoom: tuple[float, float], flip: bool = True):
        self.images, self.seed, self.zoom = images, seed, zoom
        self.compose, self.flip = A.Compose(colors()), flip

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, draw: Draw) -> tuple[Tensor, Tensor, int]:
        rng = np.random.default_rng((self.seed + 1, draw.epoch, draw.index))
        pixels = self.read(draw.index)
        whole = MaskSample(pixels, np.full(pixels.shape[:2], VOID, np.uint8))
        window = augment.random_window(rng, whole, self.zoom, None)
        shown = augment.take_window(whole, window, (draw.size, draw.size)).pixels
        shown = shown[:, ::-1] if rng.random() < 0.5 and self.flip else shown
        one, other = (self.colored(shown, int(rng.integers(2**31))) for _ in range(2))
        return one, other, draw.index

    def colored(self, pixels: Pixels, seed: int) -> Tensor:
        self.compose.set_random_seed(seed)
        moved = self.compose(image=np.ascontiguousarray(pixels))["image"]
        return torch.from_numpy(np.ascontiguousarray(moved.transpose(2, 0, 1)))

    def read(self, index: int) -> Pixels:
        with reading_again():
            return read_image(Source.of_file(self.images[index])).pixels
