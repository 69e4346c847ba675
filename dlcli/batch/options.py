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
INPUT, OUTPUT, TOLD, GATES, LIMITS = "Input", "Output", "Display", "Gates", "Limits"

# `dlcli merge` has these too
REPORT = option(
    "A file on the whole run: junit, sarif, markdown, csv or html=FILE, or github. Several may be given.",
    panel=OUTPUT,
    metavar="KIND=FILE",
)
FAIL_IF = option("Exit 1 if a picture meets this, such as 'count(dog) > 0'.", panel=GATES, metavar="CONDITION")
REQUIRE = option("Exit 1 if a picture does not, such as 'score(cat) >= 0.6'.", panel=GATES, metavar="CONDITION")
EXIT_ZERO = option("A broken gate is told, but does not exit with 1.", "--exit-zero", panel=GATES)
SKIP_BAD = option("Bad pictures are recorded, but do not change the exit code.", "--skip-bad", panel=INPUT)


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
    from_jsonl: Annotated[
        str,
        option(
            "Records of an earlier command, - for standard input: each box becomes a picture of its own.",
            panel=INPUT,
            metavar="FILE",
        ),
    ] = ""
    every: Annotated[int, option("Of a video, every so many frames.", panel=INPUT, min=1, metavar="N")] = 1
    watch: Annotated[
        bool,
        option("Take pictures of one folder as they arrive, until SIGTERM or Ctrl-C.", "--watch", panel=INPUT),
    ] = False
    shard: Annotated[
        str, option("Only this part of the pictures, such as 3/8, chosen by their names.", panel=INPUT, metavar="K/N")
    ] = ""
    skip_bad: Annotated[bool, SKIP_BAD] = False
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
    overwrite: Annotated[
        bool,
        option(
            "Replace what an earlier run wrote in --out, and nothing that was changed since.",
            "--overwrite",
            panel=OUTPUT,
        ),
    ] = False
    resume: Annotated[
        bool, option("Do only what is missing, failed or changed since an earlier run.", "--resume", panel=OUTPUT)
    ] = False
    report: Annotated[list[str] | None, REPORT] = None
    fail_if: Annotated[list[str] | None, FAIL_IF] = None
    require: Annotated[list[str] | None, REQUIRE] = None
    exit_zero: Annotated[bool, EXIT_ZERO] = False
    max_pixels: Annotated[int, option("Refuse larger pictures, by their header.", panel=LIMITS, min=1)] = 100_000_000
    max_memory: Annotated[
        str, option("Refuse pictures that would need more, such as 800MB.", panel=LIMITS, metavar="SIZE")
    ] = ""
    timeout_per_picture: Annotated[
        float, option("Give up on a picture after so many seconds; 0: never.", panel=LIMITS, min=0)
    ] = 0.0
    max_errors: Annotated[int, option("Stop once so many pictures have failed; 0: never.", panel=LIMITS, min=0)] = 0
    fail_fast: Annotated[bool, option("The same as --max-errors 1.", "--fail-fast", panel=LIMITS)] = False
    plan: Annotated[
        bool, option("Say what would be done and how long it takes, and do nothing.", "--plan", panel=TOLD)
    ] = False
    json: Annotated[bool, option("Records on standard output, one line of JSON a picture.", "--json", panel=TOLD)] = (
        False
    )
    timings: Annotated[bool, option("Milliseconds in each record.", "--timings", panel=TOLD)] = False
    quiet: Annotated[bool, option("No progress and no closing sentence.", "--quiet", "-q", panel=TOLD)] = False
    threads: Annotated[
        int, option("Threads in all; 0: as many as this machine gives us.", panel=TOLD, min=0, max=256)
    ] = 0
    debug: Annotated[bool, option("A traceback where dlcli itself is at fault.", "--debug", panel=TOLD)] = False
