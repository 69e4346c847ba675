"""`dlcli train style-transfer --styles FOLDER`: from photographs and paintings to a model of any style."""

import random
from collections.abc import Iterator

import numpy as np
import torch

from dlcli.card import ModelCard
from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.imaging.writer import write_image
from dlcli.nets.any_style import VECTOR, AnyStyleNetwork
from dlcli.nets.efficientnet_lite import EfficientNetLite0Classifier
from dlcli.nets.weights import load_weights
from dlcli.records import Source
from dlcli.tasks.style_transfer.colors import recolor
from dlcli.tasks.style_transfer.optimize import WEIGHTS, to_image, to_pixels
from dlcli.training.device import moved
from dlcli.training.log import TrainLog
from dlcli.training.plan import EpochEnd, Plan, Schedule
from dlcli.training.style.any_loss import AnyBatch, any_style_loss
from dlcli.training.style.bank import StyleBank
from dlcli.training.style.card import painting_card
from dlcli.training.style.options import StyleTraining
from dlcli.training.style.samples import StyleSamples, read_photographs, read_pixels
from dlcli.training.style.views import random_view

SHEET = "sheet.png"
VIEW = 224  # pixels a side of a style while it is learned
LOOKED_AT = 256  # styles whose statistics are known before the first step, at most 4 of each painting
CLIP, DECAY, WARMUP, SHOWN = 5.0, 0.998, 100, 3


@dataclass(frozen=True)
class AnySamples:
    """Crops of photographs, each in the colors of a style of the bank. Equal seeds give equal batches."""

    photographs: StyleSamples
    bank: StyleBank
    steps: int

    @property
    def size(self) -> int:
        return self.photographs.batch

    def draw(self, step: int) -> AnyBatch:
        """The batch of a step, whatever came before. DataError names a bad image."""
        dice = random.Random(f"{self.photographs.seed}/{step}")
        styles = self.bank.sample(step, self.photographs.batch, dice)
        crops = [to_pixels(self.photographs.crop(dice)) for _ in styles]
        contents = [to_image(recolor(crop, [(s.palette, 1.0)])) for crop, s in zip(crops, styles, strict=True)]
        return AnyBatch(torch.cat(contents).contiguous(memory_format=torch.channels_last), styles)

    def __call__(self, epoch: int, done: int) -> Iterator[AnyBatch]:
        return map(self.draw, range(done, self.steps))


def any_plan(options: StyleTraining, log: TrainLog) -> Plan:
    """As recipe.plan: one long epoch, whose last weights are kept. The backbone that reads styles stays as it is."""
    assert options.styles is not None
    paintings = read_photographs(options.styles)
    if len(paintings) < options.batch:
        raise UsageError(f"--styles {options.styles}: expected hundreds of paintings, got {len(paintings)}")
    net = new_network()
    samples = any_samples(options, paintings, net)
    learned = [parameter for parameter in net.parameters() if parameter.requires_grad]
    return Plan(
        card=any_card(options, samples, len(paintings)),
        net=net,
        groups=[{"params": learned, "lr": options.lr, "peak_lr": options.lr, "weight_decay": 0.0}],
        loss=lambda trained, batch: any_style_loss(trained, batch, options),
        batches=samples,
        schedule=Schedule.by_engine(options, epochs=1, warmup=WARMUP, clip=CLIP, ema=DECAY),
        set_training=net.train,
        hooks=(lambda end: write_image(options.out / SHEET, sheet(end, samples)),),
        data={"images": [str(source.place) for source in [*samples.photographs.photographs, *paintings]]},
        opening=f"{len(samples.photographs.photographs)} photographs, {len(paintings)} paintings",
        last_line=lambda _: (
            f"{options.out / SHEET}: look at it; next: dlcli export {options.out} --half-weights, then "
            f"dlcli style-transfer IMAGE --style PAINTING --model {options.out} --out DIR"
        ),
        title="painting",
    )


def new_network() -> AnyStyleNetwork:
    """With the backbone of the bundled `imagenet`, the rest in its random start."""
    classifier = EfficientNetLite0Classifier()
    load_weights(WEIGHTS, classifier)
    return AnyStyleNetwork(classifier.backbone).to(memory_format=torch.channels_last)


def any_samples(options: StyleTraining, paintings: list[Source], net: AnyStyleNetwork) -> AnySamples:
    """Tells the network how the statistics of the styles spread, too."""

    def view(number: int) -> np.ndarray:
        dice = random.Random(f"{options.seed}/style/{number}")
        return random_view(read_pixels(dice.choice(paintings)), VIEW, dice)

    photographs = StyleSamples(read_photographs(options.data), [], options.size, options.batch, options.seed)
    bank = StyleBank(net.encoder.features, view)
    net.encoder.standardize(bank.statistics(min(LOOKED_AT, 4 * len(paintings))))
    return AnySamples(photographs, bank, options.steps)


def any_card(options: StyleTraining, samples: AnySamples, paintings: int) -> ModelCard:
    counted = {"images": len(samples.photographs.photographs), "paintings": paintings}
    return painting_card(options, {"vector": VECTOR}, counted, ("steps", "batch", "size", "lr", "seed"))


def sheet(end: EpochEnd, samples: AnySamples) -> np.ndarray:
    """uint8: a row for each of some batches, its first style's colors on a crop, and what the network makes of it."""
    rows = []
    device = next(end.net.parameters()).device
    for step in range(SHOWN):
        batch = moved(samples.draw(step), device)
        with torch.inference_mode():
            found = torch.stack([style.statistics for style in batch.styles])
            painted = end.net.painter(batch.contents * 255, end.net.encoder.encode(found)) / 255  # type: ignore[operator, union-attr]
        rows.append(np.vstack([to_pixels(image[:1].contiguous()) for image in (batch.contents, painted)]))
    return np.hstack(rows)
