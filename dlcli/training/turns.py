"""Flips and rotations of training images, with their boxes or masks."""

from typing import Any

import albumentations as A
import cv2

from dlcli.frozen import dataclass

GRAY = 127  # what a corner shows that was turned in from beyond the image
LEAST_SEEN = 0.4  # share of a box's area that is still inside, below which a turned box goes


@dataclass(frozen=True)
class Turns:
    """flip: left to right, every second time. degrees: largest rotation about the middle, either way."""

    flip: bool = True
    degrees: float = 0.0

    @classmethod
    def of(cls, options: Any) -> "Turns":
        """Of a training's options."""
        return cls(not options.no_flip, options.degrees)

    def transforms(self, void: int = 0) -> list[A.BasicTransform]:
        """In turn. void: what a mask shows where the image is gray.

        A box becomes the box around its four turned corners, cut at the image's edges.
        """
        flip = [A.HorizontalFlip(p=0.5)] if self.flip else []
        limit = (-self.degrees, self.degrees)
        turn = A.Rotate(limit, border_mode=cv2.BORDER_CONSTANT, fill=GRAY, fill_mask=void, p=1.0)
        return [*flip, turn] if self.degrees else flip

    def boxes(self) -> A.BboxParams:
        least = LEAST_SEEN if self.degrees else 0.0
        return A.BboxParams(format="pascal_voc", label_fields=["rows"], min_visibility=least)
