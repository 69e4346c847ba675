"""`dlcli models import`: an .onnx file that dlcli did not make, with a card that is given by options."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from dlcli.cli.build import add_command
from dlcli.cli.task_choices import task_choices
from dlcli.console import Console
from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.models.decodings import BGR, LAYOUTS, NCHW, NHWC, PROBABILITIES, RGB, SIGMOID, SOFTMAX
from dlcli.tasks.options import THERE, option
from dlcli.tasks.registry import all_tasks, find_task

HELP = """Import an .onnx file that dlcli did not make.

It is tried once, gets a card, and is copied.

Numbers for --mean and --std are in units of pixels, 0 to 255, in the order of red, green, blue: the network sees
(pixel - mean) / std. ImageNet's usual ones are 123.675,116.28,103.53 and 58.395,57.12,57.375; YOLO takes 0 and 255."""
NETWORK, IMAGE = "Network", "Preprocessing"


RESIZES = {name: task.network.resize for name, task in all_tasks().items() if task.network and task.network.resize}
if TYPE_CHECKING:
    from dlcli.card import ModelCard
    from dlcli.models.importing import Use

    TaskName = StrEnum
else:
    TaskName = task_choices(RESIZES)


class Resize(StrEnum):
    LETTERBOX = "letterbox"
    STRETCH = "stretch"
    CROP = "crop"


class Layout(StrEnum):
    NCHW = NCHW
    NHWC = NHWC


class Channels(StrEnum):
    RGB = RGB
    BGR = BGR


class Scores(StrEnum):
    SOFTMAX = SOFTMAX
    SIGMOID = SIGMOID
    PROBABILITIES = PROBABILITIES


if TYPE_CHECKING:
    Decoding = StrEnum
else:
    Decoding = StrEnum("Decoding", [(name, name) for name in LAYOUTS])


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """Options of `dlcli models import`."""

    file: Annotated[Path, typer.Argument(metavar="FILE", help="An .onnx file.", **THERE)]
    name: Annotated[str, option("What --model will call it.", panel=NETWORK, metavar="NAME")]
    task: Annotated[TaskName | None, option("What it is for, if the file does not tell.", panel=NETWORK)] = None
    labels: Annotated[
        str,
        option(
            "All class names in order: cat,dog, or a file with one a line; may be left out if the file tells.",
            panel=NETWORK,
            metavar="LIST|FILE",
        ),
    ] = ""
    mean: Annotated[
        str, option("One number, or three: r,g,b; of detectors the usual.", panel=IMAGE, metavar="NUMBERS")
    ] = ""
    std: Annotated[str, option("The same of the divisor.", panel=IMAGE, metavar="NUMBERS")] = ""
    input: Annotated[str, option("Its input, if the file does not fix it.", panel=IMAGE, metavar="WxH")] = ""
    resize: Annotated[
        Resize | None,
        option(f"Default: {', '.join(f'{resize} for {name}' for name, resize in RESIZES.items())}.", panel=IMAGE),
    ] = None
    crop: Annotated[
        float, option("--resize crop: this part of the shorter side, such as 0.875.", panel=IMAGE, min=0.01, max=1)
    ] = 1.0
    layout: Annotated[Layout | None, option("Order of the input's axes; seen by its shape.", panel=IMAGE)] = None
    channels: Annotated[
        Channels | None, option("Order of the colors that it takes; rgb, but for YOLOX and NanoDet.", panel=IMAGE)
    ] = None
    output: Annotated[str, option("The output that counts; the first unless given.", panel=NETWORK, metavar="NAME")] = (
        ""
    )
    scores: Annotated[
        Scores,
        option(
            "classify: what makes its outputs probabilities. softmax: one class an image; sigmoid: several; "
            "probabilities: they are already.",
            panel=NETWORK,
        ),
    ] = Scores.SOFTMAX
    decoding: Annotated[
        Decoding | None,
        option(
            f"detect: how its outputs are laid out, seen by their shapes and values: {', '.join(LAYOUTS)}; "
            "docs/models.md explains each.",
            "--decode",
            "--decoding",
            panel=NETWORK,
            metavar="NAME",
        ),
    ] = None
    license: Annotated[str, option("License of the weights for its card, such as Apache-2.0.", panel=NETWORK)] = ""


