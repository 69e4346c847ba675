"""Tiny data sets of class masks for the trainers: bright squares on dark noise, in images/ and masks/."""

from pathlib import Path

import numpy as np
from PIL import Image

from tests.training.sets import SIDE, square_image


def square_mask(number: int) -> np.ndarray:
    """uint8 [64, 64]: 1 where square_image(number) has its square, 255 along the image's left edge."""
    _, (x1, y1, x2, y2) = square_image(number)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[y1:y2, x1:x2] = 1
    mask[:, 0] = 255
    return mask


def write_mask_squares(folder: Path, train: int = 5, val: int = 2, masked: int | None = None) -> Path:
    """FOLDER/images, masks, classes.txt, train.txt and val.txt. masked: the first so many of train have a mask and are
    listed; None: all."""
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    splits = {"train": list(range(train)), "val": list(range(100, 100 + val))}
    for number in splits["train"] + splits["val"]:
        Image.fromarray(square_image(number)[0]).save(folder / "images" / f"{number:03}.png")
    splits["train"] = splits["train"][:masked]
    for split, numbers in splits.items():
        for number in numbers:
            Image.fromarray(square_mask(number)).save(folder / "masks" / f"{number:03}.png")
        (folder / f"{split}.txt").write_text("".join(f"{number:03}\n" for number in numbers))
    (folder / "classes.txt").write_text("background\nsquare\n")
    return folder
