"""--max-memory over many kinds of file: the peak of the process, as the kernel saw it, is within the limit.

A few kinds are tried in every run of the tests; DLCLI_ALL_KINDS=1 tries all of them with three limits and four thread
counts, and prints the peaks.
"""

import itertools
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.hostile.memory.kinds import KINDS
from tests.program import ROOT, validate_records

ALL = os.environ.get("DLCLI_ALL_KINDS") == "1"
SIZE = (3840, 2160) if ALL else (1920, 1080)
LIMITS = ("220MB", "320MB", "500MB")
THREADS = (1, 2, 4, 8)
COPIES = 5
FEW = ("jpeg-zeros-behind", "jpeg-progressive-cut", "png-texts", "tiff-tile", "tiff-tag", "webp-padded", "video")
RUNS = list(itertools.product(KINDS, LIMITS, THREADS)) if ALL else [(kind, "220MB", 4) for kind in FEW]
CODE = """
import sys
from dlcli.cli.app import main
code = 0
try:
    main()
except SystemExit as end:
    code = end.code or 0
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
open(TOLD, "w").write(f"{code} {int(peak) * 1024}")
"""


@dataclass(frozen=True)
class Outcome:
    """peak: bytes. folder: for what else a test leaves."""

    code: int
    peak: int
    out: str
    err: str


def peak_of(folder: Path, *words: object, stdin: Path | None = None) -> Outcome:
    """`dlcli WORDS` as a process of its own. ru_maxrss would count what its parent held when it was forked."""
    told = folder / "told"
    told.unlink(missing_ok=True)
    with open(stdin or os.devnull, "rb") as source:
        done = subprocess.run(
            [sys.executable, "-c", CODE.replace("TOLD", repr(str(told))), *map(str, words)],
            stdin=source,
            capture_output=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            timeout=300,
            check=False,
        )
    assert told.is_file(), done.stderr.decode()
    code, peak = map(int, told.read_text().split())
    ran = Outcome(code, peak, done.stdout.decode(), done.stderr.decode())
    validate_records(ran.out)
    return ran


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kinds")


def folder_of(images: Path, kind: str) -> Path:
    """Some copies of the file, as links to one."""
    folder = images / kind
    if not folder.is_dir():
        folder.mkdir()
        ending, make = KINDS[kind]
        (images / f"{kind}{ending}").write_bytes(make(images, SIZE))
        for number in range(1 if ending == ".mp4" else COPIES):
            (folder / f"{number}{ending}").hardlink_to(images / f"{kind}{ending}")
    return folder


@pytest.mark.parametrize(("kind", "limit", "threads"), RUNS)
def test_the_peak_is_within_the_limit(images: Path, tmp_path: Path, kind: str, limit: str, threads: int):
    folder = folder_of(images, kind)
    sources = sorted(map(str, folder.iterdir()))
    ran = peak_of(tmp_path, "detect", *sources, "--json", "--max-memory", limit, "--threads", threads)
    errors = {line.split('"kind":"')[1].split('"')[0] for line in ran.out.splitlines() if '"ok":false' in line}
    if ALL:
        print(
            f"\n{kind:24s} {limit} x{threads}: code {ran.code} peak {ran.peak / 1e6:4.0f} MB {' '.join(sorted(errors))}"
        )
    if ran.code == 2:
        assert f"--max-memory {limit}: " in ran.err
        assert "without any image; expected some" in ran.err
        return
    assert ran.code in (0, 3), ran.err
    assert ran.peak <= int(limit.removesuffix("MB")) * 10**6, ran.err
    assert errors <= {"memory", "damaged", "truncated", "too-large", "not-a-picture"}
    assert ran.out.count("\n") >= len(sources)
