"""`dlcli train style-transfer`: from photographs and paintings to a painter of one pass."""

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from rich.console import Console
from torch import Tensor

from dlcli import __version__
from dlcli.card import ModelCard
from dlcli.errors import UsageError
from dlcli.imaging.writer import write_image
from dlcli.models.run_folder import BEST
from dlcli.nets.style_network import StyleNetwork
from dlcli.nets.weights import save_weights
from dlcli.runtime.allocator import keep_freed_memory
from dlcli.runtime.threads import default_threads
from dlcli.signals import StopRequest, listen
from dlcli.style.features import gram
from dlcli.style.losses import content_loss, style_loss, variation_loss
from dlcli.tasks.style_transfer.optimize import load_features, to_image, to_pixels
from dlcli.tasks.style_transfer.options import FeatureNet
from dlcli.training.checkpoint import load_checkpoint, save_checkpoint
from dlcli.training.config import card_name, write_config
from dlcli.training.folder_lock import locked_folder
from dlcli.training.log import TrainingReport
from dlcli.training.loop import Every, LossTerms, TrainingState, train_epoch
from dlcli.training.optim import average_of
from dlcli.training.resume import plain
from dlcli.training.style.options import StyleTraining
from dlcli.training.style.samples import Batch, StyleSamples, card_styles, read_photographs, read_styles

SHEET = "sheet.png"
LAYOUT = 8  # pixels of the squares whose mean color should stay
DECAY, WARMUP, SHOWN = 0.995, 50, 3
FREE = {"resume", "quiet", "threads", "checkpoint_minutes", "out"}  # may change in a run that goes on


class PainterLoss:
    """Of a painted batch: content and layout against the recolored photographs, the style, smoothness."""

    def __init__(self, options: StyleTraining, styles: list[Tensor]):
        self.options, self.features, self.count = options, load_features(FeatureNet.LITE), len(styles)
        with torch.no_grad():
            self.wanted = [[gram(f) for f in self.features.of(style)] for style in styles]

    def __call__(self, net: torch.nn.Module, batch: Batch) -> LossTerms:
        """The four terms, each with its weight."""
        options, target = self.options, batch.contents
        with torch.no_grad():
            kept = self.features.of(target)
        painted = net(target * 255, torch.eye(self.count)[list(batch.styles)]) / 255
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


def train_style(options: StyleTraining, console: Console) -> None:
    """Train, or go on; RUN holds last.pt, and at the end best.safetensors, config.json and sheet.png.

    UsageError for options that do not fit, DataError for bad images; DlcliError where a loss is no longer a number.
    """
    if options.size % 4:
        raise UsageError(f"--size {options.size}: expected a multiple of 4")
    with locked_folder(options):
        _train(options, TrainingReport(console, options.quiet))


def _train(options: StyleTraining, report: TrainingReport) -> None:
    check_same_options(options)
    keep_freed_memory()
    torch.set_num_threads(options.threads or default_threads())
    torch.manual_seed(options.seed)
    names, images = read_styles(options.style, options.style_size)
    styles = [to_image(pixels) for pixels in images]
    samples = StyleSamples(read_photographs(options.data), styles, options.size, options.batch, options.seed)
    report.say(f"{len(samples.photographs)} photographs, {len(names)} styles: {', '.join(names)}")
    with listen() as stop:
        net = learn(options, samples, PainterLoss(options, styles), report, stop)
    card = painter_card(options, names, images, samples)
    save_weights(options.out / BEST, net, card=card)
    write_config(options, card)
    write_image(options.out / SHEET, sheet(net, samples))
    report.say(
        f"{options.out / SHEET}: look at it; next: dlcli export {options.out} --half-weights, then "
        f"dlcli style-transfer IMAGE --style {names[0]} --model {options.out} --out DIR"
    )


def learn(
    options: StyleTraining, samples: StyleSamples, loss: PainterLoss, report: TrainingReport, stop: StopRequest
) -> StyleNetwork:
    """The averaged network after all steps, those of the checkpoint included."""
    net = StyleNetwork(len(samples.styles)).to(memory_format=torch.channels_last)
    adam = torch.optim.Adam([{"params": list(net.parameters()), "lr": options.lr, "peak_lr": options.lr}])
    warmup = min(WARMUP, options.steps // 4)
    state = TrainingState(net, average_of(net, DECAY), adam, options.steps, warmup, 0.0)
    if options.resume:
        state.restore(load_checkpoint(options.out))
    clock = Every(options.checkpoint_minutes)

    def save() -> None:
        save_checkpoint(options.out, state.to_dict() | {"config": plain(options)})

    def batches() -> Iterator[Batch]:
        for step in range(state.total, options.steps):
            yield samples.draw(step)

    with report.bar("painting", options.steps, state.total) as bar:

        def after_step() -> None:
            bar.step(" ".join(f"{name} {value:.3f}" for name, value in state.means().items()))
            if stop.signal or clock.due():
                save()
            stop.raise_if_any(f"stopped after step {state.total}; go on with --resume")

        train_epoch(state, batches(), loss, after_step)
    save()
    report.say("mean losses, weighted: " + "  ".join(f"{name} {value:.4f}" for name, value in state.means().items()))
    painter = state.ema.module
    assert isinstance(painter, StyleNetwork)
    return painter


def check_same_options(options: StyleTraining) -> None:
    """UsageError: --resume with other options."""
    before = load_checkpoint(options.out)["config"] if options.resume else plain(options)
    for name, value in plain(options).items():
        if name not in FREE and before.get(name) != value:
            raise UsageError(f"--resume: --{name.replace('_', '-')} was {before.get(name)}, now {value}; give the same")


def painter_card(
    options: StyleTraining, names: list[str], images: list[np.ndarray], samples: StyleSamples
) -> ModelCard:
    facts = {"data": options.data.resolve().name, "images": len(samples.photographs), "dlcli": __version__}
    facts |= {name: plain(options)[name] for name in ("steps", "batch", "size", "style_size", "lr", "seed")}
    return ModelCard(
        name=card_name(options.out.name),
        task="style-transfer",
        labels=(),
        input=(options.size, options.size),
        mean=(0, 0, 0),
        std=(1, 1, 1),
        decoding={"styles": card_styles(names, images)},
        training=facts,
    )


def shown(samples: StyleSamples) -> list[np.ndarray]:
    """Some crops as the network takes them, float32 [1, 3, S, S] of 0 to 255."""
    return [(samples.draw(step).contents[:1] * 255).contiguous().numpy() for step in range(SHOWN)]


def sheet(net: StyleNetwork, samples: StyleSamples) -> np.ndarray:
    """uint8: a row for each style, the painting and what the network makes of some crops."""
    rows, side = [], samples.size
    for number, style in enumerate(samples.styles):
        row = [F.interpolate(style, (side, side), mode="area")]
        with torch.inference_mode():
            row += [
                net(torch.from_numpy(crop), torch.eye(len(samples.styles))[number][None]) / 255
                for crop in shown(samples)
            ]
        rows.append(np.hstack([to_pixels(image) for image in row]))
    return np.vstack(rows)
