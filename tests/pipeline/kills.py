"""`kill -9` at random moments of a batch of 60 images, then --resume: run by hand with more kills than the test has.

python -m tests.pipeline.kills 200
"""

import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.program import ROOT, SAMPLES

IMAGES = 60
SAVES = "annotated,crops,yolo,coco"
Files = dict[str, bytes]


def make_folder(folder: Path) -> Path:
    """60 images, six of them broken."""
    shapes = sorted((SAMPLES / "shapes" / "images").iterdir())
    broken = sorted((SAMPLES / "broken").iterdir())
    photos = sorted(SAMPLES.glob("*.jpg"))
    many = [*photos, *broken, *shapes, *photos][:IMAGES]
    folder.mkdir()
    for number, path in enumerate(many):
        shutil.copy(path, folder / f"{number:02d}-{path.name}")
    return folder


def command(folder: Path, out: Path) -> list[str]:
    words = ["detect", str(folder), "--out", str(out), "--save", SAVES, "--resume", "--quiet"]
    return [sys.executable, "-m", "dlcli", *words]


def run_whole(folder: Path, out: Path) -> None:
    """A run that nobody kills."""
    done = subprocess.run(command(folder, out), cwd=ROOT, capture_output=True, check=False, timeout=120)
    assert done.returncode == 3, done.stderr.decode()


def lines_of(out: Path) -> int:
    """Records that the growing file of a run holds; none before it begins and after it ends."""
    try:
        return (out / ".results.jsonl.part").read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def kill(folder: Path, out: Path, rng: random.Random) -> bool:
    """Start a run, kill it once it has written some records, a moment later or at once; whether it was still running.

    It is the run's own progress that counts, not a clock: how fast the machine is makes no difference.
    """
    before = lines_of(out)
    goal = before + rng.randint(1, max(1, IMAGES - 1 - before))
    running = subprocess.Popen(command(folder, out), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while running.poll() is None and lines_of(out) < goal:
        time.sleep(0.001)
    time.sleep(rng.choice((0.0, rng.uniform(0, 0.05))))
    alive = running.poll() is None
    running.kill()
    running.wait()
    return alive


def files_of(out: Path) -> Files:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def check_whole_files(found: Files, expected: Files) -> None:
    """Whatever has its name is whole; of the growing record only the last line may be torn."""
    lines = set(expected["results.jsonl"].split(b"\n"))
    for name, data in found.items():
        base = name.rpartition("/")[2]
        if base == ".results.jsonl.part":
            assert set(data.split(b"\n")[:-1]) <= lines, f"{name} holds a line that no run writes"
        elif not base.startswith("."):
            assert data == expected[name], f"{name} is not what an uninterrupted run writes"


def check_end(found: Files, expected: Files) -> None:
    """Nothing lost, nothing twice, nothing left over: byte for byte what one run writes."""
    assert sorted(found) == sorted(expected)
    for name, data in expected.items():
        assert found[name] == data, name
    sources = [json.loads(line)["source"] for line in found["results.jsonl"].splitlines()]
    assert len(sources) == len(set(sources)) == IMAGES


def run_kills(count: int, place: Path, seed: int = 0) -> int:
    """So many kills, one to four in a row before a run ends; how many of them met a run that was under way."""
    rng = random.Random(seed)
    folder = make_folder(place / "in")
    run_whole(folder, place / "whole")
    expected = files_of(place / "whole")
    shutil.rmtree(place / "whole")
    run_whole(folder, place / "whole")
    met = 0
    while count > 0:
        out = place / "out"
        for _ in range(min(count, rng.randint(1, 4))):
            met += kill(folder, out, rng)
            check_whole_files(files_of(out), expected)
            count -= 1
        run_whole(folder, out)
        check_end(files_of(out), expected)
        shutil.rmtree(out)
    return met


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as temporary:
        begun = time.perf_counter()
        still = run_kills(asked, Path(temporary), seed=int(time.time()))
        print(f"{asked} kills, {still} of them in the middle of a run; every end was that of an uninterrupted run")
        print(f"{time.perf_counter() - begun:.0f} s")
