"""The trainings that the contract of tests/training/test_recipes.py holds for, each on a tiny set of its own."""

import csv
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from torch import nn

from dlcli.card import ModelCard
from dlcli.models.run_folder import read_run
from dlcli.nets.build_classifier import build_classifier
from dlcli.nets.build_segmenter import build_segmenter
from dlcli.nets.factory import build_detector
from dlcli.nets.style_network import StyleNetwork
from dlcli.signals import arrive
from dlcli.training.checkpoint import load_checkpoint
from dlcli.training.classify import recipe as classify
from dlcli.training.classify.options import ClassifyTraining
from dlcli.training.detect import recipe as detect
from dlcli.training.detect.options import DetectTraining, Net
from dlcli.training.fit import Recipe, train
from dlcli.training.plan import Plan
from dlcli.training.segment import recipe as segment
from dlcli.training.segment.options import SegmentTraining
from dlcli.training.style import recipe as style
from dlcli.training.style.options import StyleTraining
from tests.program import SAMPLES
from tests.training.class_sets import write_class_folders
from tests.training.mask_sets import write_mask_squares
from tests.training.sets import write_squares

QUIET = Console(quiet=True)
RUN = frozenset({"batch.png", "best.safetensors", "config.json", "last.pt", "metrics.csv", "report.html", "run.json"})
SEEN = {"classes.csv", "worst.png"}  # of the best epoch; best.png only where an image beside the worst is left


@dataclass(frozen=True)
class Case:
    """One training.

    write: makes a set of so many images to learn from and to validate by below a folder that is not there yet.
    small: options of a run of 4 steps on `images`: labeled ones in two epochs.
    learning: options under which it learns quickly on `many` of them; metric: what it then reaches at least.
    build: the network of a card.
    loss: the term that then falls to `share` of what it was.
    """

    name: str
    recipe: Recipe
    options: type
    write: Callable[[Path, int, int], Path]
    small: Mapping[str, Any]
    learning: Mapping[str, Any]
    loss: str
    build: Callable[[ModelCard], nn.Module]
    images: tuple[int, int] = (5, 1)
    many: tuple[int, int] = (8, 3)
    metric: tuple[str, float] | None = None
    share: float = 0.5
    epochs: int = 2
    files: frozenset[str] = RUN

    def given(self, data: Path, out: Path, **more: Any) -> Any:
        """Options of a small run."""
        return self.options(data=data, out=out, quiet=True, threads=1, **{**self.small, **more})

    def train(self, options: Any, console: Console = QUIET) -> None:
        train(self.recipe, options, console)

    def stop_at(self, step: int, number: int, options: Any) -> None:
        """Train; the signal comes in the middle of the step."""
        train(watched(self.recipe, {step: lambda: arrive(number)}), options, QUIET)


def watched(recipe: Recipe, at: Mapping[int, Callable[[], object]], losses: list[float] | None = None, term: str = ""):
    """The recipe; in the steps named in `at`, from 1, that is called. losses: gets the term's value in each step."""

    def watching(options: Any, log: Any, saved: Any) -> Plan:
        plan, steps = recipe(options, log, saved), iter(range(1, 10**6))

        def loss(net: Any, batch: Any) -> dict[str, torch.Tensor]:
            at.get(next(steps), bool)()
            terms = plan.loss(net, batch)
            if losses is not None:
                losses.append(float(terms[term].detach()))
            return terms

        return replace(plan, loss=loss)

    return watching


def write_classes(folder: Path, count: int, val: int) -> Path:
    """So many of each class."""
    return write_class_folders(folder, train=count, val=val)


def write_photographs(folder: Path, count: int, _val: int) -> Path:
    folder.mkdir(parents=True)
    for name in ("cat", "coffee", "rocket", "astronaut")[:count]:
        shutil.copy(SAMPLES / f"{name}.jpg", folder)
    return folder


def build_style_network(card: ModelCard) -> nn.Module:
    return StyleNetwork(len(card.decoding["styles"]))


