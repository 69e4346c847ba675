"""Distillation, unlabeled images and a masked autoencoder, each against the same network without it, at equal time.

    python -m tests.benchmarks.few_labels DATA WORK [NAME ...]

DATA: train/ and val/ with a folder a class, such as imagenette. WORK: a new folder. NAME: which comparisons; all.
Every training gets the same processor time: as many epochs as fit into it, by what one and three take. A line a
training: top-1 of its last weights on the same val images, which choose nothing, its epochs and its processor seconds.
"""

import csv
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from time import process_time
from typing import Any

from rich.console import Console

from dlcli.training.registry import all_trainings

TRAIN, VAL, LABELED, UNLABELED = 100, 50, 20, 100  # images a class
NET = "torchvision/shufflenet_v2_x0_5"
COMMON: dict[str, Any] = {"size": 64, "threads": 1, "workers": 0, "quiet": True, "zoom": 0.6}
CLASSIFY: dict[str, Any] = {"ema": 0.99, "warmup": 50}
METRIC = {"classify": "top1", "mae": "val_hidden"}
SEEDS = (0,)
SECONDS = 40  # of a processor, that each training gets; the masked autoencoder twice as many
METHODS = ("pi-model", "temporal-ensembling", "mean-teacher")


def main(data: Path, work: Path, names: Iterable[str]) -> None:
    many = part(data, work / "many", {"train": (0, TRAIN), "val": (0, VAL)})
    few = part(data, work / "few", {"train": (0, LABELED), "val": (0, VAL)})
    bare = part(data, work / "bare", {"train": (LABELED, LABELED + UNLABELED)}, labeled=False)
    run = Runs(work)
    for name in names:
        {"distillation": distillation, "unlabeled": unlabeled, "mae": mae}[name](run, many, few, bare)


def part(data: Path, out: Path, splits: dict[str, tuple[int, int]], labeled: bool = True) -> Path:
    """Links to the images first to last of each class, sorted by name; unlabeled ones in one folder."""
    for split, (first, last) in splits.items():
        for folder in sorted(path for path in (data / split).iterdir() if path.is_dir()):
            place = out / split / folder.name if labeled else out
            place.mkdir(parents=True, exist_ok=True)
            for path in sorted(folder.iterdir())[first:last]:
                if not (place / path.name).exists():
                    os.symlink(path.resolve(), place / path.name)
    return out


class Runs:
    """Trains in WORK, and prints how each went."""

    def __init__(self, work: Path):
        self.work = work
        self.paces: dict[str, float] = {}

    def __call__(self, name: str, seconds: float = SECONDS, seed: int = 0, **options: Any) -> Path:
        """Train for so much processor time; the run's folder."""
        epochs = max(1, round(seconds / self.pace(name, options)))
        return self.report(f"{name}, seed {seed}", epochs=epochs, seed=seed, **options)

    def pace(self, name: str, options: dict[str, Any]) -> float:
        """Processor seconds of an epoch: half of what three take longer than one. The first training also imports."""
        if name not in self.paces:
            if not self.paces:
                self.train("imports", epochs=1, **options)
            one, three = (self.train(f"{name} {epochs}", epochs=epochs, **options)[1] for epochs in (1, 3))
            self.paces[name] = max(three - one, 0.1) / 2
        return self.paces[name]

    def report(self, name: str, epochs: int, **options: Any) -> Path:
        out, seconds = self.train(name, epochs=epochs, **options)
        metric = METRIC[options.get("training", "classify")]
        last = list(csv.DictReader((out / "metrics.csv").read_text().splitlines()))[-1]
        print(f"{name:42} {metric} {float(last[metric]):.4f}  {epochs:4} epochs {seconds:6.1f} s", flush=True)
        return out

    def train(self, name: str, epochs: int, training: str = "classify", **options: Any) -> tuple[Path, float]:
        out, kind, began = (
            self.work / name.replace(",", "").replace(" ", "-"),
            all_trainings()[training],
            process_time(),
        )
        shutil.rmtree(out, ignore_errors=True)
        settings = COMMON | (CLASSIFY | {"eval_every": epochs} if training == "classify" else {}) | options
        kind.run(kind.options(**settings, epochs=epochs, out=out), Console(quiet=True))
        return out, process_time() - began


def distillation(run: Runs, many: Path, few: Path, bare: Path) -> None:
    """The teacher is the bundled backbone, its last layer learned on the same images."""
    teacher = run.report("teacher", data=many, net="lite0", epochs=4, freeze="all-but-last", lr=3e-3)
    taught = {"teacher": str(teacher), "teacher_weight": 1.0, "temperature": 2.0}
    for seed in SEEDS:
        plain: dict[str, Any] = {"data": many, "net": NET, "from_": "none", "seed": seed}
        run("student alone", **plain)
        run("student with teacher", **plain, **taught)
        run("student with teacher and features", **plain, **taught, feature_weight=10.0)


def unlabeled(run: Runs, many: Path, few: Path, bare: Path) -> None:
    for seed in SEEDS:
        plain: dict[str, Any] = {"data": few, "net": NET, "from_": "none", "seed": seed}
        run(f"{LABELED} labels a class alone", **plain)
        for method in METHODS:
            run(f"{LABELED} labels a class {method}", **plain, unlabeled=bare, method=method)


def mae(run: Runs, many: Path, few: Path, bare: Path) -> None:
    """From nothing also for as long as the autoencoder and what begins at it take together."""
    encoder = run("masked autoencoder", 2 * SECONDS, training="mae", data=bare, lr=1.5e-3)
    for seed in SEEDS:
        plain: dict[str, Any] = {"data": many, "net": "vit-micro", "freeze": "0", "seed": seed}
        plain |= {"lr": 1e-3, "backbone_lr": 1e-3}
        run("vit-micro from the autoencoder", **plain, from_=str(encoder))
        run("vit-micro from nothing", **plain, from_="none")
        run("vit-micro from nothing for longer", 3 * SECONDS, **plain, from_="none")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:] or ("distillation", "unlabeled", "mae"))
