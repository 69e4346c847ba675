"""`--report KIND=FILE`, read before any work is done. Light."""

import os
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from dlcli.console import refuse_log
from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.imaging.extensions import looks_like_image

GITHUB = "github"  # writes to the log and to $GITHUB_STEP_SUMMARY, so that it takes no file
EXAMPLES = {
    "junit": "junit=report.xml",
    "sarif": "sarif=report.sarif",
    GITHUB: GITHUB,
    "markdown": "markdown=report.md",
    "csv": "csv=report.csv",
    "html": "html=report.html",
}


@dataclass(frozen=True)
class ReportSpec:
    """One report that the user asked for. path: None for github."""

    kind: str
    path: Path | None


def parse_reports(texts: Sequence[str] | None) -> tuple[ReportSpec, ...]:
    """What every --report asks for, in order; missing folders of a FILE are made when it is written.

    UsageError: an unknown kind, no FILE where one is needed or one where none is, a FILE that is a folder or is named
    like an image, two reports in one FILE.
    """
    specs: list[ReportSpec] = []
    taken: dict[str, str] = {}
    for text in texts or ():
        spec = _parse(text)
        place = GITHUB if spec.path is None else os.path.realpath(spec.path)
        if place in taken:
            both = "it is given twice" if spec.path is None else f"--report {taken[place]} goes to the same file"
            raise UsageError(f"--report {text}: {both}; name another, or leave one out")
        taken[place] = text
        specs.append(spec)
    return tuple(specs)


def _parse(text: str) -> ReportSpec:
    kind, sign, file = text.partition("=")
    kind = kind.strip().lower()
    if kind not in EXAMPLES:
        near = get_close_matches(kind, EXAMPLES, n=1)
        hint = f"did you mean {EXAMPLES[near[0]]}?" if near else f"expected one of {', '.join(EXAMPLES.values())}"
        raise UsageError(f"--report {text}: no such kind of report; {hint}")
    if kind == GITHUB:
        if sign:
            raise UsageError(f"--report {text}: github takes no file: it writes to the log and to $GITHUB_STEP_SUMMARY")
        return ReportSpec(GITHUB, None)
    if not file.strip() or file == "-" or "\0" in file:
        raise UsageError(f"--report {text}: needs a file, such as {EXAMPLES[kind]}")
    return ReportSpec(kind, _usable(Path(file), text))


def _usable(path: Path, text: str) -> Path:
    if os.path.isdir(path):
        raise UsageError(f"--report {text}: {path} is a folder; name a file in it")
    if looks_like_image(path):
        raise UsageError(f"--report {text}: a report does not go over an image; name a file such as {path.stem}.html")
    refuse_log(f"--report {text}", path)
    return path
