"""`dlcli train gan`: from images to a generator of more of them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dlcli.card import ModelCard
from dlcli.errors import UsageError
from dlcli.imaging.writer import write_image
from dlcli.messages import plural
from dlcli.metrics.frechet import frechet_distance
from dlcli.nets.gan import SMALLEST, Gan, build_gan
from dlcli.training.checkpoint import data_facts
from dlcli.training.classify.losses import BatchLoss, LabelLoss
from dlcli.training.classify.mixing import Mixing
from dlcli.training.classify.samples import Changes, ClassSamples
from dlcli.training.gan.features import Features
from dlcli.training.gan.losses import DISCRIMINATOR, GENERATOR, GanLoss
from dlcli.training.gan.options import GanTraining, Regularization
from dlcli.training.gan.turns import InTurn
from dlcli.training.images_alone import MEAN, STD, card_of, images_alone
from dlcli.training.labeled import epoch_hooks, evenly
from dlcli.training.loaders import Draw, LabeledBatches
from dlcli.training.log import TrainLog
from dlcli.training.optim import weight_groups
from dlcli.training.plan import EpochEnd, Plan, Progress, Schedule, Validation
from dlcli.training.runs.fingerprint import fingerprint_of

BETAS = {"betas": (0.0, 0.99)}  # of Adam: momentum makes the two turn around each other (arXiv:1801.04406)
DISTANCE = "frechet"
PANELS = {"loss": (GENERATOR, DISCRIMINATOR), "Fréchet distance": (DISTANCE,)}
SHEET, ACROSS = "sheet.png", 8  # images a side
AT_ONCE = 50  # images that are made or looked at together


def plan(options: GanTraining, log: TrainLog, saved: Mapping[str, Any] | None) -> Plan:
    """The training of a Gan, whose averaged weights of the least Fréchet distance are kept; see fit.train."""
    check_options(options)
    data = images_alone(options.data, options.skip_bad, log)
    card = gan_card(options, len(data.items))
    net = build_gan(card)
    changes = Changes(options.zoom, not options.no_flip, color=False)
    samples = ClassSamples(data, card, options.seed, changes)
    normalized = BatchLoss(MEAN, STD, Mixing(), LabelLoss(False)).normalized
    images = LabeledBatches(options, samples, np.ones(len(data.items)))  # type: ignore[arg-type]
    schedule = Schedule.by_engine(options, options.epochs, warmup=100, clip=0.0, ema=options.ema)
    return Plan(
        card=card,
        net=net,
        groups=[group | BETAS for group in weight_groups(net, None, options.lr, options.lr, 0.0)],
        loss=GanLoss(normalized, options.loss, options.r1_weight if options.regularization is Regularization.R1 else 0),
        batches=InTurn(images),
        schedule=schedule.measuring_every(options.eval_every),
        set_training=net.train,
        validate=Distance(options, samples, normalized),
        best_by=DISTANCE,
        hooks=(sheet_hook(options), *epoch_hooks(options, log, PANELS, DISTANCE)),  # type: ignore[arg-type]
        data=data_facts(data),
        fingerprint=fingerprint_of(data),
        opening=(
            f"{plural(len(data.items), 'image')} to learn from; "
            f"{sum(p.numel() for p in net.generator.parameters()) / 1e6:.2f} M parameters make images, "
            f"{sum(p.numel() for p in net.discriminator.parameters()) / 1e6:.2f} M judge them"
        ),
        last_line=lambda best: (
            f"{options.out / SHEET}, of Fréchet distance {best:.1f}: look at it; next: dlcli export {options.out}"
        ),
    )


def check_options(options: GanTraining) -> None:
    """UsageError: a size that the networks cannot have, or channels that their groups do not divide."""
    if options.size & (options.size - 1) or options.size < 4 * SMALLEST:
        raise UsageError(f"--size {options.size}: expected 16, 32, 64 or 128")
    if options.width % 8:
        raise UsageError(f"--width {options.width}: expected a multiple of 8, such as 32")


def gan_card(options: GanTraining, images: int) -> ModelCard:
    spectral = options.regularization is Regularization.SPECTRAL_NORM
    decoding = {"latent": options.latent, "width": options.width, "spectral": spectral}
    return card_of("gan", options, images, decoding, ("loss", "regularization", "epochs", "batch", "lr", "seed"))


class Distance:
    """Validation: the Fréchet distance of as many made images from real ones, the same latents each time."""

    def __init__(self, options: GanTraining, samples: ClassSamples, normalized: Callable[[Tensor], Tensor]):
        self.options, self.samples, self.normalized = options, samples, normalized
        self.count = min(options.compared, len(samples))
        self.features: Features | None = None
        self.real = np.zeros((0, 0), np.float32)

    def __call__(self, net: nn.Module, progress: Progress) -> Validation:
        assert isinstance(net, Gan)
        if self.features is None:
            self.features = Features()
            self.real = self.features.of(self.real_images())
        progress(1, 2)
        made = self.features.of(made_images(net, latents_of(self.options.seed, self.count, net.latent)))
        progress(2, 2)
        return Validation({DISTANCE: frechet_distance(self.real, made)})

    def real_images(self) -> Iterator[Tensor]:
        rows = evenly(len(self.samples), self.count)
        for first in range(0, len(rows), AT_ONCE):
            batch = [self.samples[Draw(row, 0, self.options.size)][0] for row in rows[first : first + AT_ONCE]]
            yield self.normalized(torch.stack(batch))


def latents_of(seed: int, count: int, latent: int) -> Tensor:
    """Float32 [count, latent], the same whenever asked for."""
    return torch.randn(count, latent, generator=torch.Generator().manual_seed(seed))


def made_images(net: Gan, latents: Tensor) -> Iterator[Tensor]:
    """Float32 [B, 3, S, S] in [-1, 1] on the CPU, some at a time."""
    device = next(net.parameters()).device
    with torch.inference_mode():
        for some in latents.split(AT_ONCE):
            yield net.generator(some.to(device)).float().cpu()


def sheet_hook(options: GanTraining) -> Callable[[EpochEnd], None]:
    """RUN/sheet.png of the best weights so far, and samples/epoch-001.png of each epoch, all of the same latents."""

    def write(end: EpochEnd) -> None:
        assert isinstance(end.net, Gan)
        images = torch.cat(list(made_images(end.net, latents_of(options.seed, ACROSS**2, end.net.latent))))
        rows = [torch.cat(list(row), 2) for row in images.split(ACROSS)]  # [3, S, 8 S]
        pixels = ((torch.cat(rows, 1).permute(1, 2, 0) + 1) * 127.5).clamp(0, 255).round().byte().numpy()
        (options.out / "samples").mkdir(exist_ok=True)
        for name in (f"samples/epoch-{end.epoch:03}.png", *((SHEET,) if end.best else ())):
            write_image(options.out / name, pixels)

    return write
