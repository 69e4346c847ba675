"""What the page of a run shows, read from the run's folder: settings, scores of each class, images, files."""

import base64
import csv
import os
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dlcli.errors import UsageError
from dlcli.evaluation.runs.compare import option_name
from dlcli.frozen import dataclass
from dlcli.models.run_folder import LOCK
from dlcli.training.registry import options_of
from dlcli.units import show_size
from dlcli.whole_file import is_temporary

NAME = "report.html"
QUALITY = 85  # of JPEG
LEFT_OUT = ("curves.png",)  # of images: the page draws them itself
TITLES = {  # of images in the page, in this order
    "worst.png": "Worst images of val, in the best epoch",
    "best.png": "Best images of val, in the best epoch",
    "confusion.png": "Confusion matrix",
    "lr-find.png": "Learning-rate range test, before the run",
    "sheet.png": "What the network makes",
    "batch.png": "The first batch, as the network got it",
}
FILES = {
    "best.safetensors": "weights of the best epoch; dlcli export makes a model of them",
    "last.pt": "the state to go on from with --resume",
    "metrics.csv": "losses and metrics, a row an epoch",
    "classes.csv": "scores of each class in the best epoch",
    "curves.png": "losses and metrics over the epochs",
    "config.json": "options, and the card of the model",
    "run.json": "command line, versions, times, results",
    "split.json": "which images were held out",
    "samples": "sheets of the same images, an epoch each",
    "tensorboard": "events for TensorBoard",
    "best.onnx": "the exported model",
}


@dataclass(frozen=True)
class Setting:
    """An option and its value, as text. own: it is not the default."""

    name: str
    value: str
    own: bool


@dataclass(frozen=True)
class Figure:
    """An image of the run, as a data: URI."""

    title: str
    uri: str


@dataclass(frozen=True)
class RunFile:
    """A file or folder of the run. href: relative to it. size: "" of a folder."""

    name: str
    href: str
    size: str
    what: str


@dataclass(frozen=True)
class ClassTable:
    """heads: of all columns, the class first. rows: as many cells; "" where a class has no value."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def settings_of(task: str, options: Mapping[str, Any]) -> list[Setting]:
    """Every option of the run, those that differ from the default of the task's training marked."""
    defaults = _defaults(task)
    return [
        Setting(option_name(name), _shown(value), name not in defaults or str(value) != str(defaults[name]))
        for name, value in options.items()
    ]


def _defaults(task: str) -> dict[str, Any]:
    """As run.json has them; {} of a task that nothing trains any more."""
    try:
        found = {field.name: field.default for field in fields(options_of(task)) if field.default is not MISSING}
    except UsageError:
        return {}
    return {name: str(value) if isinstance(value, Path | str) else value for name, value in found.items()}


def _shown(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "on", False: "off", None: "not set"}[value]
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else f"{value}"


def class_table(run: Path) -> ClassTable | None:
    """Of classes.csv; None where the run has none."""
    try:
        lines = list(csv.reader((run / "classes.csv").read_text("utf-8").splitlines()))
    except (OSError, UnicodeDecodeError):
        return None
    return ClassTable(tuple(lines[0]), tuple(map(tuple, lines[1:]))) if len(lines) > 1 else None


def figures_of(run: Path) -> Iterator[Figure]:
    """The images of the run, those that say most first, and the last sheet of samples/."""
    there = sorted(path for path in run.glob("*.png") if path.name not in LEFT_OUT)
    named = [run / name for name in TITLES if run / name in there]
    sheets = sorted((run / "samples").glob("*.png"))[-1:]
    for path in [*named, *sheets, *(path for path in there if path not in named)]:
        uri = _uri(path)
        if uri:
            yield Figure(TITLES.get(path.name, f"{path.stem}" if path in there else f"Samples, {path.stem}"), uri)


def _uri(path: Path) -> str:
    """As PNG or JPEG, whichever is smaller; "" where it is no image."""
    from PIL import Image

    try:
        data = path.read_bytes()
        with Image.open(BytesIO(data)) as image:
            buffer = BytesIO()
            image.convert("RGB").save(buffer, "JPEG", quality=QUALITY)
    except (OSError, ValueError, Image.DecompressionBombError):
        return ""
    kind, smaller = min(("png", data), ("jpeg", buffer.getvalue()), key=lambda pair: len(pair[1]))
    return f"data:image/{kind};base64,{base64.b64encode(smaller).decode()}"


def files_of(run: Path) -> list[RunFile]:
    """What lies in the run's folder, by name, but for the page itself."""
    names = sorted(path for path in run.iterdir() if path.name not in (NAME, LOCK) and not is_temporary(path))
    return [_file(path) for path in names]


def _file(path: Path) -> RunFile:
    folder, name = path.is_dir(), os.fsencode(path.name)
    size = "" if folder or not path.is_file() else show_size(path.stat().st_size)
    return RunFile(
        path.name, quote(name) + ("/" if folder else ""), size, FILES.get(path.name, TITLES.get(path.name, ""))
    )
