"""Options of every image command: what comes in, what goes out, what is reported."""

from pathlib import Path
from typing import Annotated

import typer

from dlcli.frozen import dataclass
from dlcli.imaging.steps.table import FORMS
from dlcli.tasks.options import RUNTIMES, option

PRE_HELP = (
    "Steps before anything else is done with an image, such as 'clahe(clip=2,grid=8) | gamma(0.8)'. The steps: "
    f"{', '.join(form.example for form in FORMS)}."
)
STRICT_HELP = (
    "Exit 3 if something like an image was not looked at: files that are not read, sub-folders without -r, frames and "
    "pages after the first."
)
INPUT, OUTPUT, DISPLAY, GATES, LIMITS = "Input", "Output", "Display", "Gates", "Limits"

# `dlcli merge` has these too
REPORT = option(
    "Write a report on the run: junit, sarif, markdown, csv or html=FILE, or github.",
    panel=OUTPUT,
    metavar="KIND=FILE",
)
FAIL_IF = option("Exit 1 if an image meets this, such as 'count(dog) > 0'.", panel=GATES, metavar="CONDITION")
REQUIRE = option("Exit 1 if an image does not, such as 'score(cat) >= 0.6'.", panel=GATES, metavar="CONDITION")
GROUP = option(
    "Count classes under one name in gates and the summary, such as animals=cat,dog,horse.",
    panel=GATES,
    metavar="NAME=CLASSES",
)
FAILED_TO = option("Write the names of images that fail a gate to FILE, one per line.", panel=GATES, metavar="FILE")
QUIET_HELP = "Print nothing but errors; --json still prints records."
EXIT_ZERO = option("Report failed gates, but exit 0.", "--exit-zero", panel=GATES)
SKIP_BAD = option("Unreadable images are recorded, but do not change the exit code.", "--skip-bad", panel=INPUT)


