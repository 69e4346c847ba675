"""`dlcli train mae`: from images without labels to an encoder that a classifier starts from."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from dlcli.card import ModelCard
from dlcli.data.dataset import Dataset, Item
from dlcli.errors import UsageError
from dlcli.imaging.drawing.row_sheet import PANEL, row_sheet
from dlcli.imaging.writer import write_image
from dlcli.messages import plural
from dlcli.nets.build_classifier import NET
from dlcli.nets.classifiers.table import NETWORKS
from dlcli.nets.masked_autoencoder import MaskedAutoencoder, to_patches
from dlcli.training.checkpoint import data_facts
from dlcli.training.classify.losses import BatchLoss, LabelLoss
from dlcli.training.classify.mixing import Mixing
from dlcli.training.classify.samples import Changes, ClassSamples
from dlcli.training.images_alone import MEAN, STD, card_of, images_alone
from dlcli.training.labeled import epoch_hooks, evenly
from dlcli.training.loaders import Draw, LabeledBatches
from dlcli.training.log import TrainLog
from dlcli.training.mae.loss import MaeLoss, hidden_error, random_patches, restoration
from dlcli.training.mae.options import MaeTraining
from dlcli.training.optim import weight_groups
from dlcli.training.plan import EpochEnd, Plan, Progress, Schedule, Validation
from dlcli.training.runs.fingerprint import fingerprint_of

SHEET = "sheet.png"
SHOWN = 6  # images on it
TITLES = ("image", "seen by the encoder", "restored")
PANELS = {"squared error of hidden patches": ("hidden", "val_hidden")}


def plan(options: MaeTraining, log: TrainLog, saved: Mapping[str, Any] | None) -> Plan:
    """The training of a MaskedAutoencoder, whose last weights are kept; see fit.train."""
    net = new_net(options)
    train_set, val_set = read_sets(options, log)
    card = mae_card(options, len(train_set.items))
    changes = Changes(options.zoom, not options.no_flip, color=False)
    samples = ClassSamples(train_set, card, options.seed, changes)
    shown = ClassSamples(val_set, card, options.seed, Changes(zoom=1.0, flip=False, color=False))
    normalized = BatchLoss(card.mean, card.std, Mixing(), LabelLoss(False)).normalized
    return Plan(
        card=card,
        net=net,
        groups=weight_groups(net, None, options.lr, options.lr, options.weight_decay),
        loss=MaeLoss(normalized, options.hidden),
        batches=LabeledBatches(options, samples, np.ones(len(train_set.items))),  # type: ignore[arg-type]
        schedule=Schedule.by_engine(options, options.epochs, warmup=300, clip=1.0, ema=0.999),
        set_training=net.train,
        validate=partial(validate, options, shown, normalized),
        hooks=(sheet_hook(options, shown, normalized), *epoch_hooks(options, log, PANELS, "")),  # type: ignore[arg-type]
        data=data_facts(train_set),
        fingerprint=fingerprint_of(train_set, val_set),
        opening=(
            f"{plural(len(train_set.items), 'image')} to learn from, {len(val_set.items)} to look at; "
            f"{sum(p.numel() for p in net.parameters()) / 1e6:.2f} M parameters"
        ),
        last_line=lambda _: (
            f"{options.out / SHEET}: look at it; next: dlcli train classify DATA --net {options.net} --from "
            f"{options.out} --size {options.size} --freeze 0 --out DIR"
        ),
    )


def new_net(options: MaeTraining) -> MaskedAutoencoder:
    """UsageError: no such Vision Transformer, or not for this size."""
    known = {name: net for name, net in NETWORKS.items() if net.build == "vit:VisionTransformer"}
    if options.net not in known:
        raise UsageError(f"--net {options.net}: expected a Vision Transformer: {', '.join(known)}")
    arguments = known[options.net].arguments
    if options.size % arguments["patch"] or options.size < 2 * arguments["patch"]:
        raise UsageError(
            f"--size {options.size}: {options.net} takes multiples of {arguments['patch']} pixels, two patches or more"
        )
    return MaskedAutoencoder(options.size, **arguments)


def read_sets(options: MaeTraining, log: TrainLog) -> tuple[Dataset[Any], Dataset[Any]]:
    """To learn from, and to look at. UsageError: fewer than two images. DataError names bad ones."""
    whole = images_alone(options.data, options.skip_bad, log)
    order = np.random.default_rng(options.seed).permutation(len(whole.items))
    count = min(max(1, round(options.val_share * len(order))), len(order) - 1)
    val, train = (tuple(whole.items[row] for row in sorted(rows)) for rows in (order[:count], order[count:]))
    return _of(whole, train), _of(whole, val)


def _of(whole: Dataset[Any], items: tuple[Item[Any], ...]) -> Dataset[Any]:
    return Dataset(whole.format, whole.labels, items, source=whole.source)


def mae_card(options: MaeTraining, images: int) -> ModelCard:
    kept = ("net", "hidden", "epochs", "batch", "lr", "seed")
    return card_of("mae", options, images, {NET: options.net}, kept)


def looked_at(samples: ClassSamples, rows: list[int], size: int, normalized: Callable[[Tensor], Tensor]) -> Tensor:
    """Images as the network takes them, float32 [B, 3, S, S]."""
    return normalized(torch.stack([samples[Draw(row, 0, size)][0] for row in rows]))


def validate(
    options: MaeTraining,
    samples: ClassSamples,
    normalized: Callable[[Tensor], Tensor],
    net: nn.Module,
    progress: Progress,
) -> Validation:
    """The error of hidden patches, the same ones each time."""
    assert isinstance(net, MaskedAutoencoder)
    errors, generator = [], torch.Generator().manual_seed(options.seed)
    for row in range(len(samples)):
        x = looked_at(samples, [row], options.size, normalized).to(net.mask_token.device)
        seen = random_patches(1, (options.size // net.patch) ** 2, options.hidden, generator).to(x.device)
        with torch.inference_mode():
            errors.append(float(hidden_error(net(x, seen).float(), to_patches(x, net.patch), seen)))
        progress(row + 1, len(samples))
    return Validation({"val_hidden": float(np.mean(errors))})


def sheet_hook(
    options: MaeTraining, samples: ClassSamples, normalized: Callable[[Tensor], Tensor]
) -> Callable[[EpochEnd], None]:
    """RUN/sheet.png: see write_sheet."""

    def write(end: EpochEnd) -> None:
        write_sheet(options, samples, normalized, end.net, options.out / SHEET)

    return write


def write_sheet(
    options: MaeTraining, samples: ClassSamples, normalized: Callable[[Tensor], Tensor], net: nn.Module, path: Path
) -> None:
    """A row an image: as it is, what the encoder saw, what was restored."""
    assert isinstance(net, MaskedAutoencoder)
    chosen = evenly(len(samples), SHOWN)
    x = looked_at(samples, chosen, options.size, normalized).to(net.mask_token.device)
    generator = torch.Generator().manual_seed(options.seed)
    seen = random_patches(len(x), (options.size // net.patch) ** 2, options.hidden, generator).to(x.device)
    panels = torch.stack([x, *restoration(net, x, seen)], 1) * STD[0] + MEAN[0]  # [B, 3 panels, 3, S, S]
    pixels = panels.clamp(0, 255).round().byte().permute(0, 1, 3, 4, 2).cpu().numpy()
    names = [samples.data.items[row].path.name for row in chosen]
    shown = [[_at_panel_size(panel) for panel in panels_of_row] for panels_of_row in pixels]
    write_image(path, row_sheet(TITLES, list(zip(names, shown, strict=True))))


def _at_panel_size(pixels: np.ndarray) -> np.ndarray:
    """A square as large as a panel; a small one so many whole times larger that its pixels stay squares."""
    size = len(pixels)
    side, way = (PANEL // size * size, cv2.INTER_NEAREST) if size <= PANEL else (PANEL, cv2.INTER_AREA)
    return cv2.resize(pixels, (side, side), interpolation=way)
