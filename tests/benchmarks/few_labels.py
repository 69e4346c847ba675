"""Distillation, unlabeled images and a masked autoencoder, each against the same network without it, at equal steps.

    python -m tests.benchmarks.few_labels DATA WORK [NAME ...]

DATA: train/ and val/ with a folder a class, such as imagenette. WORK: a new folder. NAME: which comparisons; all.
A line a training: its best top-1 on the same val images, and the seconds it took.
"""

import csv
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console

from dlcli.training.registry import all_trainings

TRAIN, VAL, LABELED, UNLABELED = 100, 50, 20, 100  # images a class
NET = "torchvision/shufflenet_v2_x0_5"
SIZE = {"size": 64, "threads": 1, "workers": 0, "quiet": True, "ema": 0.99, "warmup": 50, "zoom": 0.6}
SEEDS = (0, 1)
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
    def __init__(self, work: Path):
        self.work = work

    def __call__(self, name: str, training: str = "classify", metric: str = "top1", **options: Any) -> Path:
        """Train, unless it was trained before, and print how it went."""
        out, kind, began = self.work / name.replace(" ", "-"), all_trainings()[training], time.monotonic()
        if not out.exists():
            kind.run(kind.options(**SIZE_OF[training], **options, out=out), Console(quiet=True))
        rows = list(csv.DictReader((out / "metrics.csv").read_text().splitlines()))
        best = (min if training == "mae" else max)(float(row[metric]) for row in rows if row.get(metric))
        print(f"{name:42} {metric} {best:.4f}  {time.monotonic() - began:6.0f} s", flush=True)
        return out


SIZE_OF = {"classify": SIZE, "mae": {k: v for k, v in SIZE.items() if k not in ("ema", "warmup")}}


def distillation(run: Runs, many: Path, few: Path, bare: Path) -> None:
    """The teacher is the bundled backbone, its last layer learned on the same images."""
    teacher = run("teacher", data=many, net="lite0", epochs=4, freeze="all-but-last", lr=3e-3)
    for seed in SEEDS:
        plain: dict[str, Any] = {"data": many, "net": NET, "from_": "none", "epochs": 15, "seed": seed}
        run(f"student alone, seed {seed}", **plain)
        run(f"student with teacher, seed {seed}", **plain, teacher=str(teacher), teacher_weight=1.0, temperature=2.0)


def unlabeled(run: Runs, many: Path, few: Path, bare: Path) -> None:
    for seed in SEEDS:
        plain: dict[str, Any] = {"data": few, "net": NET, "from_": "none", "epochs": 50, "eval_every": 5, "seed": seed}
        run(f"20 labels a class alone, seed {seed}", **plain)
        for method in METHODS:
            run(f"20 labels a class, {method}, seed {seed}", **plain, unlabeled=bare, method=method)


def mae(run: Runs, many: Path, few: Path, bare: Path) -> None:
    encoder = run("masked autoencoder", "mae", "val_hidden", data=bare, epochs=150, lr=1.5e-3)
    for seed in SEEDS:
        plain: dict[str, Any] = {"data": many, "net": "vit-micro", "epochs": 15, "freeze": "0", "seed": seed}
        plain |= {"lr": 1e-3, "backbone_lr": 1e-3}
        run(f"vit-micro from nothing, seed {seed}", **plain, from_="none")
        run(f"vit-micro from the autoencoder, seed {seed}", **plain, from_=str(encoder))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:] or ("distillation", "unlabeled", "mae"))