@dataclass(frozen=True)
class BatchOptions:
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE",
            help="Images, folders, globs, .zip or .tar files, addresses such as s3://bucket/photos, or - for one image "
            "on standard input.",
        ),
    ] = None
    recursive: Annotated[bool, option("Search folders recursively.", "--recursive", "-r", panel=INPUT)] = False
    files_from: Annotated[
        str, option("Read sources from FILE, one per line; - for standard input.", panel=INPUT, metavar="FILE")
    ] = ""
    null: Annotated[
        bool, option("Sources in --files-from end with NUL, as find -print0 writes them.", "--null", "-0", panel=INPUT)
    ] = False
    pre: Annotated[
        str | None,
        option(PRE_HELP, "--pre", panel=INPUT, metavar="STEPS"),
    ] = None
    range: Annotated[
        str,
        option(
            "Of samples of more than 8 bits: the values that become black and white, such as 0,4000, or percentile for "
            "the 1st and the 99th of each image. Numbers with signs, fractions or over 16 bits are refused without it.",
            panel=INPUT,
            metavar="LOW,HIGH",
        ),
    ] = ""
    from_jsonl: Annotated[
        str,
        option(
            "Records of an earlier command, - for standard input: each box becomes an image of its own.",
            panel=INPUT,
            metavar="FILE",
        ),
    ] = ""
    every: Annotated[int, option("Take every Nth frame of a video.", panel=INPUT, min=1, metavar="N")] = 1
    watch: Annotated[
        bool,
        option("Process images as they arrive in one folder, until SIGTERM or Ctrl-C.", "--watch", panel=INPUT),
    ] = False
    shard: Annotated[
        str, option("Process only part K of N of the images, such as 3/8, chosen by name.", panel=INPUT, metavar="K/N")
    ] = ""
    skip_bad: Annotated[bool, SKIP_BAD] = False
    allow_empty: Annotated[
        bool, option("A folder or glob without an image is no mistake: exit 0.", "--allow-empty", panel=INPUT)
    ] = False
    strict: Annotated[bool, option(STRICT_HELP, "--strict", panel=GATES)] = False
    out: Annotated[
        Path | None,
        option("Write results.jsonl and images into this folder, or s3://...", "--out", "-o", panel=OUTPUT),
    ] = None
    save: Annotated[
        str,
        option(
            "Which files an image gets in --out: a list, or none; the kinds are in the help above.",
            panel=OUTPUT,
            metavar="LIST",
        ),
    ] = ""
    root: Annotated[
        Path | None,
        option(
            "The folder whose tree --out mirrors; default: the deepest that holds all images, or that of the run which "
            "--resume goes on with.",
            panel=OUTPUT,
        ),
    ] = None
    overwrite: Annotated[
        bool,
        option(
            "Replace files of an earlier run in --out, unless they were changed since.",
            "--overwrite",
            panel=OUTPUT,
        ),
    ] = False
    resume: Annotated[
        bool, option("Process only what is missing, failed or changed since an earlier run.", "--resume", panel=OUTPUT)
    ] = False
    report: Annotated[list[str] | None, REPORT] = None
    fail_if: Annotated[list[str] | None, FAIL_IF] = None
    require: Annotated[list[str] | None, REQUIRE] = None
    failed_to: Annotated[Path | None, FAILED_TO] = None
    exit_zero: Annotated[bool, EXIT_ZERO] = False
    group: Annotated[list[str] | None, GROUP] = None
    match: Annotated[
        str,
        option(
            "Which images --copy-matching and --link-matching take, a condition as of --fail-if; no exit code.",
            panel=OUTPUT,
            metavar="CONDITION",
        ),
    ] = ""
    copy_matching: Annotated[
        Path | None,
        option("Copy images that --match into this folder, in their tree.", panel=OUTPUT, metavar="DIR"),
    ] = None
    link_matching: Annotated[
        Path | None,
        option("The same by hard links, or symbolic ones to another file system.", panel=OUTPUT, metavar="DIR"),
    ] = None
    full_decode: Annotated[
        bool,
        option(
            "Decode every pixel of large JPEGs too; by default only as many as the network sees, where no file of "
            "--save, no --pre and no --tile wants more.",
            "--full-decode",
            panel=LIMITS,
        ),
    ] = False
    on: Annotated[
        str,
        option(
            "Process images on a Ray cluster: ray for one on this machine, or ray://HOST:PORT; needs the extra [ray].",
            panel=LIMITS,
            metavar="CLUSTER",
        ),
    ] = ""
    max_pixels: Annotated[int, option("Refuse images with more pixels, by their header.", panel=LIMITS, min=1)] = (
        100_000_000
    )
    max_memory: Annotated[
        str, option("Refuse images that would need more memory, such as 800MB.", panel=LIMITS, metavar="SIZE")
    ] = ""
    timeout_per_image: Annotated[
        float, option("Give up on an image after this many seconds; 0: never.", panel=LIMITS, min=0)
    ] = 0.0
    max_errors: Annotated[int, option("Stop after this many images have failed; 0: never.", panel=LIMITS, min=0)] = 0
    fail_fast: Annotated[bool, option("The same as --max-errors 1.", "--fail-fast", panel=LIMITS)] = False
    plan: Annotated[
        bool, option("Show what would be done and how long it takes; do nothing.", "--plan", panel=DISPLAY)
    ] = False
    json: Annotated[
        bool, option("Print records to standard output, one line of JSON per image.", "--json", panel=DISPLAY)
    ] = False
    timings: Annotated[bool, option("Add milliseconds per stage to each record.", "--timings", panel=DISPLAY)] = False
    profile: Annotated[
        bool,
        option(
            "Print where the milliseconds went, by stage and by image, to standard error.", "--profile", panel=DISPLAY
        ),
    ] = False
    quiet: Annotated[bool, option(QUIET_HELP, "--quiet", "-q", panel=DISPLAY)] = False
    threads: Annotated[int, option("Total threads; 0: as many as are available.", panel=RUNTIMES, min=0, max=256)] = 0
    debug: Annotated[bool, option("Show the traceback on internal errors.", "--debug", panel=DISPLAY)] = False
