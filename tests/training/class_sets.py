"""Tiny sets of class labels for the trainers: noise in which red, green or blue is bright."""

from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ("blue", "green", "red")
CHANNEL = {"red": 0, "green": 1, "blue": 2}


def colored(names: tuple[str, ...], number: int, size: tuple[int, int] = (40, 32)) -> np.ndarray:
    """uint8 [32, 40, 3]: noise, with each named color bright in a square of its own place."""
    rng = np.random.default_rng(number)
    pixels = rng.integers(0, 60, (size[1], size[0], 3), dtype=np.uint8)
    for name in names:
        x, y = (int(v) for v in rng.integers(0, 16, 2))
        pixels[y : y + 16, x : x + 16, CHANNEL[name]] = 230
    return pixels


def write_class_folders(folder: Path, **counts: int) -> Path:
    """FOLDER/SPLIT/CLASS/NN.png, so many a class; a split called "" puts the classes right below."""
    for shift, (split, count) in enumerate(counts.items()):
        for name in CLASSES:
            place = folder / split.strip("_") / name
            place.mkdir(parents=True)
            for number in range(count):
                Image.fromarray(colored((name,), 1000 * shift + number)).save(place / f"{number:02}.png")
    return folder


def write_class_csv(folder: Path, train: int, val: int) -> Path:
    """FOLDER/labels.csv and images, each with the colors that its number's bits say; some with none."""
    folder.mkdir(parents=True)
    lines = ["filename,label,split"]
    for number in range(train + val):
        names = tuple(name for bit, name in enumerate(CLASSES) if (number % 8) >> bit & 1)
        Image.fromarray(colored(names, number)).save(folder / f"{number:02}.png")
        lines.append(f"{number:02}.png,{'|'.join(names)},{'train' if number < train else 'val'}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return folder
