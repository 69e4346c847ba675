"""Options of every picture command: what comes in, what goes out, what is told."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from dlcli.imaging.step_table import FORMS
from dlcli.tasks.options import option

PRE_HELP = (
    "Steps before anything else is done with a picture, such as 'clahe(clip=2,grid=8) | gamma(0.8)'. The steps: "
    f"{', '.join(form.example for form in FORMS)}."
)
INPUT, OUTPUT, TOLD = "Input", "Output", "What is told"


@dataclass(frozen=True)
class BatchOptions:
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE", help="Pictures, folders, globs, or - for one picture on standard input."),
    ] = None
    recursive: Annotated[bool, option("Also look into the folders of a folder.", "--recursive", "-r", panel=INPUT)] = (
        False
    )
    files_from: Annotated[
        str, option("A file with a source a line; - for standard input.", panel=INPUT, metavar="FILE")
    ] = ""
    null: Annotated[
        bool, option("In --files-from, sources end with a NUL, as find -print0 writes.", "--null", "-0", panel=INPUT)
    ] = False
    pre: Annotated[
        str | None,
        option(PRE_HELP, "--pre", panel=INPUT, metavar="STEPS"),
    ] = None
    max_pixels: Annotated[int, option("Refuse larger pictures, by their header.", panel=INPUT, min=1)] = 100_000_000
    skip_bad: Annotated[
        bool, option("Bad pictures are recorded, but do not change the exit code.", "--skip-bad", panel=INPUT)
    ] = False
    out: Annotated[
        Path | None, option("The folder for results.jsonl and pictures, exactly this one.", "--out", "-o", panel=OUTPUT)
    ] = None
    save: Annotated[
        str,
        option(
            "Which files a picture gets in --out: a list, or none; the kinds are in the help above.",
            panel=OUTPUT,
            metavar="LIST",
        ),
    ] = ""
    overwrite: Annotated[bool, option("Replace the results of an earlier run.", "--overwrite", panel=OUTPUT)] = False
    json: Annotated[bool, option("Records on standard output, one line of JSON a picture.", "--json", panel=TOLD)] = (
        False
    )
    timings: Annotated[bool, option("Milliseconds in each record.", "--timings", panel=TOLD)] = False
    quiet: Annotated[bool, option("No progress and no closing sentence.", "--quiet", "-q", panel=TOLD)] = False
    threads: Annotated[
        int, option("Threads in all; 0: as many as this machine gives us.", panel=TOLD, min=0, max=256)
    ] = 0
    debug: Annotated[bool, option("A traceback where dlcli itself is at fault.", "--debug", panel=TOLD)] = False
