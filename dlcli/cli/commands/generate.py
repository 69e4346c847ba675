"""`dlcli generate`: images that a generator makes. Light: no torch."""

import os
from pathlib import Path
from typing import Annotated

import typer

from dlcli.cli.build import add_command
from dlcli.console import Console
from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.messages import plural
from dlcli.tasks.options import option

HELP = "Make images with a generator.\n\nOne that dlcli train gan trained and dlcli export wrote."
EXAMPLES = (
    "dlcli generate --model runs/gan --count 100 --out made",
    "dlcli generate --model gan.onnx --seed 7 --out made",
)
MOST = 1_000_000


@dataclass(frozen=True, kw_only=True)
class GenerateOptions:
    """Options of `dlcli generate`."""

    model: Annotated[
        str,
        option(
            "An exported generator: its .onnx file, or the folder of its run.", "--model", "-m", metavar="MODEL|RUN"
        ),
    ]
    out: Annotated[Path, option("Folder for the images, 000001.png and on.", "--out", "-o")]
    count: Annotated[int, option("Number of images.", min=1, max=MOST)] = 16
    seed: Annotated[int, option("Equal seeds make equal images.", min=0)] = 0
    threads: Annotated[int, option("Threads; 0: one per core.", min=0)] = 0
    quiet: Annotated[bool, option("Print nothing but errors.", "--quiet", "-q")] = False


def add_to(app: typer.Typer) -> None:
    add_command(app, "generate", HELP, (GenerateOptions,), _generate, EXAMPLES)


def _generate(options: GenerateOptions) -> None:
    from dlcli.imaging.writer import write_image
    from dlcli.models.generator import ImageGenerator
    from dlcli.runtime.threads import default_threads

    names = [f"{number:06}.png" for number in range(1, options.count + 1)]
    refuse_existing(options.out, names)
    generator, console = ImageGenerator(options.model, options.threads or default_threads()), Console(options.quiet)
    options.out.mkdir(parents=True, exist_ok=True)
    with console.progress("making images") as bar:
        for number, name in enumerate(names):
            write_image(options.out / name, generator.image(options.seed, number))
            bar.at(number + 1, options.count)
    console.say(f"{plural(options.count, 'image')} -> {options.out}")


def refuse_existing(out: Path, names: list[str]) -> None:
    """UsageError: a file that would be replaced."""
    there = [name for name in names if os.path.lexists(out / name)]
    if there:
        raise UsageError(f"--out {out}: {there[0]} is there already; name another folder")