def add_to(group: typer.Typer) -> None:
    add_command(group, "import", HELP, (ImportOptions,), _import)


def _import(options: ImportOptions) -> None:
    from dlcli.models.importing import ImportRequest, import_model

    wanted = ImportRequest(
        options.file,
        options.name,
        options.task.value if options.task else "",
        labels_of(options.labels) if options.labels else (),
        three_numbers("--mean", options.mean),
        three_numbers("--std", options.std),
        size_of(options.input),
        options.resize.value if options.resize else "",
        options.crop,
        options.layout.value if options.layout else "",
        options.channels.value if options.channels else "",
        options.scores.value,
        options.decoding.value if options.decoding else "",
        options.output,
        options.license,
    )
    if wanted.std and max(wanted.std) < 1:
        scaled = ",".join(f"{255 * value:g}" for value in wanted.std)
        raise UsageError(
            f"--std {options.std}: expected units of pixels, 0 to 255; multiply by 255: {scaled}, --mean too"
        )
    done = import_model(wanted, {name: cast("Use", find_task(name).network) for name in RESIZES})
    card = done.card
    Console().say(f"imported: {done.path}; try: dlcli {card.task} IMAGE --model {wanted.name}")
    Console().say(f"read as: {read_as(card)}")


def read_as(card: "ModelCard") -> str:
    """What it was taken for, in one line."""
    layout = [str(card.decoding["kind"])] if "kind" in card.decoding else []
    colors = str(card.decoding.get("channels", RGB))
    numbers = f"mean {_shown_numbers(card.mean)} and std {_shown_numbers(card.std)}"
    words = [*layout, f"{len(card.labels)} labels", f"{card.input[0]} x {card.input[1]} pixels", colors, numbers]
    return ", ".join([*words, card.resize])


def _shown_numbers(values: tuple[float, ...]) -> str:
    """As --mean and --std take them: one number where all are equal."""
    return ",".join(f"{value:g}" for value in (values[:1] if len(set(values)) == 1 else values))


def labels_of(text: str) -> tuple[str, ...]:
    """The lines of a file, or the words between commas. UsageError: the file cannot be read."""
    path = Path(text)
    if "," in text or len(text) > 4000 or not path.exists():
        if text.endswith((".txt", ".names")) and "," not in text:
            raise UsageError(
                f"--labels {text}: expected a file with a class name a line, got a path where there is none"
            )
        return tuple(word.strip() for word in text.split(",") if word.strip())
    try:
        lines = path.read_text("utf-8-sig").splitlines() if path.is_file() else []
    except (OSError, ValueError):
        lines = []
    if not lines:
        raise UsageError(f"--labels {text}: expected a text file with a class name a line, got something else")
    return tuple(line.strip() for line in lines if line.strip())


def three_numbers(option_name: str, text: str) -> tuple[float, float, float] | None:
    """ "127.5" or "123.675,116.28,103.53"; None of "". UsageError: anything else."""
    if not text:
        return None
    try:
        found = [float(word) for word in text.split(",")]
    except ValueError:
        found = []
    if len(found) not in (1, 3):
        raise UsageError(f"{option_name} {text}: expected one number, or three such as 123.675,116.28,103.53")
    return (found[0], found[-1] if len(found) == 1 else found[1], found[-1])


def size_of(text: str) -> tuple[int, int] | None:
    """(width, height) of "640x480"; None of "". UsageError: anything else."""
    words = text.lower().split("x")
    if not text:
        return None
    if len(words) != 2 or not all(word.isascii() and word.isdecimal() and int(word[:6]) > 0 for word in words):
        raise UsageError(f"--input {text}: expected width x height in pixels, such as 640x640")
    return int(words[0]), int(words[1])
