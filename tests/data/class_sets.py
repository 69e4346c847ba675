"""Small labeled folders of real, decodable images."""

from pathlib import Path

import numpy as np
from PIL import Image


def image(path: Path, color: tuple[int, int, int] = (90, 120, 60), size: tuple[int, int] = (12, 9)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.zeros((size[1], size[0], 3), np.uint8) + np.array(color, np.uint8)
    Image.fromarray(pixels).save(path)
    return path
