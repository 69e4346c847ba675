"""`dlcli train style-transfer`: from photographs and paintings to a style model of one pass."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcli.card import ModelCard
from dlcli.errors import UsageError
from dlcli.imaging.writer import write_image
from dlcli.nets.style_network import StyleNetwork
from dlcli.style.features import gram
from dlcli.style.losses import content_loss, style_loss, variation_loss
from dlcli.tasks.style_transfer.optimize import load_features, to_image, to_pixels
from dlcli.tasks.style_transfer.options import FeatureNet
from dlcli.training.device import training_device
from dlcli.training.log import TrainLog
from dlcli.training.loop import LossTerms
from dlcli.training.plan import EpochEnd, Plan, Schedule
from dlcli.training.style.any_recipe import SHEET, any_plan
from dlcli.training.style.card import painting_card
from dlcli.training.style.options import StyleTraining
from dlcli.training.style.samples import Batch, StyleBatches, StyleSamples, card_styles, read_photographs, read_styles

LAYOUT = 8  # pixels of the squares whose mean color should stay
DECAY, WARMUP, SHOWN = 0.995, 50, 3


def plan(options: StyleTraining, log: TrainLog, saved: Mapping[str, Any] | None) -> Plan:
    """The training of a style model: one long epoch, whose last weights are kept, since nothing measures them.

    RUN/sheet.png comes with them. See fit.train.
    """
    check_options(options)
    if options.styles is not None:
        return any_plan(options, log)
    names, images = read_styles(options.style or [], options.style_size)
    styles = [to_image(pixels) for pixels in images]
    samples = StyleSamples(read_photographs(options.data), styles, options.size, options.batch, options.seed)
    loss = StyleModelLoss(options, styles)
    net = StyleNetwork(len(styles)).to(memory_format=torch.channels_last)
    return Plan(
        card=style_card(options, names, images, samples),
        net=net,
        groups=[{"params": list(net.parameters()), "lr": options.lr, "peak_lr": options.lr, "weight_decay": 0.0}],
        loss=loss,
        batches=StyleBatches(samples, options.steps),
        schedule=Schedule.by_engine(options, epochs=1, warmup=WARMUP, clip=0.0, ema=DECAY),
        set_training=net.train,
        hooks=(losses_hook(log), sheet_hook(options, samples)),
        data={"labels": names, "images": [str(source.place) for source in samples.photographs]},
        opening=f"{len(samples.photographs)} photographs, {len(names)} styles: {', '.join(names)}",
        last_line=lambda _: (
            f"{options.out / SHEET}: look at it; next: dlcli export {options.out} --half-weights, then "
            f"dlcli style-transfer IMAGE --style {names[0]} --model {options.out} --out DIR"
        ),
        title="painting",
    )


def check_options(options: StyleTraining) -> None:
    """UsageError: not one of --style and --styles, or a size that the network cannot halve twice."""
    if options.size % 4:
        raise UsageError(f"--size {options.size}: expected a multiple of 4")
    if bool(options.style) == (options.styles is not None):
        raise UsageError(
            "--style, --styles: give one of them: --style IMAGE for each style that the model should know, or --styles "
            "FOLDER with hundreds of paintings for a model of any style"
        )


class StyleModelLoss:
    """Of a painted batch: content and layout against the recolored photographs, the style, smoothness."""

    def __init__(self, options: StyleTraining, styles: list[Tensor]):
        device = training_device(options.device)
        self.options, self.features, self.count = options, load_features(FeatureNet.LITE).to(device), len(styles)
        with torch.no_grad():
            self.wanted = [[gram(f) for f in self.features.of(style.to(device))] for style in styles]

    def __call__(self, net: nn.Module, batch: Batch) -> LossTerms:
        """The four terms, each with its weight."""
        options, target = self.options, batch.contents
        with torch.no_grad():
            kept = self.features.of(target)
        painted = net(target * 255, torch.eye(self.count, device=target.device)[list(batch.styles)]) / 255
        found = self.features.of(painted)
        wanted = [torch.cat([self.wanted[i][layer] for i in batch.styles]) for layer in range(len(found))]
        layers = self.features.content_layers
        squares = F.avg_pool2d(painted, LAYOUT) - F.avg_pool2d(target, LAYOUT)
        return {
            "content": options.content_weight * content_loss([found[i] for i in layers], [kept[i] for i in layers]),
            "style": options.style_weight * style_loss(found, wanted),
            "variation": options.variation_weight * variation_loss(painted),
            "layout": options.layout_weight * squares.square().mean(),
        }


def style_card(options: StyleTraining, names: list[str], images: list[np.ndarray], samples: StyleSamples) -> ModelCard:
    """With the colors of each style, which the shipped predictor gives to images first."""
    decoding, counted = {"styles": card_styles(names, images)}, {"images": len(samples.photographs)}
    return painting_card(options, decoding, counted, ("steps", "batch", "size", "style_size", "lr", "seed"))


def losses_hook(log: TrainLog) -> Callable[[EpochEnd], None]:
    """The mean of each loss over all steps, in the log."""

    def say(end: EpochEnd) -> None:
        losses = [f"{name} {value:.4f}" for name, value in end.row.items() if name != "epoch"]
        log.say("mean losses, weighted: " + "  ".join(losses))

    return say


def sheet_hook(options: StyleTraining, samples: StyleSamples) -> Callable[[EpochEnd], None]:
    """RUN/sheet.png."""

    def write(end: EpochEnd) -> None:
        write_image(options.out / SHEET, sheet(end.net, samples))

    return write


def shown(samples: StyleSamples) -> list[np.ndarray]:
    """Some crops as the network takes them, float32 [1, 3, S, S] of 0 to 255."""
    return [(samples.draw(step).contents[:1] * 255).contiguous().numpy() for step in range(SHOWN)]


def sheet(net: nn.Module, samples: StyleSamples) -> np.ndarray:
    """uint8: a row for each style, the painting and what the network makes of some crops."""
    rows, side, device = [], samples.size, next(net.parameters()).device
    for number, style in enumerate(samples.styles):
        row = [F.interpolate(style, (side, side), mode="area")]
        with torch.inference_mode():
            row += [
                net(torch.from_numpy(crop).to(device), torch.eye(len(samples.styles), device=device)[number][None])
                / 255
                for crop in shown(samples)
            ]
        rows.append(np.hstack([to_pixels(image) for image in row]))
    return np.vstack(rows)