LABELED = {"batch": 2, "epochs": 2, "from_": "none", "workers": 0}
SIDES = {"size": 64, "sides": "16,24,32,48"}
FIND = {"epochs": 12, "batch": 8, "from_": "imagenet", "eval_every": 4, "mosaic": 0.0, "zoom": 1.0, "expand": 1.0}
RATES = {"lr": 3e-3, "backbone_lr": 1e-3}
TELL = {"epochs": 6, "batch": 8, "from_": "imagenet", "no_color": True, "zoom": 0.9, "freeze": "0"}
OUTLINE = {"epochs": 12, "batch": 4, "from_": "auto", "eval_every": 6, "zoom": 1.0, "expand": 1.0}
MIXED = {"net": "torchvision/shufflenet_v2_x0_5", "mixup": 0.2, "cutmix": 1.0}
PAINT = {"style": ["starry-night", "great-wave"], "size": 64, "style_size": 96}
DETECT = Case(
    *("detect", detect.plan, DetectTraining, write_squares, LABELED | SIDES, FIND | RATES, "class", build_detector),
    metric=("map50", 0.3),
    files=RUN | SEEN | {"confusion.png", "samples"},
)
FAST_RCNN = replace(DETECT, name="fast-rcnn", learning=DETECT.learning | {"net": Net.FAST_RCNN})
CLASSIFY = Case(
    *("classify", classify.plan, ClassifyTraining, write_classes),
    *(
        LABELED | {"size": 32, "batch": 3} | MIXED,
        TELL | {"net": "lite0", "mixup": 0.0, "cutmix": 0.0},
        "class",
        build_classifier,
    ),
    images=(2, 1),
    many=(8, 4),
    metric=("top1", 0.9),
    files=RUN | SEEN | {"best.png", "confusion.png"},
)
SEGMENT = Case(
    *("segment", segment.plan, SegmentTraining, write_mask_squares, LABELED | {"size": 64}),
    *(OUTLINE | {"lr": 4e-3, "backbone_lr": 1e-3}, "ce", build_segmenter),
    metric=("mdice", 0.8),
    files=RUN | SEEN | {"confusion.png", "samples"},
)
STYLE = Case(
    *(
        "style-transfer",
        style.plan,
        StyleTraining,
        write_photographs,
        PAINT | {"steps": 4},
        {"steps": 25},
        "style",
        build_style_network,
    ),
    images=(3, 0),
    many=(3, 0),
    share=0.9,
    epochs=1,
    files=RUN - {"batch.png", "metrics.csv"} | {"sheet.png"},
)
CASES = (DETECT, CLASSIFY, SEGMENT, STYLE)


def rows(run: Path) -> list[dict[str, str]]:
    """Of metrics.csv."""
    return list(csv.DictReader((run / "metrics.csv").read_text().splitlines()))


def assert_same_run(one: Path, other: Path) -> None:
    """Byte for byte, but for options, which name the folder, and times; folders of one name, as their cards have it."""
    ours, theirs = ({path.relative_to(run) for path in run.rglob("*") if path.is_file()} for run in (one, other))
    assert ours == theirs
    kept = ours - {Path("last.pt"), Path("config.json"), Path("run.json"), Path("report.html")}
    assert [name for name in kept if (one / name).read_bytes() != (other / name).read_bytes()] == []
    assert read_run(one).card == read_run(other).card
    states = [load_checkpoint(run) | {"config": None} for run in (one, other)]
    assert list(differences(*states)) == []


def differences(one: Any, other: Any, place: str = "last.pt"):
    """Where two states of a training differ."""
    if isinstance(one, torch.Tensor):
        if not torch.equal(one, other):
            yield place
    elif isinstance(one, dict):
        assert one.keys() == other.keys(), place
        for key in one:
            yield from differences(one[key], other[key], f"{place}[{key!r}]")
    elif one != other:
        yield place
