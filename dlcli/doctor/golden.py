"""A golden image: one made by a formula, and what each bundled model said to it when its answer was recorded.

    python -m dlcli.doctor.golden        # writes golden.json; needed whenever a bundled model changes

The image is made of whole numbers, so that it is the same everywhere. An answer is SAMPLES numbers of each output, as
they come out of the network; how far another machine is from it is reported in parts of their spread.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.card import ModelCard
from dlcli.errors import DataError
from dlcli.frozen import dataclass
from dlcli.models.store import ModelFile, list_models
from dlcli.runtime.session import open_session
from dlcli.tasks.network_input import to_input
from dlcli.tasks.registry import find_task
from dlcli.whole_file import write_whole

FILE = Path(__file__).with_name("golden.json")
WIDTH, HEIGHT, SAMPLES, DIGITS = 360, 300, 128, 4
# Of the spread. Seen: 0.003 at most, by `qemu-x86_64 -cpu Haswell-v4` (no VNNI) and `-cpu Nehalem` (no AVX2) `python -m
# dlcli doctor` against a processor with AVX-512 VNNI, and by ONNX Runtime 1.20.1 against 1.32.0.
TOLERANCE = 0.02


@dataclass(frozen=True)
class Golden:
    """What was recorded of one model. sha256: its file's. outputs: for each output, its sampled numbers in order."""

    sha256: str
    outputs: dict[str, list[float]]


def golden_image() -> np.ndarray:
    """uint8 [HEIGHT, WIDTH, 3] RGB: slopes of color, a disc, a ring of another and stripes."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]  # int64 [H, W] each
    pixels = np.stack([x * 255 // WIDTH, y * 255 // HEIGHT, (x + y) * 255 // (WIDTH + HEIGHT)], axis=2)
    pixels[(x - 120) ** 2 + (y - 150) ** 2 < 80**2] = (200, 120, 40)
    far = (x - 250) ** 2 + (y - 110) ** 2
    pixels[(far < 70**2) & (far > 40**2)] = (30, 60, 180)
    pixels[(y > 230) & ((x // 12) % 2 == 0)] = (240, 240, 235)
    return pixels.astype(np.uint8)


def answer(model: ModelFile) -> dict[str, np.ndarray]:
    """float32 [up to SAMPLES] for each output of the network, evenly taken from what it says to the golden image.

    DataError: the file is unusable. On one thread of the CPU.
    """
    tensor, more = golden_inputs(model.card)
    session = open_session(model.path, 1, "cpu", inputs=1 + len(more))
    found = session.run(tensor, *more)
    return {name: _sampled(values) for name, values in zip(session.output_names, found, strict=True)}


def golden_inputs(card: ModelCard) -> tuple[np.ndarray, list[np.ndarray]]:
    """The golden image as a network of this card takes it, and its other inputs."""
    tensor, _ = to_input(card, golden_image())
    return tensor, _more_inputs(card)


def deviation(found: dict[str, np.ndarray], recorded: dict[str, list[float]]) -> float:
    """The greatest of all outputs: root of the mean squared difference, in parts of the recorded numbers' deviation.

    0 where all is equal; near 1.4 for unrelated numbers; infinite where outputs are missing, or not finite.
    """
    if found.keys() != recorded.keys():
        return float("inf")
    return max(_apart(found[name], np.array(recorded[name], np.float64)) for name in recorded)


def read_golden(file: Path = FILE) -> dict[str, Golden]:
    """By the model's name. DataError: the file is missing or damaged."""
    try:
        models = json.loads(file.read_text(encoding="utf-8"))["models"]
        return {name: Golden(str(item["sha256"]), dict(item["outputs"])) for name, item in models.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{file}: expected the recorded answers of the bundled models ({error})") from error


def record(file: Path = FILE) -> None:
    """Write what the bundled models say on this machine, which becomes what others are held against."""
    models: dict[str, Any] = {}
    for model in list_models():
        outputs = {name: [round(float(value), DIGITS) for value in values] for name, values in answer(model).items()}
        models[model.name] = {"sha256": model.digest, "outputs": outputs}
    body = {"made_by": "python -m dlcli.doctor.golden", "models": models}
    write_whole(file, (json.dumps(body) + "\n").encode())


def _more_inputs(card: ModelCard) -> list[np.ndarray]:
    """What the network takes beside the image."""
    use = find_task(card.task).network
    return [] if use is None else use.more_inputs(card)


def _sampled(values: np.ndarray) -> np.ndarray:
    flat = values.ravel()
    places = np.linspace(0, flat.size - 1, min(SAMPLES, flat.size)).astype(np.int64)
    return flat[places]


def _apart(found: np.ndarray, recorded: np.ndarray) -> float:
    if found.shape != recorded.shape or not np.isfinite(found).all():
        return float("inf")
    return float(np.sqrt(np.mean((found - recorded) ** 2)) / max(float(recorded.std()), 1e-6))


if __name__ == "__main__":
    record()
