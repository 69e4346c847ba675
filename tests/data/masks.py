"""Small sets of masks, written as people have them."""

from pathlib import Path

import numpy as np
from PIL import Image

from dlcli.imaging.formats.index_png import encode_index_png, voc_palette

LARGE = (30, 40)  # rows, columns of the images
A = np.zeros(LARGE, np.uint8)
A[5:15, 5:20] = 1
A[15:25, 10:30] = 2
B = np.zeros(LARGE, np.uint8)
B[0:10, 0:10] = 2
B[10:12] = 255
MASKS = {"a": A, "b": B}


def save_index(path: Path, mask: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_index_png(mask))


def save_gray(path: Path, mask: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(mask).save(path)


def save_color(path: Path, mask: np.ndarray, palette: np.ndarray | None = None) -> None:
    save_gray(path, (voc_palette() if palette is None else palette)[mask])


def save_image(path: Path, size: tuple[int, int] = LARGE) -> None:
    save_gray(path, np.full((*size, 3), 90, np.uint8))


def write_masks(folder: Path, save=save_index, names=("background", "dog", "owl"), masks=None) -> Path:
    """images/NAME.jpg, masks/NAME.png, classes.txt, train.txt (a) and val.txt (b)."""
    for name, mask in (masks or MASKS).items():
        save_image(folder / "images" / f"{name}.jpg", mask.shape)
        save(folder / "masks" / f"{name}.png", mask)
    if names:
        (folder / "classes.txt").write_text("\n".join(names) + "\n")
    (folder / "train.txt").write_text("a\n")
    (folder / "val.txt").write_text("b.jpg\n")
    return folder
