"""dlcli beside others on the same images: python -m tests.benchmarks.peers WORK FOLDER [IMAGES]

WORK is a folder for environments, which are made where they are missing (a minute or two, and 6 GB for torch). Whole
processes in turn, A B C A B C, medians of ROUNDS; the first run of each in a new environment is told apart. Prints a
table in Markdown.
"""

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.pairs import Run, timed
from tests.benchmarks.peers.contestants import DETECT, NOT_HERE, STYLES, Peer, Places, environment

ROUNDS, FOLDER_ROUNDS, IMAGES = 7, 3, 100
HEAD = "| | installed | first answer | one image | of dlcli's | memory | {count} images | of dlcli's | |"


def make_environment(place: Path, packages: tuple[str, ...]) -> None:
    if (place / "ready").exists():
        return
    shutil.rmtree(place, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    subprocess.run([place / "bin" / "pip", "install", "--quiet", "--no-compile", *packages], check=True)
    (place / "ready").touch()


def megabytes(place: Path) -> int:
    return sum(path.lstat().st_size for path in (place / "lib").rglob("*") if not path.is_dir()) // 1_000_000


def run(peer: Peer, places: Places, many: bool) -> Run:
    shutil.rmtree(places.out, ignore_errors=True)
    places.out.mkdir()
    return timed(peer.command(places, many), environment())


def table(peers: tuple[Peer, ...], places: Places, with_folder: bool) -> None:
    sizes, firsts = {}, {}
    for peer in peers:
        packages = max((one.packages for one in (*DETECT, *STYLES) if one.venv == peer.venv), key=len)
        make_environment(places.work / peer.venv, packages)
        sizes[peer] = megabytes(places.work / peer.venv)
    for peer in peers:
        firsts[peer] = run(peer, places, False).seconds
    alone = [{peer: run(peer, places, False) for peer in peers} for _ in range(ROUNDS)]
    whole = [{peer: run(peer, places, True) for peer in peers} for _ in range(FOLDER_ROUNDS if with_folder else 0)]
    print(HEAD.format(count=len(places.images)))
    print("|" + "---|" * 9)
    for peer in peers:
        one, share = _told(alone, peer, peers[0])
        many, of_many = _told(whole, peer, peers[0]) if with_folder else ("", "")
        memory = max(turn[peer].mebibytes for turn in alone)
        cells = (
            peer.name,
            f"{sizes[peer]:,} MB",
            f"{firsts[peer]:.1f} s",
            one,
            share,
            f"{memory:.0f} MiB",
            many,
            of_many,
        )
        print(f"| {' | '.join([*cells, peer.note])} |", flush=True)


def _told(turns: list[dict[Peer, Run]], peer: Peer, first: Peer) -> tuple[str, str]:
    """The median of the seconds, and that of how many times as long as the first it took in the same turn."""
    seconds = statistics.median(turn[peer].seconds for turn in turns)
    times = statistics.median(turn[peer].seconds / turn[first].seconds for turn in turns)
    return f"{seconds:.2f} s", "" if peer is first else f"{times:.1f} times"


def main() -> None:
    work, folder = Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute()
    count = int(sys.argv[3]) if len(sys.argv) > 3 else IMAGES
    chosen = sorted(folder.glob("*.jpg"))[:count]
    few = work / "images"
    shutil.rmtree(few, ignore_errors=True)
    few.mkdir(parents=True)
    images = tuple(Path(shutil.copy(path, few / path.name)) for path in chosen)
    places = Places(work, few, images)
    print(time.strftime("%Y-%m-%d"), f"{len(images)} images")
    table(DETECT, places, True)
    print()
    table(STYLES, places, False)
    print("\nNot here: " + "; ".join(f"{name}: {why}" for name, why in NOT_HERE.items()))


if __name__ == "__main__":
    main()
