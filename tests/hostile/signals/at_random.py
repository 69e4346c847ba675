"""Signals at random moments of start-up, run and end: `python -m tests.hostile.signals.at_random 300`.

Each must end in 130, 143 or what the run ends in, with one sentence at most, no traceback, whole files and no
leftovers. A signal that comes while Python itself still starts is Python's: those are counted apart.
"""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.program import CAT, ROOT, SAMPLES

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TRAINED = "--size=64 --batch=4 --epochs=3 --eval-every=3 --from=none --mosaic=0 --workers=2 --threads=1"
SAVED = ["--out", "out", "--save", "annotated,crops"]
GIVEN = ("in", "large.jpg", "found", "set")
KINDS = {  # name -> (words, how often)
    "folder": (["detect", "in", *SAVED, "--threads", "2"], 5),
    "one thread": (["detect", "in", *SAVED, "--threads", "1", "--json"], 4),
    "one image": (["detect", str(CAT), "--json"], 4),
    "large image": (["segment", "large.jpg", "--tile", "--out", "out"], 3),
    "preprocess": (["preprocess", "in", "--clahe", "2", "--out", "out"], 2),
    "classify": (["classify", "in", "--sort-into", "out"], 2),
    "convert": (["convert", str(SAMPLES / "shapes"), "out", "--to", "coco", "--allow-loss"], 2),
    "eval": (["eval", "detect", "set", "--split", "all", "--conf", "0.25"], 2),
    "doctor": (["doctor"], 2),
    "train": (["train", "detect", str(SAMPLES / "shapes"), "--out", "out", *TRAINED.split()], 3),
}


@dataclass(frozen=True)
class Ended:
    """before: the program's first line had not been reached when the signal was sent. met: it was running then."""

    number: int
    code: int
    err: str
    before: bool
    met: bool


def start(words: list[str], place: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "dlcli", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=place,
        env=ENVIRONMENT,
        start_new_session=True,
    )


def hit(words: list[str], place: Path, number: int, group: bool, after: float) -> Ended:
    """Start a run and send it the signal so many seconds later."""
    with start(words, place) as run:
        time.sleep(after)
        met = run.poll() is None
        before = met and not catches(run.pid, signal.SIGTERM)
        if met:
            (os.killpg if group else os.kill)(run.pid, number)
        _, err = run.communicate(timeout=100)
    return Ended(number, run.returncode, err, before, met)


def catches(pid: int, number: int) -> bool:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # it has just ended
        return True
    match = re.search(r"^SigCgt:\s+([0-9a-f]+)$", text, re.MULTILINE)
    return match is None or bool(int(match[1], 16) >> (number - 1) & 1)


def faults(ended: Ended, usual: int, place: Path, whole: dict[str, bytes]) -> list[str]:
    """What is wrong with this end."""
    own = 130 if ended.number == signal.SIGINT else 143
    found = [] if ended.code in (own, usual) else [f"exit {ended.code}, not {own} or {usual}"]
    told = [line for line in ended.err.splitlines() if line.startswith("dlcli: ")]
    if "Traceback" in ended.err or "fault" in ended.err or len(told) > 1:
        found.append(f"told: {ended.err}")
    for name, data in files_of(place).items():
        base = name.rpartition("/")[2]
        if base.startswith(".dlcli-") and name not in whole:
            found.append(f"left over: {name}")
        elif not base.startswith(".") and whole and data != whole.get(name):
            found.append(f"not whole: {name}")
    return found


def files_of(place: Path) -> dict[str, bytes]:
    """What runs have written; checkpoints and curves, which differ from run to run, are left out."""
    return {
        str(path.relative_to(place)): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file() and path.parts[len(place.parts)] not in GIVEN and "state" not in path.name
    }


def make_place(place: Path) -> None:
    from PIL import Image

    (place / "in").mkdir(parents=True)
    for number in range(24):
        shutil.copy(sorted(SAMPLES.glob("*.jpg"))[number % 4], place / "in" / f"{number:02d}.jpg")
    with Image.open(CAT) as cat:
        cat.resize((3000, 2000)).save(place / "large.jpg")
    for words in (
        ["detect", "in", "--out", "found", "--quiet"],
        ["convert", "found/results.jsonl", "set", "--to", "coco"],
    ):
        with start(words, place) as run:
            run.communicate()


def clean(place: Path) -> None:
    for path in place.iterdir():
        if path.name not in GIVEN:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


class Usual:
    """What each kind of run ends in and writes, and its seconds, if no signal comes; found out once."""

    def __init__(self, place: Path):
        self.place, self.known = place, dict[str, tuple[int, float, dict[str, bytes]]]()

    def of(self, kind: str) -> tuple[int, float, dict[str, bytes]]:
        if kind not in self.known:
            begun = time.perf_counter()
            with start(KINDS[kind][0], self.place) as run:
                run.communicate()
            seconds = time.perf_counter() - begun
            self.known[kind] = run.returncode, seconds, {} if kind == "train" else files_of(self.place)
            clean(self.place)
        return self.known[kind]


def run_signals(count: int, place: Path, seed: int) -> tuple[Counter[str], list[str]]:
    """How often each kind ended how, and all that was wrong."""
    rng, counts, wrong = random.Random(seed), Counter[str](), list[str]()
    make_place(place)
    usual, bag = Usual(place), [name for name, (_, often) in KINDS.items() for _ in range(often)]
    for number in range(count):
        kind, group = bag[number % len(bag)], bool(rng.getrandbits(1))
        code, seconds, whole = usual.of(kind)
        ended = hit(KINDS[kind][0], place, rng.choice(NUMBERS), group, rng.uniform(0, 1.02) * seconds)
        found = faults(ended, code, place, whole)
        if ended.before and ended.code not in (130, 143):
            counts[f"{kind:<14}before the first line of the program"] += 1
        elif found:
            name = f"{kind:<14}{signal.Signals(ended.number).name:<8}{'group' if group else 'alone':<7}"
            wrong += [f"{name} {fault}" for fault in found]
        else:
            counts[f"{kind:<14}{ended.code if ended.met else 'had ended'}"] += 1
        clean(place)
    return counts, wrong


if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a script; the runs inherit it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as temporary:
        found, wrong = run_signals(asked, Path(temporary) / "place", int(time.time()))
    for what, times in sorted(found.items()):
        print(f"{times:5} {what}")
    print("\n".join(wrong) or f"{asked} signals, nothing wrong")
    sys.exit(bool(wrong))
